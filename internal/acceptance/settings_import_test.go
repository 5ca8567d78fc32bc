package acceptance_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func imports(to, id string) string {
	return "import {\n  to = " + to + "\n  id = \"" + id + "\"\n}\n"
}

func importsIdentity(to, identity string) string {
	return "import {\n  to = " + to + "\n  identity = { " + identity + " }\n}\n"
}

func TestAnImportByIdentity(t *testing.T) {
	t.Parallel()
	t.Run("of settings takes the path from the project", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, importsIdentity(address, "project_id = 1")+settings("acme/web", "active = true"), withSentry())
		w.apply().ok().says("1 imported, 0 added, 0 changed").asked("GET /projects/1", get("1"))
		w.holds(address, map[string]any{"project": "acme/web", "project_id": 1, "active": true, "integrated": false, "on_destroy": "keep"})
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("of a key, which keeps it when it is gone", func(t *testing.T) {
		t.Parallel()
		for _, remove := range []func(*gitlabsim.Server){
			func(s *gitlabsim.Server) { s.RemoveClientKey(1, 2) }, func(s *gitlabsim.Server) { s.RemoveProject(1) },
		} {
			for _, older := range []bool{true, false} {
				g := newGitLab(t, withIntegrated())
				g.sim.AddClientKey(1)
				key := g.sim.AddClientKey(1)
				w := g.newWorkspace(t, g.config(importsIdentity(keyAddress, "project_id = 1, key_id = 2")+clientKey("acme/web")))
				w.apply().ok().says("1 imported, 0 added, 0 changed")
				w.holds(keyAddress, map[string]any{"project": "acme/web", "project_id": 1, "key_id": 2, "active": true, "public_key": key.PublicKey})
				if older { // than identities
					state := regexp.MustCompile(`"identity": \{[^}]*\},`).ReplaceAllString(w.state(), "")
					if err := os.WriteFile(w.statePath(), []byte(state), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				w.write(g.config(clientKey("acme/web")))
				remove(g.sim)
				w.run("plan", "-refresh-only", "-detailed-exitcode").exits(2).says("has been deleted")
			}
		}
	})
	g := newGitLab(t, withIntegrated())
	for to, cases := range map[string]map[string]string{
		address: {"project_id = 0": "greater than zero", "project_id = 2": "no such project"},
		keyAddress: {
			"project_id = 0, key_id = 1": "greater than zero", "project_id = -1, key_id = 1": "greater than zero", "project_id = 1, key_id = 0": "greater than zero",
			"project_id = 1, key_id = -1": "greater than zero", "project_id = 1, key_id = 1.5": "1.5", "project_id = 1, key_id = 2": "errortracking_client_keys", "project_id = 2, key_id = 1": "no such project",
		},
	} {
		for identity, says := range cases {
			w := g.newWorkspace(t, g.config(importsIdentity(to, identity)+settings("acme/web", "active = true")+clientKey("acme/web")))
			w.run("plan", "-target="+to).fails().says(says)
		}
	}
}

func TestAPlanAfterAnImportIsEmpty(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ id, project string }{
		"by path":                             {"acme/web", "acme/web"},
		"by id":                               {"1", "1"},
		"by path, where the id is configured": {"acme/web", "1"},
		"by id, where the path is configured": {"1", "acme/web"},
		"by a path in other letter case":      {"Acme/WEB", "acme/web"},
		"by a former path":                    {"acme/old", "acme/web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/old", Settings: &gitlabsim.Settings{Active: true, Integrated: true}})
			g.sim.MoveProject(1, "acme/web")
			g.sim.AddClientKey(1)
			w := g.newWorkspace(t, g.config(imports(address, c.id)+imports(keyAddress, c.id+":1")+
				settings(c.project, "active = true")+clientKey(c.project)))
			out := w.apply().ok().says("2 imported, 0 added").saysNot("Warning", "destroyed. 1").writes()
			if c.id == c.project || strings.EqualFold(c.id, c.project) {
				out.says("2 imported, 0 added, 0 changed, 0 destroyed")
			}
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			w.run("destroy", "-auto-approve").ok().writes(deleteKey("1", 1))
		})
	}
}

func TestDestroyingByDefaultAsksNothing(t *testing.T) {
	t.Parallel()
	g, w := applied(t, counted(3, "active = true"), linked(3)...)
	g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.ResetBefore()})
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("3 destroyed").asked()
}

func TestAClientKeyMovedFromAStateWhoseProjectIsANumber(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	key := g.sim.AddClientKey(1)
	w := g.moved(t, gitlabKeyType, keyAddress, strings.Replace(oldKey("1", key), `"project":"1"`, `"project":1`, 1), "", g.config(clientKey("1")))
	w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy").asked(listKeys("1"))
}

func TestAMovedStateOfAProjectThatHasAnotherNameNow(t *testing.T) {
	t.Parallel()
	old := `{"project":%s,"active":true,"integrated":false,"keep_settings_on_destroy":true}`
	for name, project := range map[string]string{"a number": `1`, "a path": `"acme/old"`} {
		t.Run("recorded as "+name+", takes the new path without a replacement", func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/old", Settings: gitlabsim.SentryLink(sentryURL)})
			g.sim.MoveProject(1, "acme/web")
			w := g.movedFrom(t, strings.Replace(old, "%s", project, 1), "", g.config(settings("acme/web", "active = true")))
			w.run("plan").ok().says("0 to add, 1 to change, 0 to destroy")
			w.run("plan", "-refresh=false").ok().says("0 to add, 1 to change, 0 to destroy")
			w.apply().ok().writes()
			w.run("plan", "-detailed-exitcode").ok().asked(get("1"))
		})
	}
}

func TestAnImportBlockRecordsWhatToRestore(t *testing.T) {
	t.Parallel()
	g, w := begun(t, imports(address, "acme/web")+settings("acme/web", "active = false", "integrated = true", `on_destroy = "restore"`), withSentry())
	w.apply().ok().says("1 imported, 0 added, 1 changed").saysNot("Warning")
	w.run("destroy", "-auto-approve").ok().writes(patch("1", `{"active":true,"integrated":false}`))
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
}
