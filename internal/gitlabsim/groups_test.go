package gitlabsim_test

import (
	"net/http"
	"regexp"
	"slices"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestProjectsOfAGroup(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{}) // which has g/linked (1) and g/new (2)
	g.AddProject(gitlabsim.Project{ID: 3, Path: "g/sub/app"})
	g.AddProject(gitlabsim.Project{ID: 4, Path: "g/old", Archived: true})
	g.AddProject(gitlabsim.Project{ID: 5, Path: "group/other"})
	g.AddGroup(77, "g")
	g.AddGroup(78, "empty")
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
