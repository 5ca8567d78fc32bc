package gitlabsim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestTheUserOfAToken(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	expectJSON(t, g.ask(t, request{method: "GET", path: "/user"}), 200,
		`{"id":1,"username":"simulated","name":"Simulated User","state":"active","web_url":"`+g.url+`/simulated"}`)
	for _, path := range []string{"/user", "/namespaces/g", "/projects"} {
		expectJSON(t, g.ask(t, request{method: "GET", path: path, header: http.Header{}}), 401, unauthorized)
	}
}

func TestANamespaceIsFound(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddGroup(gitlabsim.Group{ID: 7, Path: "g"})
	g.AddGroup(gitlabsim.Group{ID: 8, Path: "g/sub"})
	g.AddToken("stranger", gitlabsim.Token{Scopes: []string{"api"}})
	const notFound = `{"message":"404 Namespace Not Found"}`
	top := `{"id":7,"name":"g","path":"g","kind":"group","full_path":"g","parent_id":null}`
	sub := `{"id":8,"name":"sub","path":"sub","kind":"group","full_path":"g/sub","parent_id":7}`
	for reference, want := range map[string]string{"7": top, "G": top, "8": sub, "g%2Fsub": sub} {
		expectJSON(t, g.ask(t, request{method: "GET", path: "/namespaces/" + reference}), 200, want)
	}
	expectJSON(t, g.ask(t, request{method: "GET", path: "/namespaces/sub"}), 404, notFound)
	expectJSON(t, g.ask(t, request{method: "GET", path: "/namespaces/g", header: privateToken("stranger")}), 404, notFound)
}

func TestAProjectIsCreated(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, want string }{
		{"for the user", `{"path":"new"}`, "simulated/new"},
		{"in a group", `{"path":"fresh","namespace_id":7}`, "g/fresh"},
		{"named by its name alone", `{"name":"fresh","namespace_id":7}`, "g/fresh"},
		{"at the old path of a moved project", `{"path":"linked","namespace_id":7}`, "g/linked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddGroup(gitlabsim.Group{ID: 7, Path: "g"})
			move(g, "g/moved")
			before := time.Now()
			got := g.ask(t, request{method: "POST", path: "/projects", body: test.body})
			p := readProject(t, got, 201)
			if p.ID != newID+1 || p.Path != test.want || p.CreatedAt.Before(before) {
				t.Errorf("got %s, want id %d and %s", got.body, newID+1, test.want)
			}
			expectJSON(t, g.ask(t, request{method: "GET", path: "/projects/3/error_tracking/settings"}), 404, neverConfigured)
		})
	}
}

func TestAProjectIsNotCreated(t *testing.T) {
	t.Parallel()
	const (
		taken = `{"message":{"name":["has already been taken"],"path":["has already been taken"],` +
			`"project_namespace.name":["has already been taken"]}}`
		noNamespace = `{"message":{"namespace":["is not valid"]}}`
	)
	for _, test := range []struct{ name, token, body, want string }{
		{"without a name", "maintainer", `{"description":"x"}`, `{"error":"name, path are missing, at least one parameter must be provided"}`},
		{"in a group that does not exist", "maintainer", `{"path":"new","namespace_id":9}`, noNamespace},
		{"by a guest", "guest", `{"path":"new","namespace_id":7}`, noNamespace},
		{"at a path that is taken", "maintainer", `{"path":"LINKED","namespace_id":7}`, taken},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddGroup(gitlabsim.Group{ID: 7, Path: "g"})
			g.AddToken("guest", gitlabsim.Token{Role: gitlabsim.Guest, Scopes: []string{"api"}})
			got := g.ask(t, request{method: "POST", path: "/projects", body: test.body, header: privateToken(test.token)})
			expectJSON(t, got, 400, test.want)
		})
	}
	t.Run("by another method", func(t *testing.T) {
		t.Parallel()
		got := start(t, gitlabsim.Config{}).ask(t, request{method: "PUT", path: "/projects"})
		expectJSON(t, got, 404, noSuchRoute)
	})
}

func TestAProjectIsRenamed(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddToken("developer", gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}})
	rename := request{method: "PUT", path: "/projects/1", body: `{"path":"renamed"}`}
	for range 2 { // the second changes nothing
		if p := readProject(t, g.ask(t, rename), 200); p.Path != "g/renamed" {
			t.Errorf("the path is %s", p.Path)
		}
	}
	got := g.ask(t, request{method: "GET", path: "/projects/g%2Flinked"})
	expectHeader(t, got, "Location", g.url+"/api/v4/projects/1")

	got = g.ask(t, request{method: "PUT", path: "/projects/1", body: `{"path":"new"}`})
	if got.status != 400 || !strings.Contains(got.body, `"path":["has already been taken"]`) {
		t.Errorf("to a path that is taken: %d %s", got.status, got.body)
	}
	rename.header = privateToken("developer")
	expectJSON(t, g.ask(t, rename), 403, forbidden)
}

func TestAProjectIsDeletedByItsOwner(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddToken("other", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	expectJSON(t, g.ask(t, request{method: "DELETE", path: "/projects/1"}), 403, forbidden)

	made := readProject(t, g.ask(t, request{method: "POST", path: "/projects", body: `{"path":"mine"}`}), 201)
	path := fmt.Sprintf("/projects/%d", made.ID)
	expectJSON(t, g.ask(t, request{method: "DELETE", path: path, header: privateToken("other")}), 403, forbidden)
	expectJSON(t, g.ask(t, request{method: "DELETE", path: path}), 202, `{"message":"202 Accepted"}`)
	marked := g.ask(t, request{method: "GET", path: path})
	if p := readProject(t, marked, 200); p.Path != fmt.Sprintf("simulated/mine-deletion_scheduled-%d", made.ID) || !strings.Contains(marked.body, `"marked_for_deletion_on":"20`) {
		t.Errorf("at first the project is only marked and renamed; got %s", marked.body)
	}
	expectJSON(t, g.ask(t, request{method: "DELETE", path: path + "?permanently_remove=true"}), 202, `{"message":"202 Accepted"}`)
	expectJSON(t, g.ask(t, request{method: "GET", path: path}), 404, projectNotFound)

	again := readProject(t, g.ask(t, request{method: "POST", path: "/projects", body: `{"path":"mine"}`}), 201)
	if again.ID == made.ID {
		t.Errorf("the id %d is given a second time", made.ID)
	}
}

func TestProjectsAreListed(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddToken("stranger", gitlabsim.Token{Scopes: []string{"api"}})
	g.ask(t, request{method: "POST", path: "/projects", body: `{"path":"linked-too","description":"Throwaway"}`})
	for _, test := range []struct{ query, token, want string }{
		{"", "maintainer", "3 2 1"},
		{"?sort=asc&per_page=2", "maintainer", "1 2"},
		{"?search=Linked&membership=true", "maintainer", "3 1"},
		{"?search=nothing", "maintainer", ""},
		{"", "stranger", ""},
	} {
		got := g.ask(t, request{method: "GET", path: "/projects" + test.query, header: privateToken(test.token)})
		var list []listed
		if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.status != 200 {
			t.Fatalf("%s: %d %s: %v", test.query, got.status, got.body, err)
		}
		var ids []string
		for _, p := range list {
			ids = append(ids, fmt.Sprint(p.ID))
			if p.ID == 3 && p.Description != "Throwaway" {
				t.Errorf("the description is %q", p.Description)
			}
		}
		if strings.Join(ids, " ") != test.want {
			t.Errorf("%s by %s: got %v, want %s", test.query, test.token, ids, test.want)
		}
	}
}

type listed struct {
	ID          int64     `json:"id"`
	Path        string    `json:"path_with_namespace"`
	Description string    `json:"description"`
	CreatedAt   time.Time `json:"created_at"`
}

func readProject(t *testing.T, got answer, status int) listed {
	t.Helper()
	var p listed
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != status {
		t.Fatalf("got %d %s (%v), want %d and a project", got.status, got.body, err, status)
	}
	return p
}
