package gitlabsim_test

import (
	"net/http"
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
		{"an OAuth token as Bearer is accepted", bearer("oauth"), 200, ok},
		{"an OAuth token as PRIVATE-TOKEN is 401", privateToken("oauth"), 401, unauthorized},
		{"no token is 401", http.Header{}, 401, unauthorized},
		{"Authorization without Bearer is 401", http.Header{"Authorization": {"access"}}, 401, unauthorized},
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
