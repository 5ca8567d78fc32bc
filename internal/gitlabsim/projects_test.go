package gitlabsim_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestGETOnTheOldPathOfAMovedProjectRedirects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start                func(*testing.T, gitlabsim.Config) *gitlab
		root, path, location string
	}{
		"an even older path":                            {start, "", "/projects/older%2Flinked", "/projects/1"},
		"what looks like an extension follows the id":   {start, "", "/projects/acme%2Fweb.example.io", "/projects/1.io"},
		"and the query follows it":                      {start, "", "/projects/acme%2Fweb.example.io?a=1", "/projects/1.io?a=1"},
		"the settings have no extension":                {start, "", "/projects/acme%2Fweb.example.io/error_tracking/settings", "/projects/1/error_tracking/settings"},
		"a group's dot is no extension":                 {start, "", "/projects/acme.io%2Fweb", "/projects/1"},
		"a trailing slash is left out":                  {start, "", "/projects/g%2Flinked/", "/projects/1"},
		"under a relative URL root":                     {start, "/gitlab", "/projects/g%2Flinked", "/projects/1"},
		"the scheme is the request's, over TLS as well": {startHTTP2, "", "/projects/g%2Flinked", "/projects/1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := test.start(t, gitlabsim.Config{Root: test.root})
			for _, path := range []string{"older/linked", "g/linked", "acme/web.example.io", "acme.io/web", "acme/renamed"} {
				g.MoveProject(linkedID, path)
			}
			target := g.api + test.location
			got := g.says(t, "GET "+test.path, "301 This resource has been moved permanently to "+target)
			expectHeader(t, got, "Location", target)
			expectHeader(t, got, "Content-Type", "")
			g.says(t, "GET /projects/1", `200 {"id":1,…"web_url":"`+strings.TrimSuffix(g.api, "/api/v4")+`/acme/renamed"}`)
		})
	}
}

func TestProjectsComeAndGo(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddProject(gitlabsim.Project{ID: newID, Path: "g/other"}) // in place of the other with this id
	g.says(t, "GET /projects/g%2Fnew", projectNotFound)
	g.says(t, "GET /projects/g%2Fother", `200 {"id":2,…`)
	g.MoveProject(9, "g/ninth") // which does not exist
	g.MoveProject(linkedID, "acme/renamed")
	g.RemoveProject(linkedID)
	for _, reference := range []string{"9", "g%2Fninth", "1", "acme%2Frenamed", "g%2Flinked"} {
		g.says(t, "GET /projects/"+reference, projectNotFound)
	}
}

func TestAProjectIsCreated(t *testing.T) {
	t.Parallel()
	const taken = `400 {"message":{"name":["has already been taken"],"path":["has already been taken"],"project_namespace.name":["has already been taken"]}}`
	const noNamespace = `400 {"message":{"namespace":["is not valid"]}}`
	for name, test := range map[string]struct{ token, body, want string }{
		"for the user":                       {"maintainer", `{"path":"fresh"}`, "201 simulated/fresh"},
		"in a group":                         {"developer", `{"path":"fresh","namespace_id":7}`, "201 g/fresh"},
		"named by its name alone":            {"maintainer", `{"name":"fresh","namespace_id":7}`, "201 g/fresh"},
		"at the old path of a moved project": {"maintainer", `{"path":"linked","namespace_id":7}`, "201 g/linked"},
		"but not without a name":             {"maintainer", `{"description":"x"}`, `400 {"error":"name, path are missing, at least one parameter must be provided"}`},
		"nor in a group that does not exist": {"maintainer", `{"path":"fresh","namespace_id":9}`, noNamespace},
		"nor by a guest":                     {"guest", `{"path":"fresh","namespace_id":7}`, noNamespace},
		"nor at a path that is taken":        {"maintainer", `{"path":"MOVED","namespace_id":7}`, taken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddGroup(gitlabsim.Group{ID: 7, Path: "g"})
			g.MoveProject(linkedID, "g/moved")
			if path, made := strings.CutPrefix(test.want, "201 "); made {
				test.want = `201 {"id":3,…"path_with_namespace":"` + path + `","created_at":"2…`
			}
			g.as(test.token).says(t, "POST /projects "+test.body, test.want)
		})
	}
}

func TestAProjectIsRenamedByItsMaintainerAndArchivedByItsOwner(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	const rename = `PUT /projects/1 {"path":"renamed"}`
	for range 2 { // the second changes nothing
		g.says(t, rename, `200 …"path_with_namespace":"g/renamed",…`)
	}
	expectHeader(t, g.says(t, "GET /projects/g%2Flinked", "301 …"), "Location", g.api+"/projects/1")
	g.says(t, `PUT /projects/1 {"path":"new"}`, `400 …"path":["has already been taken"]…`)
	g.as("developer").says(t, rename, forbidden)
	g.says(t, "PUT /projects", noSuchRoute)

	g.says(t, "POST /projects/1/archive", forbidden)
	g.as("owner").says(t, "POST /projects/1/archive", `201 {"id":1,…`)
	g.lists(t, "/groups/g/projects?archived=true", "g/renamed")
}

func TestAProjectIsDeletedByItsOwner(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.says(t, "DELETE /projects/1", forbidden)
	g.says(t, `POST /projects {"path":"mine"}`, `201 {"id":3,…`)
	g.says(t, "GET /projects/3/error_tracking/settings", neverConfigured)
	g.AddToken("other", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	g.as("other").says(t, "DELETE /projects/3", forbidden)
	g.says(t, "DELETE /projects/3", accepted)
	g.says(t, "GET /projects/3", `200 …"path_with_namespace":"simulated/mine-deletion_scheduled-3",…"marked_for_deletion_on":"20…`)
	g.says(t, "DELETE /projects/3?permanently_remove=true", accepted)
	g.says(t, "GET /projects/3", projectNotFound)
	g.says(t, `POST /projects {"path":"mine"}`, `201 {"id":4,…`)
}

func TestProjectsAreListed(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.says(t, `POST /projects {"path":"linked-too","description":"Throwaway"}`, `201 {"id":3,"description":"Throwaway",…`)
	for query, want := range map[string]string{
		"":                               "simulated/linked-too g/new g/linked",
		"?sort=asc&per_page=2":           "g/linked g/new",
		"?search=Linked&membership=true": "simulated/linked-too g/linked",
		"?search=nothing":                "",
	} {
		g.lists(t, "/projects"+query, want)
	}
	g.as("stranger").lists(t, "/projects", "")
}

// lists compares the paths of the projects in a list.
func (g *gitlab) lists(t *testing.T, path, want string) {
	t.Helper()
	got := g.says(t, "GET "+path, "200 […]")
	var paths []string
	for _, match := range regexp.MustCompile(`"path_with_namespace":"([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
		paths = append(paths, match[1])
	}
	if found := strings.Join(paths, " "); found != want {
		t.Errorf("%s: got %s, want %s", path, found, want)
	}
}
