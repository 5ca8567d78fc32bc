package acceptance_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTheTestsForARealGitLab runs what "make testacc" runs, against a simulated
// GitLab in a process of its own: the tests know only its URL and a token. What
// they record is replayed against the simulator.
func TestTheTestsForARealGitLab(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program := func(name string, arguments ...string) string {
		path := filepath.Join(folder, name+".exe")
		build := exec.CommandContext(t.Context(), "go", slices.Insert(arguments, len(arguments)-1, "-o", path)...)
		if output, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", name, err, output)
		}
		return path
	}
	simulator := program("gitlabsim", "build", "../gitlabsim/cmd/gitlabsim")
	tests := program("testacc", "test", "-c", "-tags=testacc", ".")
	replay := program("replay", "test", "-c", "../gitlabsim")
	t.Run("against", func(t *testing.T) {
		for name, c := range map[string]struct{ flag, version, namespace, mayTurn, runs, runsNot string }{
			"by an administrator, in a group":                              {"true", "19.1", "acme", "yes", "with_the_flag_turned/the_integrated_backend_is_missing", "archives no groups"},
			"an older one, in the user's own namespace, with the flag off": {"false", "17.11", "", "", "as_it_is/the_integrated_backend_is_missing", "/a_client_key"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g := startProcess(t, simulator, "-flag="+c.flag, "-version="+c.version, fmt.Sprintf("-admin=%t", c.mayTurn != ""))
				before, answers := g.everything(t), t.TempDir()
				output, err := runTests(t, ".", tests, "^TestRealGitLab", "TF_ACC=1", "GITLAB_BASE_URL="+g.url, "GITLAB_TOKEN="+g.token,
					"GITLAB_TEST_NAMESPACE="+c.namespace, "GITLAB_TEST_FLAG="+c.mayTurn, "GITLAB_TEST_ANSWERS="+answers)
				if err != nil || !strings.Contains(output, "--- PASS: TestRealGitLab/"+c.runs) || strings.Contains(output, c.runsNot) {
					t.Errorf("%v\n%s", err, output)
				}
				if after := g.everything(t); after != before {
					t.Errorf("before\n%s\nafter\n%s", before, after)
				}
				recorded := filepath.Join(answers, "gitlab-answers-"+c.version+".0.json")
				output, err = runTests(t, "../gitlabsim", replay, "^TestItAnswersAsGitLabsOwnCodeDid$/"+filepath.Base(recorded), "GITLAB_ANSWERS="+recorded)
				if err != nil || strings.Count(output, "        --- PASS: ") < 30 {
					t.Errorf("%v\n%s", err, output)
				}
			})
		}
	})
}

// runTests runs tests that are compiled, without the variables that this process
// has for a GitLab.
func runTests(t *testing.T, folder, path, run string, variables ...string) (output string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, "-test.v", "-test.run="+run)
	cmd.Dir = folder
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "GITLAB_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, variables...)
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// separateGitLab is a simulated GitLab with four projects in another process.
type separateGitLab struct{ url, token string }

func startProcess(t *testing.T, path string, flags ...string) *separateGitLab {
	t.Helper()
	g := &separateGitLab{token: "glpat-separate"}
	cmd := exec.CommandContext(t.Context(), path, append(flags, "-listen=127.0.0.1:0", "-projects=4", "-token="+g.token)...)
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
