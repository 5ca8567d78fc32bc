package gitlabsim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	unauthorized    = `{"message":"401 Unauthorized"}`
	forbidden       = `{"message":"403 Forbidden"}`
	noSuchRoute     = `{"error":"404 Not Found"}`
	projectNotFound = `{"message":"404 Project Not Found"}`

	revoked = `{"error":"invalid_token",` +
		`"error_description":"Token was revoked. You have to re-authorize from the user."}`
	expired = `{"error":"invalid_token",` +
		`"error_description":"Token is expired. You can either do re-authorization or token refresh."}`
	insufficientScope = `{"error":"insufficient_scope",` +
		`"error_description":"The request requires higher privileges than provided by the access token.",` +
		`"scope":"api read_api"}`
)

func privateToken(value string) http.Header { return http.Header{"Private-Token": {value}} }

func bearer(value string) http.Header { return http.Header{"Authorization": {"Bearer " + value}} }

func TestTheHeadersOfATokenDecideWhetherItCounts(t *testing.T) {
	t.Parallel()
	const ok = `{"active":true,` + link + `,"integrated":false}`
	for _, test := range []struct {
		name   string
		header http.Header
		status int
		answer string
	}{
		{"an access token as PRIVATE-TOKEN is accepted", privateToken("access"), 200, ok},
		{"an access token as Bearer is accepted", bearer("access"), 200, ok},
		{"an OAuth token as Bearer is accepted", bearer("oauth"), 200, ok},
		{"an OAuth token as PRIVATE-TOKEN is 401", privateToken("oauth"), 401, unauthorized},
		{"no token is 401", http.Header{}, 401, unauthorized},
		{"an empty PRIVATE-TOKEN is 401", privateToken(""), 401, unauthorized},
		{"an empty Bearer is 401", bearer(""), 401, unauthorized},
		{"an unknown PRIVATE-TOKEN is 401", privateToken("unknown"), 401, unauthorized},
		{"an unknown Bearer is 401", bearer("unknown"), 401, unauthorized},
		{"a token of another case is 401", privateToken("ACCESS"), 401, unauthorized},
		{"a CI job token is 401", http.Header{"Job-Token": {"access"}}, 401, unauthorized},
		{"Authorization without Bearer is 401", http.Header{"Authorization": {"access"}}, 401, unauthorized},
		{"Authorization of another kind is 401", http.Header{"Authorization": {"Basic access"}}, 401, unauthorized},
		{"a revoked access token is told so", privateToken("revoked"), 401, revoked},
		{"a revoked OAuth token is told so", bearer("revoked-oauth"), 401, revoked},
		{"an expired access token is told so", privateToken("expired"), 401, expired},
		{"an expired OAuth token is told so", bearer("expired-oauth"), 401, expired},
		{"a revoked OAuth token as PRIVATE-TOKEN is only 401", privateToken("revoked-oauth"), 401, unauthorized},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			valid := gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}}
			for _, kind := range []struct {
				name  string
				state gitlabsim.TokenState
				oauth bool
			}{
				{"access", gitlabsim.Valid, false}, {"oauth", gitlabsim.Valid, true},
				{"revoked", gitlabsim.Revoked, false}, {"revoked-oauth", gitlabsim.Revoked, true},
				{"expired", gitlabsim.Expired, false}, {"expired-oauth", gitlabsim.Expired, true},
			} {
				token := valid
				token.State, token.OAuth = kind.state, kind.oauth
				g.AddToken(kind.name, token)
			}
			got := g.ask(t, request{method: "GET", path: linkedSettings, header: test.header})
			expectJSON(t, got, test.status, test.answer)
		})
	}
}

func TestATokenCanBeReplaced(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddToken("maintainer", gitlabsim.Token{State: gitlabsim.Revoked})
	expectJSON(t, g.ask(t, request{method: "GET", path: linkedSettings}), 401, revoked)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		scopes []string
		method string
		status int
		answer string
	}{
		{"api reads", []string{"api"}, "GET", 200, shown(true, link, false)},
		{"api writes", []string{"api"}, "PATCH", 200, shown(false, link, false)},
		{"read_api reads", []string{"read_api"}, "GET", 200, shown(true, link, false)},
		{"read_api does not PATCH", []string{"read_api"}, "PATCH", 403, insufficientScope},
		{"read_api does not PUT", []string{"read_api"}, "PUT", 403, insufficientScope},
		{"another scope does not read", []string{"read_repository", "read_user"}, "GET", 403, insufficientScope},
		{"another scope does not write", []string{"read_repository"}, "PATCH", 403, insufficientScope},
		{"no scope does not read", nil, "GET", 403, insufficientScope},
		{"one scope of several is enough", []string{"read_user", "api"}, "PATCH", 200, shown(false, link, false)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
			g.AddToken("scoped", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: test.scopes})
			got := g.ask(t, request{
				method: test.method, path: linkedSettings,
				body: `{"active":false,"integrated":false}`, header: privateToken("scoped"),
			})
			expectJSON(t, got, test.status, test.answer)
			written := test.method != "GET" && test.status == 200
			if stored, _ := g.Settings(linkedID); stored.Active == written {
				t.Errorf("GitLab has stored %+v", stored)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	const body = `{"active":false,"integrated":false}`
	settings := func(method string) request {
		return request{method: method, path: linkedSettings, body: body}
	}
	project := request{method: "GET", path: "/projects/1"}
	const seen = `{"id":1,"description":null,"name":"linked","path":"linked","path_with_namespace":"g/linked",` +
		`"created_at":"0001-01-01T00:00:00Z","web_url":"{url}/g/linked"}`
	for _, test := range []struct {
		name    string
		role    gitlabsim.Role
		request request
		status  int
		answer  string
	}{
		{"an Owner reads settings", gitlabsim.Owner, settings("GET"), 200, shown(true, link, false)},
		{"an Owner writes settings", gitlabsim.Owner, settings("PATCH"), 200, shown(false, link, false)},
		{"a Maintainer reads settings", gitlabsim.Maintainer, settings("GET"), 200, shown(true, link, false)},
		{"a Maintainer writes settings by PATCH", gitlabsim.Maintainer, settings("PATCH"), 200, shown(false, link, false)},
		{"a Maintainer writes settings by PUT", gitlabsim.Maintainer, settings("PUT"), 200, shown(false, link, false)},
		{"a Developer reads no settings", gitlabsim.Developer, settings("GET"), 403, forbidden},
		{"a Developer writes none by PATCH", gitlabsim.Developer, settings("PATCH"), 403, forbidden},
		{"a Developer writes none by PUT", gitlabsim.Developer, settings("PUT"), 403, forbidden},
		{"a Reporter reads no settings", gitlabsim.Reporter, settings("GET"), 403, forbidden},
		{"a Reporter writes none", gitlabsim.Reporter, settings("PATCH"), 403, forbidden},
		{"a Guest reads no settings", gitlabsim.Guest, settings("GET"), 403, forbidden},
		{"without a role no settings are found", gitlabsim.NoAccess, settings("GET"), 404, projectNotFound},
		{"without a role none are found to PATCH", gitlabsim.NoAccess, settings("PATCH"), 404, projectNotFound},
		{"without a role none are found to PUT", gitlabsim.NoAccess, settings("PUT"), 404, projectNotFound},
		{"a Guest sees the project", gitlabsim.Guest, project, 200, seen},
		{"a Developer sees the project", gitlabsim.Developer, project, 200, seen},
		{"without a role the project is not found", gitlabsim.NoAccess, project, 404, projectNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
			g.AddToken("member", gitlabsim.Token{Role: test.role, Scopes: []string{"api"}})
			test.request.header = privateToken("member")
			got := g.ask(t, test.request)
			expectJSON(t, got, test.status, strings.ReplaceAll(test.answer, "{url}", g.url))
			written := test.request.method != "GET" && test.status == 200
			if stored, _ := g.Settings(linkedID); stored.Active == written {
				t.Errorf("GitLab has stored %+v", stored)
			}
		})
	}
}

func TestAProjectOutOfSightAnswersLikeOneThatDoesNotExist(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddToken("stranger", gitlabsim.Token{Role: gitlabsim.NoAccess, Scopes: []string{"api"}})
	for _, path := range []string{linkedSettings, "/projects/g%2Flinked/error_tracking/settings"} {
		expectJSON(t, g.ask(t, request{method: "GET", path: path, header: privateToken("stranger")}), 404, projectNotFound)
	}
	for _, path := range []string{"/projects/9/error_tracking/settings", "/projects/g%2Fnone/error_tracking/settings"} {
		expectJSON(t, g.ask(t, request{method: "GET", path: path}), 404, projectNotFound)
	}
}

func TestARoleInOneProjectOverridesTheRole(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.SetSettings(newID, linked(true, false))
	g.AddToken("mixed", gitlabsim.Token{
		Role:   gitlabsim.Maintainer,
		Roles:  map[int64]gitlabsim.Role{newID: gitlabsim.Developer, 3: gitlabsim.NoAccess},
		Scopes: []string{"api"},
	})
	g.AddProject(gitlabsim.Project{ID: 3, Path: "g/hidden", Settings: linked(true, false)})
	ask := func(path string) answer {
		return g.ask(t, request{method: "GET", path: path, header: privateToken("mixed")})
	}
	expectJSON(t, ask(linkedSettings), 200, shown(true, link, false))
	expectJSON(t, ask(newSettings), 403, forbidden)
	expectJSON(t, ask("/projects/3/error_tracking/settings"), 404, projectNotFound)
}

func TestTheFirstObstacleIsReported(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		token  gitlabsim.Token
		path   string
		status int
		answer string
	}{
		{
			"a token without the scope does not learn whether the project exists",
			gitlabsim.Token{Role: gitlabsim.Maintainer}, "/projects/9/error_tracking/settings", 403, insufficientScope,
		},
		{
			"a revoked token does not learn that it lacks a scope",
			gitlabsim.Token{State: gitlabsim.Revoked}, linkedSettings, 401, revoked,
		},
		{
			"a Developer does not learn that parameters are wrong",
			gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}}, linkedSettings, 403, forbidden,
		},
		{
			"a Developer does not learn that there are no settings",
			gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}}, newSettings, 403, forbidden,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddToken("token", test.token)
			got := g.ask(t, request{method: "PATCH", path: test.path, body: `{"active":"zz"}`, header: privateToken("token")})
			expectJSON(t, got, test.status, test.answer)
		})
	}
}
