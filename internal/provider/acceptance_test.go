package provider_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
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
	t.Cleanup(server.Close)
	return &fakeGitLab{sim, server.URL + config.Root}
}

// linked returns projects 1 to n, active with Sentry.
func linked(n int64) []gitlabsim.Project {
	var projects []gitlabsim.Project
	for id := range n {
		projects = append(projects, gitlabsim.Project{ID: id + 1, Path: fmt.Sprintf("acme/p%d", id+1), Settings: gitlabsim.SentryLink(sentryURL)})
	}
	return projects
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

// wrote is a state check that exactly these requests, GETs aside, have reached
// GitLab since the last such check.
func (g *fakeGitLab) wrote(want ...string) statecheck.StateCheck {
	return writesCheck{g, want}
}

type writesCheck struct {
	gitlab *fakeGitLab
	want   []string
}

func (c writesCheck) CheckState(_ context.Context, _ statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c.gitlab.checkWrites(c.want...)
}

func (g *fakeGitLab) checkWrites(want ...string) error {
	var got []string
	for _, r := range g.sim.Forget() {
		if r.Method != "GET" {
			got = append(got, r.String())
		}
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("GitLab got the writes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return nil
}

// has fails the test unless GitLab has stored these settings.
func (g *fakeGitLab) has(t *testing.T, id int64, want gitlabsim.Settings) {
	t.Helper()
	if got, ok := g.sim.Settings(id); !ok || got != want {
		t.Errorf("GitLab has %+v (%t) for project %d, want %+v", got, ok, id, want)
	}
}

// settings writes a resource block named "test".
func settings(project string, arguments ...string) string {
	return settingsNamed("test", project, arguments...)
}

func settingsNamed(name, project string, arguments ...string) string {
	return fmt.Sprintf("resource \"errortracking_settings\" %q {\n  project = %q\n  %s\n}\n",
		name, project, strings.Join(arguments, "\n  "))
}

// counted manages projects 1 to n with one resource.
func counted(n int, arguments ...string) string {
	return fmt.Sprintf("resource \"errortracking_settings\" \"test\" {\n  count = %d\n  project = count.index + 1\n  %s\n}\n", n, strings.Join(arguments, "\n  "))
}

// factories returns the provider, served from within the test.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"errortracking": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test"), nil },
	}
}

// accept runs steps with the provider in this process.
func accept(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

// words matches the phrases in this order, wherever Terraform breaks lines.
func words(phrases ...string) *regexp.Regexp {
	parts := make([]string, len(phrases))
	for i, phrase := range phrases {
		fields := strings.Fields(phrase)
		for j, field := range fields {
			fields[j] = regexp.QuoteMeta(field)
		}
		parts[i] = strings.Join(fields, `[\s│]+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(parts, ".*"))
}
