package acceptance_test

import (
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestClientKeyLifecycle(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	g.sim.AddClientKey(1) // someone else's
	w := g.newWorkspace(t, g.config(clientKey("acme/web")))
	// The second time it was deleted by somebody.
	for id := int64(2); id <= 3; id++ {
		w.apply().ok().says("1 added, 0 changed, 0 destroyed").writes(postKey("1"))
		key := g.sim.ClientKeys(1)[1]
		w.holds(keyAddress, map[string]any{
			"project": "acme/web", "project_id": 1, "key_id": id, "active": true, "public_key": key.PublicKey,
			"sentry_dsn": "http://" + key.PublicKey + "@localhost:8080/errortracking/api/v1/projects/1",
		})
		w.run("plan", "-detailed-exitcode").ok()
		if id == 2 {
			g.sim.RemoveClientKey(1, 2)
		}
	}
	w.run("destroy", "-auto-approve").ok().writes(deleteKey("1", 3))
	g.hasKeys(t, 1)
}

func TestAnInactiveClientKeyStays(t *testing.T) {
	t.Parallel()
	g, w := applied(t, clientKey("acme/web"), withIntegrated())
	g.sim.DeactivateClientKey(1, 1)
	w.apply().ok().says("0 added, 0 changed").writes()
	w.holds(keyAddress, map[string]any{"active": false})
}

func TestAClientKeyAndTheProjectItIsOf(t *testing.T) {
	t.Parallel()
	t.Run("another name of the same project keeps the key", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, clientKey("acme/web"), withIntegrated())
		w.apply().ok().writes(postKey("1"))
		key := g.sim.ClientKeys(1)[0]
		for _, c := range []struct{ project, says string }{{"Acme/Web", "0 changed"}, {"1", "1 changed"}, {"acme/site", "1 changed"}} {
			if c.project == "acme/site" {
				g.sim.MoveProject(1, "acme/site")
			}
			w.with(clientKey(c.project)).apply().ok().says("0 added, " + c.says + ", 0 destroyed").writes()
			w.holds(keyAddress, map[string]any{"key_id": 1, "public_key": key.PublicKey})
		}
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("another project makes a new key and deletes the old one", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, clientKey("acme/web"), withIntegrated(), gitlabsim.Project{ID: 2, Path: "acme/app"})
		w.with(clientKey("acme/app")).apply().ok().says("must be replaced").asked(listKeys("1"), lookUp("acme/app"), deleteKey("1", 1), lookUp("acme/app"), listKeys("2"), postKey("2"))
		w.holds(keyAddress, map[string]any{"project_id": 2})
	})
	t.Run("the key of a renamed project is made and deleted under the old path", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		g.sim.MoveProject(1, "acme/site")
		w := g.newWorkspace(t, g.config(clientKey("acme/web")))
		w.apply().ok().saysNot("Warning")
		g.hasKeys(t, 1)
		w.run("plan", "-detailed-exitcode").ok()
		w.run("destroy", "-auto-approve").ok()
		g.hasKeys(t)
	})
}
