package gitlabsim_test

import (
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestTheURLOfAProjectHasTheRelativeRoot(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Root: "/gitlab"})
	got, err := g.tryOutsideAPI(t.Context(), request{method: "GET", path: "/projects/1"}, "/gitlab/api/v4")
	if err != nil {
		t.Fatal(err)
	}
	if want := `"web_url":"` + g.url + `/gitlab/g/linked"`; !strings.Contains(got.body, want) {
		t.Errorf("no %s in %s", want, got.body)
	}
}

func TestGETOnTheOldPathOfAMovedProjectRedirects(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, root, path, location string }{
		{"the settings", "", "/projects/g%2Flinked/error_tracking/settings", "/projects/1/error_tracking/settings"},
		{"the project", "", "/projects/g%2Flinked", "/projects/1"},
		{"an old path in another case", "", "/projects/G%2FLINKED", "/projects/1"},
		{"an even older path", "", "/projects/older%2Flinked", "/projects/1"},
		{"the query stays as it is", "", "/projects/g%2Flinked?z=%7E&a=1&a=2", "/projects/1?z=%7E&a=1&a=2"},
		{"what looks like an extension is added to the id", "", "/projects/acme%2Fweb.example.io", "/projects/1.io"},
		{"and the query follows it", "", "/projects/acme%2Fweb.example.io?a=1", "/projects/1.io?a=1"},
		{"the settings have no extension", "", "/projects/acme%2Fweb.example.io/error_tracking/settings", "/projects/1/error_tracking/settings"},
		{"a group's dot is no extension", "", "/projects/acme.io%2Fweb", "/projects/1"},
		{"a trailing slash is left out", "", "/projects/g%2Flinked/", "/projects/1"},
		{"under a relative URL root", "/gitlab", "/projects/g%2Flinked", "/projects/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{Root: test.root})
			move(g, "older/linked", "g/linked", "acme/web.example.io", "acme.io/web", "acme/renamed")
			got, err := g.tryOutsideAPI(t.Context(), request{method: "GET", path: test.path}, test.root+"/api/v4")
			if err != nil {
				t.Fatal(err)
			}
			target := g.url + test.root + "/api/v4" + test.location
			expect(t, got, 301, "This resource has been moved permanently to "+target)
			expectHeader(t, got, "Location", target)
			expectHeader(t, got, "Content-Type", "")
		})
	}
}

func TestTheRedirectNamesTheSchemeOfTheRequest(t *testing.T) {
	t.Parallel()
	g := startHTTP2(t, gitlabsim.Config{})
	move(g, "acme/renamed")
	got := g.ask(t, request{method: "GET", path: "/projects/g%2Flinked"})
	expectHeader(t, got, "Location", g.url+"/api/v4/projects/1")
}

func move(g *gitlab, paths ...string) {
	for _, path := range paths {
		g.MoveProject(linkedID, path)
	}
}

func TestProjectsComeAndGo(t *testing.T) {
	t.Parallel()
	t.Run("a removed project is 404 by id, path and old path", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		move(g, "acme/renamed")
		g.RemoveProject(linkedID)
		for _, reference := range []string{"1", "acme%2Frenamed", "g%2Flinked"} {
			got := g.ask(t, request{method: "GET", path: "/projects/" + reference + "/error_tracking/settings"})
			expectJSON(t, got, 404, projectNotFound)
		}
	})
	t.Run("a project of the same id replaces the first", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		g.AddProject(gitlabsim.Project{ID: linkedID, Path: "g/other"})
		expectJSON(t, g.ask(t, request{method: "GET", path: linkedSettings}), 404, neverConfigured)
		expectJSON(t, g.ask(t, request{method: "GET", path: "/projects/g%2Flinked"}), 404, projectNotFound)
	})
	t.Run("moving a project that does not exist does nothing", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		g.MoveProject(9, "g/ninth")
		expectJSON(t, g.ask(t, request{method: "GET", path: "/projects/g%2Fninth"}), 404, projectNotFound)
	})
}
