package gitlabsim_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestProjectsOfAGroup(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{}) // which has g/linked (1) and g/new (2)
	for id, path := range map[int64]string{
		3: "g/sub/app", 5: "group/other", 10: "doomed/app", 11: "doomed/deep/er", 12: "kept/app", 13: "kept/old/app",
		16: "former/app", 17: "former/sub/app", 18: "removed/app",
	} {
		g.AddProject(gitlabsim.Project{ID: id, Path: path})
	}
	g.AddProject(gitlabsim.Project{ID: 4, Path: "g/old", Archived: true})
	g.AddProject(gitlabsim.Project{ID: 14, Path: "kept/going", MarkedForDeletion: true})
	for _, group := range []gitlabsim.Group{
		{ID: 77, Path: "g"}, {ID: 78, Path: "empty"}, {ID: 80, Path: "doomed", MarkedForDeletion: true},
		{ID: 81, Path: "kept/old", Archived: true}, {ID: 82, Path: "former"}, {ID: 83, Path: "removed"},
	} {
		g.AddGroup(group)
	}
	g.MoveGroup(82, "new")
	g.RemoveGroup(83)
	g.AddToken("invited", gitlabsim.Token{Roles: map[int64]gitlabsim.Role{2: gitlabsim.Guest}, Scopes: []string{"read_api"}})

	for name, test := range map[string]struct{ path, want string }{
		"the newest first, and none of subgroups, by default":           {"/groups/g/projects", "g/old g/new g/linked"},
		"by id, from the oldest, with subgroups, without archived ones": {"/groups/g/projects?include_subgroups=true&archived=false&order_by=id&sort=asc&simple=true", "g/linked g/new g/sub/app"},
		"archived ones alone":      {"/groups/g/projects?archived=true", "g/old"},
		"a group by its id":        {"/groups/77/projects?archived=false&sort=asc", "g/linked g/new"},
		"a group in another case":  {"/groups/G/projects?archived=false", "g/new g/linked"},
		"a subgroup":               {"/groups/g%2Fsub/projects", "g/sub/app"},
		"a group without projects": {"/groups/empty/projects", ""},
		"a page of them":           {"/groups/g/projects?per_page=1&page=2", "g/new"},
		"a group marked for deletion hides what is below it from active": {"/groups/doomed/projects?active=true", ""},
		"and not from archived=false":                                    {"/groups/doomed/projects?archived=false&include_subgroups=true", "doomed/deep/er doomed/app"},
		"nor do a group's and a project's own flags":                     {"/groups/kept/projects?include_subgroups=true&archived=false&sort=asc", "kept/app kept/old/app kept/going"},
		"which active=true looks at":                                     {"/groups/kept/projects?include_subgroups=true&active=true", "kept/app"},
		"and active=false, the other way round":                          {"/groups/kept/projects?include_subgroups=true&active=false&sort=asc", "kept/old/app kept/going"},
		"a renamed group, at its new path":                               {"/groups/new/projects?include_subgroups=true&sort=asc", "new/app new/sub/app"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g.lists(t, test.path, test.want)
		})
	}
	g.as("invited").lists(t, "/groups/g/projects", "g/new")
	g.as("stranger").says(t, "GET /groups/g/projects", groupNotFound)
	for _, gone := range []string{"former", "former%2Fsub", "removed", "79"} {
		g.says(t, "GET /groups/"+gone+"/projects", groupNotFound)
	}
	g.says(t, "POST /groups/g/projects", noSuchRoute)
}

func TestAGroupAndItsNamespace(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
	g.AddGroup(gitlabsim.Group{ID: 8, Path: "acme/Sub"})
	const top, sub = `{"id":7,"name":"acme","path":"acme","full_path":"acme","parent_id":null}`, `{"id":8,"name":"Sub","path":"Sub","full_path":"acme/Sub","parent_id":7}`
	for reference, want := range map[string]string{"7": top, "Acme": top, "8": sub, "acme%2Fsub": sub} {
		g.says(t, "GET /groups/"+reference+"?with_projects=false", "200 "+want)
		g.says(t, "GET /namespaces/"+reference, "200 "+strings.Replace(want, `"full_path"`, `"kind":"group","full_path"`, 1))
	}
	g.AddProject(gitlabsim.Project{ID: 5, Path: "own/app"}) // whose group comes into being
	g.says(t, "GET /groups/own", `200 {"id":1004,"name":"own","path":"own","full_path":"own","parent_id":null}`)
	g.MoveGroup(7, "apex")
	g.says(t, "GET /groups/8", "200 "+strings.Replace(sub, "acme/", "apex/", 1))
	for _, none := range []string{"acme", "9", "sub", "acme%2Fsub"} {
		g.says(t, "GET /groups/"+none, groupNotFound)
		g.says(t, "GET /namespaces/"+none, `404 {"message":"404 Namespace Not Found"}`)
	}
	g.says(t, "GET /groups/simulated", groupNotFound) // a user's namespace is no group
	g.as("stranger").says(t, "GET /namespaces/apex", `404 {"message":"404 Namespace Not Found"}`)
}

func TestAGroupIsCreatedArchivedAndDeleted(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
	const create = `POST /groups {"name":"sub","path":"sub","parent_id":7}`
	made := g.says(t, create, `201 …"full_path":"acme/sub","parent_id":7}`)
	g.as("developer").says(t, create, forbidden)
	g.says(t, create, `400 {"message":"Failed to save group {:path=\u003e[\"has already been taken\"]}"}`)
	g.says(t, `POST /groups {"path":"sub","parent_id":9}`, groupNotFound)

	g.AddProject(gitlabsim.Project{ID: 3, Path: "acme/sub/app"})
	group := "/groups/" + regexp.MustCompile(`\d+`).FindString(made.body)
	for _, step := range []struct{ asked, want string }{{"POST " + group + "/archive", "201 …"}, {"DELETE " + group, accepted}} {
		g.as("developer").says(t, step.asked, forbidden)
		g.says(t, step.asked, step.want)
		g.lists(t, group+"/projects?active=true", "")
		g.lists(t, group+"/projects?archived=false", "acme/sub/app")
	}
	g.says(t, "DELETE "+group+"?permanently_remove=true", accepted)
	g.says(t, "GET "+group, groupNotFound)
	g.says(t, "GET /projects/3", projectNotFound)
}

func TestBeforeGitLab18NothingIsOnlyMarkedAndBefore18_9ListsIgnoreActive(t *testing.T) {
	t.Parallel()
	newer, older := start(t, gitlabsim.Config{Version: "18.8"}), start(t, gitlabsim.Config{Version: "17.11"}).as("owner")
	newer.AddProject(gitlabsim.Project{ID: 3, Path: "acme/app", MarkedForDeletion: true})
	newer.lists(t, "/groups/acme/projects?active=true", "acme/app")
	older.says(t, "GET /version", `200 {"revision":"simulated","version":"17.11.0"}`)
	older.says(t, "POST /groups/g/archive", noSuchRoute)
	// The group goes last: its projects go with it.
	for _, deleted := range [][2]string{{"/projects/1", projectNotFound}, {"/groups/g", groupNotFound}} {
		older.says(t, "DELETE "+deleted[0], accepted)
		older.says(t, "GET "+deleted[0], deleted[1])
	}
}
