package acceptance_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheTestsForARealGitLab runs what "make testacc" runs, against a simulated
// GitLab in a process of its own: the tests know only its URL and a token.
func TestTheTestsForARealGitLab(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		flag, namespace string
		runs, runsNot   string
	}{
		"in a group": {"on", "acme", "/a_client_key", "/the_integrated_backend_is_missing"},
		"in the user's namespace, with the flag off": {"off", "", "/the_integrated_backend_is_missing", "/a_client_key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startProcess(t, c.flag)
			before := g.everything(t)
			cmd := exec.CommandContext(t.Context(), "go", "test", "-tags=testacc", "-count=1", "-v", "-run=^TestRealGitLab", ".")
			for _, variable := range os.Environ() {
				if !strings.HasPrefix(variable, "GITLAB_") {
					cmd.Env = append(cmd.Env, variable)
				}
			}
			cmd.Env = append(cmd.Env, "TF_ACC=1", "GITLAB_BASE_URL="+g.url, "GITLAB_TOKEN="+g.token, "GITLAB_TEST_NAMESPACE="+c.namespace)
			output, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(output), "--- PASS: TestRealGitLab"+c.runs) || strings.Contains(string(output), c.runsNot) {
				t.Errorf("%v\n%s", err, output)
			}
			if after := g.everything(t); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

// separateGitLab is a simulated GitLab with four projects in another process.
type separateGitLab struct{ url, token string }

func startProcess(t *testing.T, flag string) *separateGitLab {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gitlabsim.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../gitlabsim/cmd/gitlabsim")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building gitlabsim: %v\n%s", err, output)
	}
	g := &separateGitLab{token: "glpat-separate"}
	cmd := exec.CommandContext(t.Context(), path, "-listen=127.0.0.1:0", "-projects=4", "-flag="+flag, "-token="+g.token)
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	for g.url == "" && lines.Scan() {
		_, g.url, _ = strings.Cut(lines.Text(), "GITLAB_BASE_URL=")
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, said)
	}()
	t.Cleanup(func() {
		// The context has ended, which ends the process.
		<-drained
		_ = cmd.Wait()
	})
	if g.url == "" {
		t.Fatal("gitlabsim says no URL")
	}
	return g
}

// everything returns what the API shows of all projects.
func (g *separateGitLab) everything(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	paths := []string{"/projects"}
	for id := range 4 {
		paths = append(paths, fmt.Sprintf("/projects/%d/error_tracking/settings", id+1))
	}
	for _, path := range paths {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.url+"/api/v4"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("PRIVATE-TOKEN", g.token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&all, path, resp.StatusCode, string(body))
	}
	return all.String()
}
