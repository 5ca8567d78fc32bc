package gitlabsim_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func privateToken(value string) http.Header { return http.Header{"Private-Token": {value}} }

func bearer(value string) http.Header { return http.Header{"Authorization": {"Bearer " + value}} }

func TestTheHeadersOfATokenDecideWhetherItCounts(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for name, state := range map[string]gitlabsim.TokenState{"oauth": gitlabsim.Valid, "revoked": gitlabsim.Revoked, "expired": gitlabsim.Expired} {
		g.AddToken(name, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: state, OAuth: true})
	}
	for name, test := range map[string]struct {
		header http.Header
		want   string
	}{
		"an OAuth token as Bearer is accepted":               {bearer("oauth"), `200 {"active":true,` + link + `,"integrated":false}`},
		"an OAuth token as PRIVATE-TOKEN is 401":             {privateToken("oauth"), unauthorized},
		"no token is 401":                                    {http.Header{}, unauthorized},
		"Authorization without Bearer is 401":                {http.Header{"Authorization": {"maintainer"}}, unauthorized},
		"an expired OAuth token is told so":                  {bearer("expired"), expired},
		"a revoked OAuth token as PRIVATE-TOKEN is only 401": {privateToken("revoked"), unauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := g.request(t, "GET "+linkedSettings)
			r.Header = test.header
			g.answers(t, r, test.want)
		})
	}
}

func TestTheUserOfAToken(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.says(t, "GET /user", `200 {"id":1,"username":"simulated","name":"Simulated User","state":"active","web_url":"`+g.url+`/simulated"}`)
	for _, path := range []string{"/user", "/namespaces/g", "/projects", "/groups/g/projects"} {
		g.as("unknown").says(t, "GET "+path, unauthorized)
	}
}

func TestAProjectAccessTokenHasItsRoleAndItsDay(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for _, test := range []struct {
		level, days int
		want        string
	}{{30, 2, forbidden}, {40, 2, neverConfigured}, {40, 0, expired}} {
		day := time.Now().UTC().AddDate(0, 0, test.days).Format(time.DateOnly)
		made := g.says(t, fmt.Sprintf(`POST /projects/2/access_tokens {"name":"n","scopes":["api"],"access_level":%d,"expires_at":%q}`, test.level, day), `201 …"token":"…"…`)
		token := regexp.MustCompile(`"token":"([^"]+)"`).FindStringSubmatch(made.body)
		g.as(token[1]).says(t, "GET "+newSettings, test.want)
	}
	g.says(t, `POST /projects/2/access_tokens {"name":"n"}`, `400 {"error":"expires_at is invalid, …"}`)
}
