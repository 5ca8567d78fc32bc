package gitlabsim_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestProjectsOfAGroup(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{}) // which has g/linked (1) and g/new (2)
	g.AddProject(gitlabsim.Project{ID: 3, Path: "g/sub/app"})
	g.AddProject(gitlabsim.Project{ID: 4, Path: "g/old", Archived: true})
	g.AddProject(gitlabsim.Project{ID: 5, Path: "group/other"})
	g.AddGroup(gitlabsim.Group{ID: 77, Path: "g"})
	g.AddGroup(gitlabsim.Group{ID: 78, Path: "empty"})
	for id, path := range map[int64]string{10: "doomed/app", 11: "doomed/deep/er", 12: "kept/app", 13: "kept/old/app", 15: "simulated/own", 16: "former/app", 17: "former/sub/app", 18: "removed/app"} {
		g.AddProject(gitlabsim.Project{ID: id, Path: path})
	}
	g.AddProject(gitlabsim.Project{ID: 14, Path: "kept/going", MarkedForDeletion: true})
	g.AddGroup(gitlabsim.Group{ID: 80, Path: "doomed", MarkedForDeletion: true})
	g.AddGroup(gitlabsim.Group{ID: 81, Path: "kept/old", Archived: true})
	g.AddGroup(gitlabsim.Group{ID: 82, Path: "former"})
	g.MoveGroup(82, "new")
	g.AddGroup(gitlabsim.Group{ID: 83, Path: "removed"})
	g.RemoveGroup(83)
	g.AddToken("stranger", gitlabsim.Token{Scopes: []string{"api"}})
	g.AddToken("invited", gitlabsim.Token{Roles: map[int64]gitlabsim.Role{2: gitlabsim.Guest}, Scopes: []string{"read_api"}})

	for _, test := range []struct {
		name, path, token string
		status            int
		paths             []string
	}{
		{"the newest first, and none of subgroups, by default", "/groups/g/projects", "maintainer", 200, []string{"g/old", "g/new", "g/linked"}},
		{"by id, from the oldest, with subgroups, without archived ones", "/groups/g/projects?include_subgroups=true&archived=false&order_by=id&sort=asc&simple=true", "maintainer", 200, []string{"g/linked", "g/new", "g/sub/app"}},
		{"archived ones alone", "/groups/g/projects?archived=true", "maintainer", 200, []string{"g/old"}},
		{"a group by its id", "/groups/77/projects?include_subgroups=true&archived=false&sort=asc", "maintainer", 200, []string{"g/linked", "g/new", "g/sub/app"}},
		{"a group in another case", "/groups/G/projects?archived=false", "maintainer", 200, []string{"g/new", "g/linked"}},
		{"a subgroup", "/groups/g%2Fsub/projects", "maintainer", 200, []string{"g/sub/app"}},
		{"a group without projects", "/groups/empty/projects", "maintainer", 200, nil},
		{"only those that the token can see", "/groups/g/projects", "invited", 200, []string{"g/new"}},
		{"a group marked for deletion hides what is below it from active=true", "/groups/doomed/projects?active=true", "maintainer", 200, nil},
		{"and not from archived=false", "/groups/doomed/projects?archived=false&include_subgroups=true", "maintainer", 200, []string{"doomed/deep/er", "doomed/app"}},
		{"nor do a group's and a project's own flags", "/groups/kept/projects?include_subgroups=true&archived=false&sort=asc", "maintainer", 200, []string{"kept/app", "kept/old/app", "kept/going"}},
		{"which active=true looks at", "/groups/kept/projects?include_subgroups=true&active=true", "maintainer", 200, []string{"kept/app"}},
		{"and active=false, the other way round", "/groups/kept/projects?include_subgroups=true&active=false&sort=asc", "maintainer", 200, []string{"kept/old/app", "kept/going"}},
		{"a user's namespace is no group", "/groups/simulated/projects", "maintainer", 404, nil},
		{"a renamed group, at its new path", "/groups/new/projects?include_subgroups=true&sort=asc", "maintainer", 200, []string{"new/app", "new/sub/app"}},
		{"and not at its former one", "/groups/former/projects", "maintainer", 404, nil},
		{"nor a subgroup of it", "/groups/former%2Fsub/projects", "maintainer", 404, nil},
		{"a group that was removed", "/groups/removed/projects", "maintainer", 404, nil},
		{"a page of them", "/groups/g/projects?per_page=1&page=2", "maintainer", 200, []string{"g/new"}},
		{"no such group", "/groups/none/projects", "maintainer", 404, nil},
		{"no group of that id", "/groups/79/projects", "maintainer", 404, nil},
		{"a group out of the token's sight", "/groups/g/projects", "stranger", 404, nil},
		{"no token", "/groups/g/projects", "", 401, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := g.ask(t, request{method: http.MethodGet, path: test.path, header: http.Header{"Private-Token": {test.token}}})
			if got.status != test.status {
				t.Fatalf("got %d %s, want %d", got.status, got.body, test.status)
			}
			var paths []string
			for _, match := range regexp.MustCompile(`"path_with_namespace":"([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
				paths = append(paths, match[1])
			}
			if !slices.Equal(paths, test.paths) {
				t.Errorf("got %v, want %v", paths, test.paths)
			}
			if test.status == http.StatusNotFound && got.body != `{"message":"404 Group Not Found"}` {
				t.Errorf("got %s", got.body)
			}
			if test.status == http.StatusOK && test.paths == nil && got.body != "[]" {
				t.Errorf("got %s, want []", got.body)
			}
		})
	}
	expectJSON(t, g.ask(t, request{method: http.MethodPost, path: "/groups/g/projects"}), 404, noSuchRoute)
}

func TestAGroup(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
	g.AddGroup(gitlabsim.Group{ID: 8, Path: "acme/Sub"})
	get := func(reference string) answer {
		return g.ask(t, request{method: http.MethodGet, path: "/groups/" + reference + "?with_projects=false"})
	}
	const sub = `{"id":8,"name":"Sub","path":"Sub","full_path":"acme/Sub","parent_id":7}`
	expectJSON(t, get("7"), 200, `{"id":7,"name":"acme","path":"acme","full_path":"acme","parent_id":null}`)
	expectJSON(t, get("acme%2Fsub"), 200, sub)
	g.AddProject(gitlabsim.Project{ID: 5, Path: "own/app"}) // whose group comes into being
	expectJSON(t, get("own"), 200, `{"id":1004,"name":"own","path":"own","full_path":"own","parent_id":null}`)
	g.MoveGroup(7, "apex")
	expectJSON(t, get("8"), 200, strings.Replace(sub, "acme/", "apex/", 1))
	for _, none := range []string{"acme", "9", "simulated", "acme%2Fsub"} {
		expectJSON(t, get(none), 404, `{"message":"404 Group Not Found"}`)
	}
}

func TestBeforeGitLab18_9AListOfProjectsIgnoresActive(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Version: "18.8"})
	g.AddProject(gitlabsim.Project{ID: 3, Path: "acme/app", MarkedForDeletion: true})
	if got := g.ask(t, request{method: http.MethodGet, path: "/groups/acme/projects?active=true"}); !strings.Contains(got.body, "acme/app") {
		t.Errorf("got %s", got.body)
	}
}
