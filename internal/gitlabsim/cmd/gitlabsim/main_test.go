package main

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestItServesUntilItIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	reader, writer := io.Pipe()
	ended, answer := make(chan error, 1), make(chan string, 1)
	go func() {
		ended <- run(ctx, []string{"-listen", "127.0.0.1:0", "-token", "secret"}, writer)
		writer.Close()
	}()
	var said strings.Builder
	for scanner := bufio.NewScanner(reader); scanner.Scan(); said.WriteString(scanner.Text() + "\n") {
		if _, base, found := strings.Cut(scanner.Text(), "GITLAB_BASE_URL="); found {
			go func() { answer <- get(t, base, "2", "secret") }()
		} else if strings.Contains(scanner.Text(), "GET") {
			interrupt()
		}
	}
	for _, want := range []string{"with 46 projects", "GITLAB_TOKEN=secret\n", "Ctrl-C", "\n200 GET /projects/2/error_tracking/settings\n"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &said)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if got := <-answer; !strings.HasPrefix(got, "200 ") {
		t.Errorf("got %s", got)
	}
}

func TestTheOptionsReachGitLab(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, project, want string }{
		{"-projects 4", "acme%2Fp1", `^404 `},
		{"-projects 4", "acme%2Fp2", `^200 {"active":true,"project_name":"P2"`},
		{"-projects 4", "3", `^200 {"active":false,"project_name":"P3"`},
		{"-projects 4", "4", `^200 {"active":true,"project_name":null,.*"integrated":true}$`},
		{"-projects 4", "acme%2Fshop", `^200 {"active":false,"project_name":"Shop"`},
		{"-projects 4", "11", `^404 {"message":"404 Project Not Found"}$`},
		{"-token other", "4", "^401 "},
		{"-flag=false", "4", `"integrated":false}$`},
		{"-version 14.1", "4", `"api_url":null}$`},
	} {
		server, logged := serve(t, strings.Fields(test.args)...)
		got := get(t, server.URL, test.project, "glpat-simulated")
		if server.Close(); !regexp.MustCompile(test.want).MatchString(got) {
			t.Errorf("%s: got %s for project %s, want %s", test.args, got, test.project, test.want)
		}
		if want := got[:4] + "GET /projects/" + test.project + "/error_tracking/settings\n"; logged.String() != want {
			t.Errorf("the log says %q, want %q", logged, want)
		}
	}
}

func TestItHasTheProjectsOfThePages(t *testing.T) {
	t.Parallel()
	server, _ := serve(t)
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
		if got := get(t, server.URL, url.PathEscape(path), "glpat-simulated"); !strings.HasPrefix(got, "200 ") {
			t.Errorf("%s: got %s", path, got)
		}
	}
}

func TestWrongArgumentsAreErrors(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, args := range [][]string{
		{"-flag=maybe"}, {"-version", "new"}, {"-projects", "many"}, {"-port", "1"}, {"acme"}, {"-h"},
		{"-listen", "nowhere"}, {"-listen", taken.Addr().String()},
	} {
		// If an argument is accepted, serving ends with the context.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}

// serve serves the GitLab that the arguments describe. Its log can be read once
// the server is closed.
func serve(t *testing.T, args ...string) (*httptest.Server, *strings.Builder) {
	t.Helper()
	options, err := parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	logged := &strings.Builder{}
	server := httptest.NewServer(options.gitlab(log.New(logged, "", 0)))
	t.Cleanup(server.Close)
	return server, logged
}

// get returns status and body.
func get(t *testing.T, base, project, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v4/projects/"+project+"/error_tracking/settings", nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("PRIVATE-TOKEN", token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return resp.Status[:4] + string(body)
}
