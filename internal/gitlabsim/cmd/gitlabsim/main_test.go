package main

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestItServesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	base, lines, stop := start(t, "-projects", "4", "-token", "secret")
	for project, want := range map[string]string{
		"acme%2Fp1":   "404 ",
		"acme%2Fp2":   `200 {"active":true,"project_name":"P2"`,
		"3":           `200 {"active":false,"project_name":"P3"`,
		"4":           `200 {"active":true,"project_name":null`,
		"acme%2Fshop": `200 {"active":false,"project_name":"Shop"`,
		"11":          `404 {"message":"404 Project Not Found"}`,
	} {
		if got := get(t, base, project, "secret"); !strings.HasPrefix(got, want) {
			t.Errorf("project %s: got %s, want %s…", project, got, want)
		}
		if got, want := <-lines, " GET /projects/"+project+"/error_tracking/settings"; !strings.HasSuffix(got, want) {
			t.Errorf("the log says %q, want …%q", got, want)
		}
	}
	if got := get(t, base, "2", "other"); !strings.HasPrefix(got, "401 ") {
		t.Errorf("another token: got %s", got)
	}
	if err := stop(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

func TestItHasTheProjectsOfThePages(t *testing.T) {
	t.Parallel()
	base, _, _ := start(t)
	used := map[string]bool{}
	for _, pattern := range []string{"README.md", "docs/*.md", "docs/*/*.md", "examples/*/*.tf", "examples/*/*/*.tf"} {
		pages, err := filepath.Glob(filepath.Join("../../../..", pattern))
		if err != nil || pages == nil {
			t.Fatalf("%s: found %v, %v", pattern, pages, err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range regexp.MustCompile(`"(acme(?:/[a-z-]+)+)"`).FindAllStringSubmatch(string(text), -1) {
				used[path[1]] = true
			}
		}
	}
	delete(used, "acme/store") // a name that acme/shop is given there
	if len(used) < 5 {
		t.Errorf("the pages use only %v", used)
	}
	for path := range used {
		if got := get(t, base, url.PathEscape(path), "glpat-simulated"); !strings.HasPrefix(got, "200 ") {
			t.Errorf("%s: got %s", path, got)
		}
	}
}

func TestRequestsAtTheSameTimeAreLoggedAsAnswered(t *testing.T) {
	t.Parallel()
	const n = 50
	base, lines, _ := start(t)
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() { get(t, base, "2", "glpat-simulated") })
	}
	wait.Wait()
	for range n {
		if got := <-lines; got != "200 GET /projects/2/error_tracking/settings" {
			t.Errorf("the log says %q", got)
		}
	}
}

func TestTheOptionsReachGitLab(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"the integrated backend is shown", nil, `"integrated":true}`},
		{"it is hidden while the flag is off", []string{"-flag=false"}, `"integrated":false}`},
		{"an old GitLab does not know it", []string{"-version", "14.1"}, `"api_url":null}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			base, _, _ := start(t, test.args...)
			if got := get(t, base, "4", "glpat-simulated"); !strings.HasSuffix(got, test.want) {
				t.Errorf("got %s, want …%s", got, test.want)
			}
		})
	}
}

func TestWrongArgumentsAreErrors(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-flag=maybe"}, {"-version", "new"}, {"-projects", "many"}, {"-port", "1"}, {"acme"}, {"-h"},
		{"-listen", "nowhere"},
	} {
		// If an argument is accepted, serving ends with the context.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

func TestATakenPortIsAnError(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := run(t.Context(), []string{"-listen", listener.Addr().String()}, io.Discard); err == nil {
		t.Error("no error")
	}
}

// start returns the base URL that the command prints, the lines of its log, and
// a function that interrupts it and returns its error.
func start(t *testing.T, args ...string) (base string, lines <-chan string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), writer)
		writer.Close()
	}()
	scanner := bufio.NewScanner(reader)
	for scanner.Scan() && !strings.Contains(scanner.Text(), "Ctrl-C") {
		if _, url, found := strings.Cut(scanner.Text(), "GITLAB_BASE_URL="); found {
			base = url
		}
	}
	if base == "" {
		t.Fatalf("no base URL is printed: %v", <-ended)
	}
	log := make(chan string, 100)
	go func() {
		defer close(log)
		for scanner.Scan() {
			if scanner.Text() != "" {
				log <- scanner.Text()
			}
		}
	}()
	t.Cleanup(cancel)
	return base, log, func() error { cancel(); return <-ended }
}

// get returns status and body.
func get(t *testing.T, base, project, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v4/projects/"+project+"/error_tracking/settings", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("PRIVATE-TOKEN", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Status[:4] + string(body)
}
