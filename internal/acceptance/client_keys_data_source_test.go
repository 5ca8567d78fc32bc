package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestClientKeysDataSource(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys     int
		inactive int
		requests int
	}{
		"none": {0, 0, 1}, "one": {1, 0, 1}, "an inactive one": {2, 1, 1}, "a page and one more": {101, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, neverConfigured())
			for range c.keys {
				g.sim.AddClientKey(1)
			}
			if c.inactive > 0 {
				g.sim.DeactivateClientKey(1, int64(c.inactive))
			}
			keys := []any{}
			for i, key := range g.sim.ClientKeys(1) {
				keys = append(keys, map[string]any{
					"key_id": key.ID, "active": i+1 != c.inactive, "public_key": key.PublicKey,
					"sentry_dsn": "http://" + key.PublicKey + "@localhost:8080/errortracking/api/v1/projects/1",
				})
			}
			w := g.newWorkspace(t, g.config(clientKeys("acme/web")))
			out := w.apply().ok()
			w.holds(keysAddress, map[string]any{"client_keys": keys, "project": "acme/web"})
			w.run("show").ok().saysNot("glet_")
			var want []string
			for page := 1; page <= c.requests; page++ {
				want = append(want, fmt.Sprintf("%s?page=%d&per_page=100", keysRequest("GET", "acme/web"), page))
			}
			out.asked(want...)
		})
	}
}

func TestClientKeysDataSourceErrors(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	old := newGitLabAs(t, gitlabsim.Config{Version: "14.2"}, withIntegrated())
	for name, c := range map[string]struct {
		config string
		says   []string
	}{
		"a project that is not there": {g.config(clientKeys("acme/nothing")), []string{"Cannot read the client keys of", "acme/nothing", "no such project"}},
		"a developer":                 {g.block(developerToken) + clientKeys("acme/web"), []string{"Cannot read the client keys of", "acme/web", "Maintainer"}},
		"GitLab before 14.3":          {old.config(clientKeys("acme/web")), []string{"Cannot read the client keys of", "acme/web", "14.3"}},
		"a bad project":               {g.config(clientKeys("/acme/web")), []string{"Invalid project", `"acme/web"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := g.newWorkspace(t, c.config)
			w.run("plan").fails().says(c.says...)
		})
	}
}

func TestOneKeyOfManyCanBePicked(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	first := g.sim.AddClientKey(1)
	g.sim.AddClientKey(1)
	w := g.newWorkspace(t, g.config(clientKeys("1")+`
output "dsn" {
  value     = one([for key in data.errortracking_client_keys.test.client_keys : key.sentry_dsn if key.key_id == 1])
  sensitive = true
}
`))
	w.apply().ok().saysNot("glet_")
	if got := w.run("output", "-raw", "dsn").ok().output; !strings.Contains(got, first.PublicKey) {
		t.Errorf("got %s, want the DSN of %s", got, first.PublicKey)
	}
}
