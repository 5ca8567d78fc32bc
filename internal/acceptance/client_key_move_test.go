package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const gitlabKeyType = "gitlab_project_error_tracking_client_key"

// oldKey is a key's state as the gitlab provider writes it.
func oldKey(project string, key gitlabsim.ClientKey) string {
	return fmt.Sprintf(`{"id":"%s:%d","project":%[1]q,"key_id":%[2]d,"active":true,"public_key":%q,"sentry_dsn":"https://%[3]s@host/1"}`, project, key.ID, key.PublicKey)
}

func TestAClientKeyMovedFromTheGitLabProvider(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"by id":             {"1", "1"},
		"by path":           {"acme/web", "acme/web"},
		"by a path encoded": {"acme%2Fweb", "acme/web"},
	} {
		t.Run(name+" it stays and plans empty", func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withIntegrated())
			g.sim.AddClientKey(1)
			key := g.sim.AddClientKey(1)
			w := g.moved(t, gitlabKeyType, keyAddress, oldKey(c.before, key), "", g.config(clientKey(c.after)))
			w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy", "has moved to "+keyAddress).saysNot("Warning")
			refreshed := []string{lookUp(c.after), listKeys("1")}
			if c.after == "1" {
				refreshed = refreshed[1:]
			}
			w.apply().ok().asked(refreshed...)
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			w.run("destroy", "-auto-approve").ok().asked(listKeys("1"), deleteKey("1", key.ID))
			g.hasKeys(t, 1)
		})
	}
	for name, attributes := range map[string]string{
		"without key_id":      `{"project":"1","public_key":"glet_1"}`,
		"without public_key":  `{"project":"1","key_id":1}`,
		"without project":     `{"key_id":1,"public_key":"glet_1"}`,
		"of other types":      `{"project":1,"key_id":"one"}`,
		"with a null project": `{"project":null,"key_id":1,"public_key":"glet_1"}`,
	} {
		t.Run("a state "+name+" is an error that says what to do instead", func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withIntegrated())
			w := g.moved(t, gitlabKeyType, keyAddress, attributes, "", g.config(clientKey("1")))
			w.run("plan").fails().says("cannot be moved", "removed block", "import the key", "PROJECT:KEY_ID").asked()
		})
	}
}

func TestClientKeysAreMovedFromNothingElse(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	w := g.moved(t, "gitlab_project_error_tracking_settings", keyAddress, oldKey("1", g.sim.AddClientKey(1)), "", g.config(clientKey("1")))
	w.run("plan").fails().says("gitlab_project_error_tracking_settings").asked()
}

func TestAMovedClientKeyKeepsItsDSN(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	w := g.moved(t, gitlabKeyType, keyAddress, oldKey("1", g.sim.AddClientKey(1)), "", g.config(clientKey("1")))
	w.apply("-refresh=false").ok().asked()
	if state := w.state(); !strings.Contains(state, "@host") {
		t.Errorf("sentry_dsn is not what it was:\n%s", state)
	}
}
