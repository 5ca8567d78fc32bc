package gitlabsim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAProjectIsFound(t *testing.T) {
	t.Parallel()
	for name, reference := range map[string]string{
		"by its numeric id":                 "11",
		"by its encoded path":               "acme%2Fsub%2Fp11",
		"by its path in capitals":           "ACME%2FSUB%2FP11",
		"by its path in mixed case":         "Acme%2fsub%2fP11",
		"by its path with a letter encoded": "acme%2Fsub%2F%7011",
		"by its id, with a trailing slash":  "11/",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddProject(gitlabsim.Project{ID: 11, Path: "acme/sub/p11"})
			got := g.ask(t, request{method: "GET", path: "/projects/" + reference})
			expectJSON(t, got, 200, `{"id":11,"description":null,"name":"p11","path":"p11",`+
				`"path_with_namespace":"acme/sub/p11","created_at":"0001-01-01T00:00:00Z","web_url":"`+g.url+`/acme/sub/p11"}`)
		})
	}
}

func TestAProjectIsNotFound(t *testing.T) {
	t.Parallel()
	for name, reference := range map[string]string{
		"by an id that no project has":  "9",
		"by a path that no project has": "g%2Fnone",
		"by its path without its group": "linked",
		"by its group":                  "g",
		"by an id of zero":              "0",
		"by a negative id":              "-1",
		"by a path encoded twice":       "g%252Flinked",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			for _, path := range []string{"", "/error_tracking/settings"} {
				got := g.ask(t, request{method: "GET", path: "/projects/" + reference + path})
				expectJSON(t, got, 404, projectNotFound)
			}
		})
	}
}

func TestTheSettingsOfAProjectAreFoundByPathInAnyCase(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	path := "/projects/G%2FLinked/error_tracking/settings"
	expectJSON(t, g.ask(t, request{method: "GET", path: path}), 200, shown(true, link, false))
	got := g.ask(t, request{method: "PATCH", path: path, body: `{"active":false}`})
	expectJSON(t, got, 200, shown(false, link, false))
}

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

func TestAProjectHasNoOtherMethods(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "PATCH"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			got := start(t, gitlabsim.Config{}).ask(t, request{method: method, path: "/projects/1"})
			expectJSON(t, got, 404, noSuchRoute)
		})
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

func TestOtherMethodsOnTheOldPathAre405(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"PATCH", "PUT"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
			move(g, "acme/renamed")
			got := g.ask(t, request{
				method: method, path: "/projects/g%2Flinked/error_tracking/settings",
				body: `{"active":false,"integrated":false}`,
			})
			expectJSON(t, got, 405, `{"message":"Non GET methods are not allowed for moved projects"}`)
			expectHeader(t, got, "Location", "")
			if stored, _ := g.Settings(linkedID); stored != *linked(true, false) {
				t.Errorf("GitLab has stored %+v", stored)
			}
		})
	}
}

func TestNoProjectIsFoundWhereARedirectWithAnExtensionLeads(t *testing.T) {
	t.Parallel()
	got := start(t, gitlabsim.Config{}).ask(t, request{method: "GET", path: "/projects/1.io"})
	expectJSON(t, got, 404, projectNotFound)
}

func TestTheRedirectNamesTheSchemeOfTheRequest(t *testing.T) {
	t.Parallel()
	g := startHTTP2(t, gitlabsim.Config{})
	move(g, "acme/renamed")
	got := g.ask(t, request{method: "GET", path: "/projects/g%2Flinked"})
	expectHeader(t, got, "Location", g.url+"/api/v4/projects/1")
}

func TestTheRedirectLeadsToTheSettings(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	move(g, "acme/renamed")
	g.client.CheckRedirect = nil
	got := g.ask(t, request{method: "GET", path: "/projects/g%2Flinked/error_tracking/settings"})
	expectJSON(t, got, 200, shown(true, link, false))
}

func TestAMovedProjectIsFound(t *testing.T) {
	t.Parallel()
	t.Run("at its id and at its new path, for writes too", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		move(g, "acme/renamed")
		for _, path := range []string{linkedSettings, "/projects/acme%2Frenamed/error_tracking/settings"} {
			expectJSON(t, g.ask(t, request{method: "GET", path: path}), 200, shown(true, link, false))
			got := g.ask(t, request{method: "PATCH", path: path, body: `{"active":true}`})
			expectJSON(t, got, 200, shown(true, link, false))
		}
	})
	t.Run("at its first path once it has moved back", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		move(g, "acme/renamed", "g/linked")
		path := "/projects/g%2Flinked/error_tracking/settings"
		expectJSON(t, g.ask(t, request{method: "GET", path: path}), 200, shown(true, link, false))
	})
	t.Run("no longer at an old path that another project has taken", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		move(g, "acme/renamed")
		g.AddProject(gitlabsim.Project{ID: 3, Path: "g/linked"})
		path := "/projects/g%2Flinked/error_tracking/settings"
		expectJSON(t, g.ask(t, request{method: "GET", path: path}), 404, neverConfigured)
		g.RemoveProject(3)
		expectJSON(t, g.ask(t, request{method: "GET", path: path}), 404, projectNotFound)
	})
	t.Run("not by a token that cannot see it", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		g.AddToken("stranger", gitlabsim.Token{Scopes: []string{"api"}})
		move(g, "acme/renamed")
		for _, method := range []string{"GET", "PATCH"} {
			got := g.ask(t, request{
				method: method, path: "/projects/g%2Flinked/error_tracking/settings", header: privateToken("stranger"),
			})
			expectJSON(t, got, 404, projectNotFound)
		}
	})
	t.Run("not without a token", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		move(g, "acme/renamed")
		got := g.ask(t, request{method: "GET", path: "/projects/g%2Flinked", header: http.Header{}})
		expectJSON(t, got, 401, unauthorized)
	})
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
