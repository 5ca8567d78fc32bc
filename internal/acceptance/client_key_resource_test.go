package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestClientKeyLifecycle(t *testing.T) {
	t.Parallel()
	g, w := begun(t, clientKey("acme/web"), withIntegrated())
	g.sim.AddClientKey(1) // someone else's
	w.apply().ok().says("1 added, 0 changed, 0 destroyed").asked(lookUp("acme/web"), listKeys("1"), postKey("1"))
	// The second time it was deleted by somebody.
	for id := int64(2); id <= 3; id++ {
		key := g.sim.ClientKeys(1)[1]
		w.holds(keyAddress, map[string]any{
			"project": "acme/web", "project_id": 1, "key_id": id, "active": true, "public_key": key.PublicKey,
			"sentry_dsn": "http://" + key.PublicKey + "@localhost:8080/errortracking/api/v1/projects/1",
		})
		w.run("plan", "-detailed-exitcode").ok().asked(listKeys("1"))
		if id == 2 {
			g.sim.RemoveClientKey(1, 2)
			w.apply().ok().says("1 added, 0 changed, 0 destroyed").writes(postKey("1"))
		}
	}
	g.sim.DeactivateClientKey(1, 3)
	w.apply().ok().says("0 added, 0 changed").writes()
	w.holds(keyAddress, map[string]any{"active": false})
	w.run("destroy", "-auto-approve").ok().asked(listKeys("1"), deleteKey("1", 3))
	g.hasKeys(t, 1)
}

func TestAReplacementOfAClientKey(t *testing.T) {
	t.Parallel()
	g, w := applied(t, "resource \"errortracking_client_key\" \"test\" {\n  project = \"1\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n", withIntegrated())
	w.apply("-replace="+keyAddress).ok().says("1 added, 0 changed, 1 destroyed").
		asked(listKeys("1"), listKeys("1"), postKey("1"), deleteKey("1", 1))
	g.hasKeys(t, 2)
	w.run("plan", "-detailed-exitcode").ok()
}

func TestAClientKeyAndTheProjectItIsOf(t *testing.T) {
	t.Parallel()
	g, w := begun(t, clientKey("acme/web"), withIntegrated(), gitlabsim.Project{ID: 2, Path: "acme/app"})
	g.sim.MoveProject(1, "acme/site")
	w.settles().saysNot("Warning").writes(postKey("1"))
	for project, changed := range map[string]string{"Acme/Web": "0 changed", "1": "1 changed", "acme/site": "1 changed"} {
		w.with(clientKey("acme/web")).apply().ok()
		w.with(clientKey(project)).apply().ok().says("0 added, " + changed + ", 0 destroyed").writes()
		w.holds(keyAddress, map[string]any{"key_id": 1, "public_key": g.sim.ClientKeys(1)[0].PublicKey})
	}
	w.with(clientKey("acme/app")).apply().ok().says("must be replaced").
		asked(listKeys("1"), lookUp("acme/app"), deleteKey("1", 1), lookUp("acme/app"), listKeys("2"), postKey("2"))
	w.holds(keyAddress, map[string]any{"project_id": 2})
}

func TestAClientKeyBesideTheOneThatGitLabMakes(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gitlabsim.Effect{
		"without faults": gitlabsim.Delay(0), "with a lost answer": gitlabsim.ResetAfter(), "with a lost request": gitlabsim.ResetBefore(),
	} {
		story(t, name+", in any order", settings("acme/web", "active = true", "integrated = true")+clientKey("acme/web"), []gitlabsim.Project{neverConfigured()}, func(g *fakeGitLab, w *workspace) {
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: effect})
			out := w.apply().ok()
			// If there is a key already, GitLab itself makes none.
			if keys := g.sim.ClientKeys(1); len(keys) < 1 || len(keys) > 2 {
				w.t.Errorf("GitLab has %v, want one key or two after %v", keys, out.requests)
			}
			w.run("plan", "-detailed-exitcode").ok()
		})
		story(t, name+", one after the other", settings("acme/web", "active = true", "integrated = true")+
			"resource \"errortracking_client_key\" \"test\" {\n  project = errortracking_settings.test.project\n}\n", []gitlabsim.Project{neverConfigured()}, func(g *fakeGitLab, w *workspace) {
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: effect})
			w.apply().ok()
			g.hasKeys(w.t, 1, 2)
			w.holds(keyAddress, map[string]any{"key_id": 2})
			w.run("destroy", "-auto-approve").ok()
			g.hasKeys(w.t, 1)
		})
	}
}

func TestClientKeysAreNotShown(t *testing.T) {
	t.Parallel()
	g, w := begun(t, clientKey("1")+clientKeys("1"), withIntegrated())
	w.apply().ok().saysNot("glet_")
	w.run("show").ok().says("public_key = (sensitive value)", "sentry_dsn = (sensitive value)").saysNot("glet_")
	g.sim.RemoveClientKey(1, 1)
	w.run("plan").ok().says("1 to add").saysNot("glet_")
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("(sensitive value)").saysNot("glet_").asked(deleteKey("1", 1))
	w.with(clientKey("1") + "output \"dsn\" {\n  value = errortracking_client_key.test.sentry_dsn\n}\n").run("plan").fails().says("Output refers to sensitive values")
}

func TestClientKeysAreNotLogged(t *testing.T) {
	t.Parallel()
	g, w := begun(t, clientKey("1")+clientKeys("1"), withIntegrated())
	w.env = []string{"TF_LOG=TRACE"}
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: gitlabsim.ResetAfter()})
	for _, command := range []string{"apply", "destroy"} {
		w.run(command, "-auto-approve").ok().says("[TRACE]", "/error_tracking/client_keys").saysNot("glet_")
	}
}

func TestADeletionOfAClientKeyThatFailsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	g, w := applied(t, clientKey("1"), withIntegrated())
	g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusNotFound, `{"error":"404 Not Found"}`)})
	w.run("destroy", "-auto-approve", "-refresh=false").fails().says("Cannot delete the client key of project 1", "terraform state rm")
	w.run("state", "list").ok().says(keyAddress)
}
