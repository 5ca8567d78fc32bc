package main

import (
	"bufio"
	"context"
	"fmt"
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
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-listen", "127.0.0.1:0", "-token", "secret"}, writer)
		writer.Close()
	}()
	var said strings.Builder
	for scanner := bufio.NewScanner(reader); scanner.Scan(); said.WriteString(scanner.Text() + "\n") {
		if _, base, found := strings.Cut(scanner.Text(), "GITLAB_BASE_URL="); found {
			go func() {
				if resp, err := http.Get(base + "/api/v4/user"); err == nil {
					resp.Body.Close()
				}
			}()
		} else if strings.Contains(scanner.Text(), "GET") {
			interrupt()
		}
	}
	for _, want := range []string{"with 46 projects", "GITLAB_TOKEN=secret\n", "Ctrl-C", "\n401 GET /user\n"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &said)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("interrupted: %v", err)
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
		gitlab, logged := simulated(t, strings.Fields(test.args)...)
		got := get(t, gitlab, test.project)
		line := got[:4] + "GET /projects/" + test.project + "/error_tracking/settings\n"
		if !regexp.MustCompile(test.want).MatchString(got) || logged.String() != line {
			t.Errorf("%s: got %s for project %s, want %s; logged %q, want %q", test.args, got, test.project, test.want, logged, line)
		}
	}
}

func TestItHasTheProjectsOfThePages(t *testing.T) {
	t.Parallel()
	gitlab, _ := simulated(t)
	used := 0
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
				used++
				got := get(t, gitlab, url.PathEscape(path[1]))
				if !strings.HasPrefix(got, "200 ") && path[1] != "acme/store" { // a name that acme/shop is given there
					t.Errorf("%s names %s: got %s", page, path[1], got)
				}
			}
		}
	}
	if used < 5 {
		t.Errorf("the pages name only %d projects", used)
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

// simulated is the GitLab that the arguments describe, with its log.
func simulated(t *testing.T, args ...string) (http.Handler, *strings.Builder) {
	t.Helper()
	options, err := parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	logged := &strings.Builder{}
	return options.gitlab(log.New(logged, "", 0)), logged
}

// get returns status and body.
func get(t *testing.T, gitlab http.Handler, project string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v4/projects/"+project+"/error_tracking/settings", nil)
	r.Header.Set("PRIVATE-TOKEN", "glpat-simulated")
	w := httptest.NewRecorder()
	gitlab.ServeHTTP(w, r)
	return fmt.Sprint(w.Code, " ", w.Body)
}
