package gitlabsim_test

import (
	"fmt"
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

	linkedSettings = "/projects/1/error_tracking/settings"
	newSettings    = "/projects/2/error_tracking/settings"

	sentryURL = "https://sentry.example.com/api/0/projects/a/b/"
	link      = `"project_name":"B","sentry_external_url":"https://sentry.example.com/a/b/",` +
		`"api_url":"https://sentry.example.com/api/0/projects/a/b/"`

	neverConfigured = `404 {"message":"404 Error Tracking Setting Not Found"}`
	projectNotFound = `404 {"message":"404 Project Not Found"}`
	groupNotFound   = `404 {"message":"404 Group Not Found"}`
	noSuchRoute     = `404 {"error":"404 Not Found"}`
	unauthorized    = `401 {"message":"401 Unauthorized"}`
	expired         = `401 {"error":"invalid_token","error_description":"Token is expired. …"}`
	forbidden       = `403 {"message":"403 Forbidden"}`
	accepted        = `202 {"message":"202 Accepted"}`
)

// gitlab is a simulated GitLab that is asked with a token.
type gitlab struct {
	*gitlabsim.Server
	url, api string
	client   *http.Client
	token    string
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
	for token, role := range map[string]gitlabsim.Role{
		"stranger": gitlabsim.NoAccess, "guest": gitlabsim.Guest, "developer": gitlabsim.Developer,
		"maintainer": gitlabsim.Maintainer, "owner": gitlabsim.Owner, "admin": gitlabsim.Owner,
	} {
		sim.AddToken(token, gitlabsim.Token{Role: role, Scopes: []string{"api"}, Admin: token == "admin"})
	}
	listener := httptest.NewUnstartedServer(sim)
	listen(listener)
	t.Cleanup(listener.Close)
	client := listener.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &gitlab{sim, listener.URL, listener.URL + config.Root + "/api/v4", client, "maintainer"}
}

// as asks with another token.
func (g gitlab) as(token string) *gitlab {
	g.token = token
	return &g
}

// request makes a request of a line such as `PATCH /projects/1 {"path":"new"}`.
// The path follows /api/v4, unless it is a whole URL.
func (g *gitlab) request(t *testing.T, line string) *http.Request {
	t.Helper()
	method, rest, _ := strings.Cut(line, " ")
	url, body, _ := strings.Cut(rest, " ")
	if strings.HasPrefix(url, "/") {
		url = g.api + url
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Private-Token": {g.token}}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

type answer struct {
	status int
	header http.Header
	body   string
}

// send returns what it could read even if it returns an error.
func (g *gitlab) send(r *http.Request) (answer, error) {
	resp, err := g.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body)}, err
}

// says sends the request of a line, and compares the answer.
func (g *gitlab) says(t *testing.T, line, want string) answer {
	t.Helper()
	return g.answers(t, g.request(t, line), want)
}

func (g *gitlab) answers(t *testing.T, r *http.Request, want string) answer {
	t.Helper()
	got, err := g.send(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	expect(t, r.Method+" "+r.URL.RequestURI(), got, want)
	return got
}

// expect compares an answer with "STATUS BODY", in which … stands for anything,
// and its type with that of JSON if it is JSON.
func expect(t *testing.T, asked string, got answer, want string) {
	t.Helper()
	said := fmt.Sprintf("%d %s", got.status, got.body)
	if pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*"); !regexp.MustCompile("(?s)^" + pattern + "$").MatchString(said) {
		t.Errorf("%s:\ngot  %s\nwant %s", asked, said, want)
	}
	if strings.HasPrefix(got.body, "{") || strings.HasPrefix(got.body, "[") {
		expectHeader(t, got, "Content-Type", "application/json")
	}
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

func TestPathsOfTheWebUIRedirectToSignIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ root, path string }{
		"the start page":                         {"", "/"},
		"a project's page":                       {"", "/g/linked/-/settings/operations"},
		"the API without its version":            {"", "/api/projects/1"},
		"an older API":                           {"", "/api/v3/projects/1"},
		"a base URL that names a page":           {"", "/g/linked/api/v4/projects/1"},
		"a page under a relative URL root":       {"/gitlab", "/gitlab/g/linked"},
		"the API without its relative root":      {"/gitlab", "/api/v4/projects/1"},
		"the API under another root":             {"/gitlab", "/other/api/v4/projects/1"},
		"the API under a root that GitLab lacks": {"", "/gitlab/api/v4/projects/1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{Root: test.root})
			target := g.url + test.root + "/users/sign_in"
			got := g.says(t, "GET "+g.url+test.path, `302 <html><body>You are being <a href="`+target+`">redirected</a>.</body></html>`)
			expectHeader(t, got, "Location", target)
			expectHeader(t, got, "Content-Type", "text/html; charset=utf-8")
		})
	}
}

func TestAnAdministratorTurnsTheFeatureFlagOnAndOff(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.SetSettings(newID, &gitlabsim.Settings{Active: true, Integrated: true})
	const flag = "POST /features/integrated_error_tracking"
	g.says(t, flag+` {"value":true}`, forbidden)
	for _, on := range []bool{true, false} {
		state := map[bool]string{true: "on", false: "off"}[on]
		g.as("admin").says(t, fmt.Sprintf(`%s {"value":%t}`, flag, on), `201 {"name":"integrated_error_tracking","state":"`+state+`"}`)
		g.says(t, "GET "+newSettings, fmt.Sprintf(`200 {"active":true,…,"integrated":%t}`, on))
		g.says(t, "PUT "+linkedSettings+` {"active":true,"integrated":true}`, map[bool]string{true: "200 …", false: `404 {"message":"404 Not Found"}`}[on])
	}
	g.as("admin").says(t, flag, `400 {"error":"value is missing"}`)
	g.as("admin").says(t, "POST /features/other?value=1", `400 {"message":"400 Bad request - Unable to find feature flag with name \"other\"."}`)
}
