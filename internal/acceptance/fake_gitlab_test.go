package acceptance_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	maintainerToken = "glpat-maintainer"
	readToken       = "glpat-reads-only"
	developerToken  = "glpat-developer"

	sentryURL = "https://sentry.example.com/api/0/projects/acme/web/"
)

// fakeGitLab is a simulated GitLab on a port of this machine.
type fakeGitLab struct {
	sim *gitlabsim.Server
	url string
	// real makes all workspaces run the real command.
	real bool
}

// really is for stories that are worth the real command: it returns the GitLab.
func (g *fakeGitLab) really() *fakeGitLab {
	g.real = true
	return g
}

// newGitLab starts a GitLab with the integrated backend on, these projects, and
// three tokens.
func newGitLab(t *testing.T, projects ...gitlabsim.Project) *fakeGitLab {
	t.Helper()
	return newGitLabAs(t, gitlabsim.Config{IntegratedErrorTracking: true}, projects...)
}

func newGitLabAs(t *testing.T, config gitlabsim.Config, projects ...gitlabsim.Project) *fakeGitLab {
	t.Helper()
	sim := gitlabsim.New(config)
	sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	sim.AddToken(readToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"read_api"}})
	sim.AddToken(developerToken, gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}})
	for _, p := range projects {
		sim.AddProject(p)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(func() {
		server.CloseClientConnections() // a request that hangs must not keep the test
		server.Close()
	})
	return &fakeGitLab{sim: sim, url: server.URL + config.Root}
}

// begunAs is begun on another GitLab: the zero Config has the flag off.
func begunAs(t *testing.T, config gitlabsim.Config, body string, projects ...gitlabsim.Project) (*fakeGitLab, *workspace) {
	t.Helper()
	g := newGitLabAs(t, config, projects...)
	return g, g.newWorkspace(t, g.config(body))
}

// block is a provider block for this GitLab.
func (g *fakeGitLab) block(token string) string {
	return fmt.Sprintf("provider \"errortracking\" {\n  base_url = %q\n  token = %q\n  retries = 0\n}\n", g.url, token)
}

// config is a configuration for a maintainer.
func (g *fakeGitLab) config(body string) string { return g.block(maintainerToken) + body }

// requests returns the requests that reached GitLab, as text.
func (g *fakeGitLab) requests() []string {
	var texts []string
	for _, r := range g.sim.Requests() {
		texts = append(texts, r.String())
	}
	return texts
}

// has fails the test unless GitLab has stored these settings.
func (g *fakeGitLab) has(t *testing.T, id int64, want gitlabsim.Settings) {
	t.Helper()
	if got, ok := g.sim.Settings(id); !ok || got != want {
		t.Errorf("GitLab has %+v (%t) for project %d, want %+v", got, ok, id, want)
	}
}

// persistent is a configuration for a maintainer with the default retries.
func (g *fakeGitLab) persistent(body string) string {
	return strings.Replace(g.config(body), "  retries = 0\n", "", 1)
}

// hasKeys fails the test unless GitLab has exactly these keys of project 1.
func (g *fakeGitLab) hasKeys(t *testing.T, want ...int64) {
	t.Helper()
	var got []int64
	for _, key := range g.sim.ClientKeys(1) {
		got = append(got, key.ID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("GitLab has the keys %v, want %v", got, want)
	}
}
