package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

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
			checks := []statecheck.StateCheck{
				statecheck.ExpectKnownValue(keysAddress, tfjsonpath.New("client_keys"), knownvalue.ListSizeExact(c.keys)),
				statecheck.ExpectKnownValue(keysAddress, tfjsonpath.New("project"), knownvalue.StringExact("acme/web")),
			}
			for i, key := range g.sim.ClientKeys(1) {
				at := tfjsonpath.New("client_keys").AtSliceIndex(i)
				checks = append(checks,
					statecheck.ExpectKnownValue(keysAddress, at, knownvalue.ObjectExact(map[string]knownvalue.Check{
						"key_id": knownvalue.Int64Exact(key.ID), "active": knownvalue.Bool(i+1 != c.inactive), "public_key": knownvalue.StringExact(key.PublicKey),
						"sentry_dsn": knownvalue.StringExact("http://" + key.PublicKey + "@localhost:8080/errortracking/api/v1/projects/1"),
					})),
					statecheck.ExpectSensitiveValue(keysAddress, at.AtMapKey("public_key")),
					statecheck.ExpectSensitiveValue(keysAddress, at.AtMapKey("sentry_dsn")),
				)
			}
			accept(t, resource.TestStep{Config: g.config(clientKeys("acme/web")), ConfigStateChecks: checks})
			var want []string
			for page := 1; page <= c.requests; page++ {
				want = append(want, fmt.Sprintf("%s?page=%d&per_page=100", keysRequest("GET", "acme/web"), page))
			}
			if got := g.requests()[:c.requests]; strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("got the requests %v, want %v", got, want)
			}
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
			accept(t, resource.TestStep{Config: c.config, ExpectError: words(c.says...)})
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
