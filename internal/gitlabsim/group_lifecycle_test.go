package gitlabsim_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const accepted = `{"message":"202 Accepted"}`

func TestAGroupIsCreatedArchivedAndDeleted(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
	g.AddToken("developer", gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}})
	create := request{method: "POST", path: "/groups", body: `{"name":"sub","path":"sub","parent_id":7}`}
	made := g.ask(t, create)
	id := regexp.MustCompile(`"id":(\d+)`).FindStringSubmatch(made.body)
	if made.status != 201 || id == nil || !strings.Contains(made.body, `"full_path":"acme/sub","parent_id":7`) {
		t.Fatalf("got %d %s", made.status, made.body)
	}
	r := create
	r.header = privateToken("developer")
	expectJSON(t, g.ask(t, r), 403, forbidden)
	expectJSON(t, g.ask(t, create), 400, `{"message":"Failed to save group {:path=\u003e[\"has already been taken\"]}"}`)
	expectJSON(t, g.ask(t, request{method: "POST", path: "/groups", body: `{"path":"sub","parent_id":9}`}), 404, `{"message":"404 Group Not Found"}`)

	g.AddProject(gitlabsim.Project{ID: 3, Path: "acme/sub/app"})
	group := "/groups/" + id[1]
	listed := func(query string) bool {
		return strings.Contains(g.ask(t, request{method: "GET", path: group + "/projects?" + query}).body, "acme/sub/app")
	}
	for _, step := range []struct{ method, path string }{{"POST", group + "/archive"}, {"DELETE", group}} {
		r := request{method: step.method, path: step.path, header: privateToken("developer")}
		expectJSON(t, g.ask(t, r), 403, forbidden)
		if got := g.ask(t, request{method: step.method, path: step.path}); got.status != 201 && got.body != accepted {
			t.Errorf("%s %s: got %d %s", step.method, step.path, got.status, got.body)
		}
		if listed("active=true") || !listed("archived=false") {
			t.Errorf("after %s %s, the project is in the list with active=true, or not with archived=false", step.method, step.path)
		}
	}
	expectJSON(t, g.ask(t, request{method: "DELETE", path: group + "?permanently_remove=true"}), 202, accepted)
	for _, path := range []string{group, group + "/projects"} {
		expectJSON(t, g.ask(t, request{method: "GET", path: path}), 404, `{"message":"404 Group Not Found"}`)
	}
	expectJSON(t, g.ask(t, request{method: "GET", path: "/projects/3"}), 404, projectNotFound)
}

func TestAnArchivedProjectIsInTheListsThatWantThose(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	if got := g.ask(t, request{method: "POST", path: "/projects/1/archive"}); got.status != 403 {
		t.Errorf("a maintainer may archive: %d %s", got.status, got.body)
	}
	g.AddToken("owner", gitlabsim.Token{Role: gitlabsim.Owner, Scopes: []string{"api"}})
	if got := g.ask(t, request{method: "POST", path: "/projects/1/archive", header: privateToken("owner")}); got.status != 201 {
		t.Errorf("got %d %s", got.status, got.body)
	}
	if got := g.ask(t, request{method: "GET", path: "/groups/g/projects?archived=true"}); !strings.Contains(got.body, `"g/linked"`) {
		t.Errorf("got %s", got.body)
	}
}

func TestBeforeGitLab18NothingIsOnlyMarked(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Version: "17.11"})
	g.AddToken("owner", gitlabsim.Token{Role: gitlabsim.Owner, Scopes: []string{"api"}})
	expectJSON(t, g.ask(t, request{method: "GET", path: "/version"}), 200, `{"revision":"simulated","version":"17.11.0"}`)
	expectJSON(t, g.ask(t, request{method: "POST", path: "/groups/g/archive"}), 404, noSuchRoute)
	// The group goes last: its projects go with it.
	for _, deleted := range [][2]string{{"/projects/1", projectNotFound}, {"/groups/g", `{"message":"404 Group Not Found"}`}} {
		expectJSON(t, g.ask(t, request{method: "DELETE", path: deleted[0], header: privateToken("owner")}), 202, accepted)
		expectJSON(t, g.ask(t, request{method: "GET", path: deleted[0]}), 404, deleted[1])
	}
}

func TestAnAdministratorTurnsTheFeatureFlagOnAndOff(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddToken("admin", gitlabsim.Token{Role: gitlabsim.Owner, Scopes: []string{"api"}, Admin: true})
	const path = "/features/integrated_error_tracking"
	expectJSON(t, g.ask(t, request{method: "POST", path: path, body: `{"value":true}`}), 403, forbidden)
	for value, status := range map[string]int{"true": 200, "false": 404} {
		got := g.ask(t, request{method: "POST", path: path, body: `{"value":` + value + `}`, header: privateToken("admin")})
		expectJSON(t, got, 201, fmt.Sprintf(`{"name":"integrated_error_tracking","state":"%s"}`, map[int]string{200: "on", 404: "off"}[status]))
		if got := g.ask(t, request{method: "PUT", path: linkedSettings, body: `{"active":true,"integrated":true}`}); got.status != status {
			t.Errorf("with the flag %s, PUT gets %d %s", value, got.status, got.body)
		}
	}
	expectJSON(t, g.ask(t, request{method: "POST", path: path, header: privateToken("admin")}), 400, `{"error":"value is missing"}`)
	expectJSON(t, g.ask(t, request{method: "POST", path: "/features/other?value=1", header: privateToken("admin")}), 400,
		`{"message":"400 Bad request - Unable to find feature flag with name \"other\"."}`)
}

func TestAProjectAccessTokenHasItsRoleAndItsDay(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for _, test := range []struct {
		level, days, status int
		body                string
	}{
		{30, 2, 403, forbidden},
		{40, 2, 404, neverConfigured},
		{40, 0, 401, `{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}`},
	} {
		day := time.Now().UTC().AddDate(0, 0, test.days).Format(time.DateOnly)
		made := g.ask(t, request{method: "POST", path: "/projects/2/access_tokens", body: fmt.Sprintf(
			`{"name":"n","scopes":["api"],"access_level":%d,"expires_at":%q}`, test.level, day)})
		token := regexp.MustCompile(`"token":"([^"]+)"`).FindStringSubmatch(made.body)
		if made.status != 201 || token == nil {
			t.Fatalf("got %d %s", made.status, made.body)
		}
		own := g.ask(t, request{method: "GET", path: "/projects/2/error_tracking/settings", header: http.Header{"Private-Token": {token[1]}}})
		expectJSON(t, own, test.status, test.body)
	}
	if got := g.ask(t, request{method: "POST", path: "/projects/2/access_tokens", body: `{"name":"n"}`}); got.status != 400 {
		t.Errorf("without a day: %d %s", got.status, got.body)
	}
}
