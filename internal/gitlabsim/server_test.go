package gitlabsim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// The projects that every simulated GitLab of these tests starts with.
const (
	linkedID = 1 // g/linked, active, with a Sentry link
	newID    = 2 // g/new, without settings
)

const (
	linkedSettings = "/projects/1/error_tracking/settings"
	newSettings    = "/projects/2/error_tracking/settings"

	sentryURL = "https://sentry.example.com/api/0/projects/a/b/"
	link      = `"project_name":"B","sentry_external_url":"https://sentry.example.com/a/b/",` +
		`"api_url":"https://sentry.example.com/api/0/projects/a/b/"`
	noLink = `"project_name":null,"sentry_external_url":null,"api_url":null`
)

type gitlab struct {
	*gitlabsim.Server
	url    string
	client *http.Client
}

func start(t *testing.T, config gitlabsim.Config) *gitlab {
	t.Helper()
	return serve(t, config, (*httptest.Server).Start)
}

func startHTTP2(t *testing.T, config gitlabsim.Config) *gitlab {
	t.Helper()
	return serve(t, config, func(listener *httptest.Server) {
		listener.EnableHTTP2 = true
		listener.StartTLS()
	})
}

func serve(t *testing.T, config gitlabsim.Config, listen func(*httptest.Server)) *gitlab {
	t.Helper()
	sim := gitlabsim.New(config)
	sim.AddProject(gitlabsim.Project{ID: linkedID, Path: "g/linked", Settings: gitlabsim.SentryLink(sentryURL)})
	sim.AddProject(gitlabsim.Project{ID: newID, Path: "g/new"})
	sim.AddToken("maintainer", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})

	listener := httptest.NewUnstartedServer(sim)
	listen(listener)
	t.Cleanup(listener.Close)
	client := listener.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &gitlab{sim, listener.URL, client}
}

// request is sent with the token "maintainer" if header is nil, and as JSON if
// contentType is empty.
type request struct {
	method      string
	path        string
	contentType string
	body        string
	header      http.Header
}

type answer struct {
	status int
	proto  int
	header http.Header
	body   string
}

func (g *gitlab) ask(t *testing.T, r request) answer {
	t.Helper()
	got, err := g.try(t.Context(), r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	return got
}

// try returns what it could read even if it returns an error.
func (g *gitlab) try(ctx context.Context, r request) (answer, error) {
	return g.tryOutsideAPI(ctx, r, "/api/v4")
}

func (g *gitlab) tryOutsideAPI(ctx context.Context, r request, base string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, g.url+base+r.path, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	req.Header = http.Header{"Private-Token": {"maintainer"}}
	if r.header != nil {
		req.Header = r.header.Clone()
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.ProtoMajor, resp.Header, string(body)}, err
}

func expect(t *testing.T, got answer, status int, body string) {
	t.Helper()
	if got.status != status || got.body != body {
		t.Errorf("got  %d %s\nwant %d %s", got.status, got.body, status, body)
	}
}

func expectJSON(t *testing.T, got answer, status int, body string) {
	t.Helper()
	expect(t, got, status, body)
	expectHeader(t, got, "Content-Type", "application/json")
}

func expectHeader(t *testing.T, got answer, name, want string) {
	t.Helper()
	if value := got.header.Get(name); value != want {
		t.Errorf("%s: got %q, want %q", name, value, want)
	}
}

func wait(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: still not after 10 s", what)
	}
}

func TestEveryAnswerCarriesARequestIDOfItsOwn(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddFault(gitlabsim.Fault{Path: "/projects/503", Effect: gitlabsim.JSON(503, "{}")})
	g.AddFault(gitlabsim.Fault{Path: "/projects/429", Effect: gitlabsim.Throttle(time.Second)})

	anonymous := http.Header{}
	seen := map[string]bool{}
	for _, r := range []request{
		{method: "GET", path: "/projects/1"},
		{method: "GET", path: "/projects/1"},
		{method: "GET", path: "/projects/9"},
		{method: "GET", path: "/projects/1", header: anonymous},
		{method: "GET", path: "/version"},
		{method: "PATCH", path: linkedSettings},
		{method: "DELETE", path: linkedSettings},
		{method: "GET", path: "/projects/503"},
		{method: "GET", path: "/projects/429"},
	} {
		id := g.ask(t, r).header.Get("X-Request-Id")
		if !regexp.MustCompile(`^[0-9A-Z]{26}$`).MatchString(id) || seen[id] {
			t.Errorf("%s %s: X-Request-Id %q", r.method, r.path, id)
		}
		seen[id] = true
	}
}

func TestPathsOfTheWebUIRedirectToSignIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ root, path, signIn string }{
		"the start page":                         {"", "/", "/users/sign_in"},
		"a project's page":                       {"", "/g/linked/-/settings/operations", "/users/sign_in"},
		"the API without its version":            {"", "/api/projects/1", "/users/sign_in"},
		"an older API":                           {"", "/api/v3/projects/1", "/users/sign_in"},
		"a base URL that names a page":           {"", "/g/linked/api/v4/projects/1", "/users/sign_in"},
		"a page under a relative URL root":       {"/gitlab", "/gitlab/g/linked", "/gitlab/users/sign_in"},
		"the API without its relative root":      {"/gitlab", "/api/v4/projects/1", "/gitlab/users/sign_in"},
		"the API under another root":             {"/gitlab", "/other/api/v4/projects/1", "/gitlab/users/sign_in"},
		"the API under a root that GitLab lacks": {"", "/gitlab/api/v4/projects/1", "/users/sign_in"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{Root: test.root})
			got, err := g.tryOutsideAPI(t.Context(), request{method: "GET", path: test.path}, "")
			if err != nil {
				t.Fatal(err)
			}
			target := g.url + test.signIn
			expect(t, got, 302, `<html><body>You are being <a href="`+target+`">redirected</a>.</body></html>`)
			expectHeader(t, got, "Location", target)
			expectHeader(t, got, "Content-Type", "text/html; charset=utf-8")
		})
	}
}
