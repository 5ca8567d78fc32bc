package gitlabsim_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestTheHeadersOfATokenDecideWhatIsSaidOfIt(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for name, state := range map[string]gitlabsim.TokenState{"revoked": gitlabsim.Revoked, "expired": gitlabsim.Expired} {
		g.AddToken(name, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: state, OAuth: true})
	}
	r := g.request(t, "GET "+linkedSettings)
	for authorization, want := range map[string]string{"": unauthorized, "maintainer": unauthorized, "Bearer expired": expired} {
		r.Header = http.Header{"Authorization": {authorization}}
		g.answers(t, r, want)
	}
	g.as("revoked").says(t, "GET "+linkedSettings, unauthorized) // an OAuth token as PRIVATE-TOKEN
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
