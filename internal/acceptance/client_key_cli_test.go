package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAClientKeyBesideTheOneThatGitLabMakes(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gitlabsim.Effect{
		"without faults": gitlabsim.Delay(0), "with a lost answer": gitlabsim.ResetAfter(), "with a lost request": gitlabsim.ResetBefore(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("in any order", func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, neverConfigured())
				g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: effect})
				w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true")+clientKey("acme/web")))
				out := w.apply().ok()
				// If there is a key already, GitLab itself makes none.
				if keys := g.sim.ClientKeys(1); len(keys) < 1 || len(keys) > 2 {
					t.Errorf("GitLab has %v, want one key or two after %v", keys, out.requests)
				}
				w.run("plan", "-detailed-exitcode").ok()
			})
			t.Run("one after the other", func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, neverConfigured())
				g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: effect})
				w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true")+
					"resource \"errortracking_client_key\" \"test\" {\n  project = errortracking_settings.test.project\n}\n"))
				w.apply().ok()
				g.hasKeys(t, 1, 2)
				w.run("show").ok().says("key_id = 2")
				w.run("destroy", "-auto-approve").ok()
				g.hasKeys(t, 1)
			})
		})
	}
}

func TestAReplacementOfAClientKey(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	config := "resource \"errortracking_client_key\" \"test\" {\n  project = \"1\"\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n"
	w := g.newWorkspace(t, g.config(config))
	w.apply().ok()
	w.apply("-replace="+keyAddress).ok().says("1 added, 0 changed, 1 destroyed").
		asked(listKeys("1"), listKeys("1"), postKey("1"), deleteKey("1", 1))
	g.hasKeys(t, 2)
	w.run("plan", "-detailed-exitcode").ok()
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

func TestTheProjectOfAClientKeyIsGone(t *testing.T) {
	t.Parallel()
	g, w := applied(t, clientKey("acme/web"), withIntegrated())
	g.sim.RemoveProject(1)
	w.run("plan").ok().says("Warning: Project acme/web is gone", "can no longer see it", "plans to create a new key", "1 to add")
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("1 destroyed")
	w.apply().fails().says("Cannot create a client key in acme/web", "no such project")
}

func TestClientKeyErrorsLeaveTheStateUntouched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		effect gitlabsim.Effect
		says   []string
	}{
		"500":                     {gitlabsim.JSON(http.StatusInternalServerError, `{}`), []string{"failed", "Answer: 500"}},
		"403":                     {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), []string{"Maintainer"}},
		"null":                    {gitlabsim.JSON(http.StatusOK, `null`), []string{"holds no list"}},
		"a list of other things":  {gitlabsim.JSON(http.StatusOK, `[{"name":"x"}]`), []string{"list of something else"}},
		"404 of an unknown route": {gitlabsim.JSON(http.StatusNotFound, `{"error":"404 Not Found"}`), []string{"does not have this endpoint", "14.3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, w := applied(t, clientKey("1"), withIntegrated())
			before := w.state()
			g.sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			w.run("plan").fails().says(append(c.says, "Cannot read the client keys of project 1")...)
			if after := w.state(); after != before {
				t.Errorf("the state changed from\n%s\nto\n%s", before, after)
			}
			if strings.Contains(name, "404") {
				w.run("destroy", "-auto-approve", "-refresh=false").fails().says("Cannot delete the client key of project 1", "terraform state rm")
				w.run("state", "list").ok().says(keyAddress)
			}
		})
	}
}

func TestClientKeysNeedGitLab143AndAMaintainer(t *testing.T) {
	t.Parallel()
	t.Run("GitLab 14.2 has none", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{Version: "14.2"}, withIntegrated())
		w := g.newWorkspace(t, g.config(clientKey("1")))
		w.apply().fails().says("Cannot create a client key in project 1", "older than 14.3", "base_url", "Answer: 404")
	})
	t.Run("a Developer makes none", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		w := g.newWorkspace(t, g.block(developerToken)+clientKey("1"))
		w.apply().fails().says("Cannot create a client key in project 1", "Maintainer", `"403 Forbidden"`).asked(listKeys("1"))
	})
	t.Run("read_api suffices to plan", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, clientKey("1"), withIntegrated())
		w.write(g.block(readToken) + clientKey("1"))
		w.run("plan", "-detailed-exitcode").ok()
		w.run("destroy", "-auto-approve").fails().says("Cannot delete the client key of project 1", "lacks a scope", "terraform state rm")
		w.run("state", "rm", keyAddress).ok()
		w.apply().fails().says("Cannot create a client key in project 1", "lacks a scope")
		g.hasKeys(t, 1)
	})
}

func TestImportOfAClientKey(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	g.sim.AddClientKey(1)
	w := g.newWorkspace(t, g.config(clientKey("acme/web")))
	for id, phrases := range map[string][]string{
		"":                              {"Invalid import id", `"group/project:3"`, `got ""`},
		"acme/web":                      {"Invalid import id", `"group/project:3"`, "no colon"},
		"acme/web:":                     {"Invalid import id", "greater than zero"},
		"acme/web:0":                    {"Invalid import id", "greater than zero"},
		"acme/web:one":                  {"Invalid import id", "whole number"},
		":1":                            {"Invalid import id", "it is empty"},
		"web:1":                         {"Invalid import id", "neither a whole number nor a full path"},
		"acme%2Fweb:1":                  {"Invalid import id", "percent-encoded"},
		"https://gitlab.com/acme/web:1": {"Invalid import id", `"acme/web"`},
		"acme/web:2":                    {"Project acme/web has no client key 2", "errortracking_client_keys"},
		"acme/nothing:1":                {"Cannot read the client keys of acme/nothing", "no such project"},
	} {
		w.run("import", keyAddress, id).fails().says(phrases...).saysNot("Value Conversion Error")
	}
	w.run("import", keyAddress, "acme/web:1").ok().asked(lookUp("acme/web"), listKeys("1"))
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
	w.run("state", "rm", keyAddress).ok()
	w.with(clientKey("1") + "import {\n  to = errortracking_client_key.test\n  id = \"1:1\"\n}\n").apply().ok().says("1 imported, 0 added, 0 changed, 0 destroyed")
	g.hasKeys(t, 1)
}

func TestAClientKeyOfAProjectThatIsNotKnownAtPlan(t *testing.T) {
	t.Parallel()
	const later = "resource \"terraform_data\" \"later\" {\n  input = %q\n}\n" +
		"resource \"errortracking_client_key\" \"test\" {\n  project = terraform_data.later.output\n}\n"
	g, w := begun(t, fmt.Sprintf(later, "acme/web"), withIntegrated(), p21())
	w.run("plan").ok().says("2 to add").asked()
	w.apply().ok()
	w.with(fmt.Sprintf(later, "acme/p21")).apply().ok().says("1 added, 1 changed, 1 destroyed")
	w.run("plan", "-detailed-exitcode").ok()
	g.hasKeys(t)
}
