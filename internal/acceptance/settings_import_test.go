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

func TestAnImportByIdentityOfSettingsTakesThePathFromTheProject(t *testing.T) {
	t.Parallel()
	_, w := begun(t, importsIdentity(address, "project_id = 1")+settings("acme/web", "active = true"), withSentry())
	w.settles().says("1 imported, 0 added, 0 changed").asked("GET /projects/1", get("1"))
	w.holds(address, map[string]any{"project": "acme/web", "project_id": 1, "active": true, "integrated": false, "on_destroy": "keep"})
}

func TestAClientKeyImportedByIdentityKeepsItWhenItIsGone(t *testing.T) {
	t.Parallel()
	for _, remove := range []func(*gitlabsim.Server){
		func(s *gitlabsim.Server) { s.RemoveClientKey(1, 2) }, func(s *gitlabsim.Server) { s.RemoveProject(1) },
	} {
		for _, older := range []bool{true, false} {
			g, w := begun(t, importsIdentity(keyAddress, "project_id = 1, key_id = 2")+clientKey("acme/web"), withIntegrated())
			g.sim.AddClientKey(1)
			key := g.sim.AddClientKey(1)
			w.apply().ok().says("1 imported, 0 added, 0 changed")
			w.holds(keyAddress, map[string]any{"project": "acme/web", "project_id": 1, "key_id": 2, "active": true, "public_key": key.PublicKey})
			if older { // than identities
				state := regexp.MustCompile(`"identity": \{[^}]*\},`).ReplaceAllString(w.state(), "")
				if err := os.WriteFile(w.statePath(), []byte(state), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w.with(clientKey("acme/web"))
			remove(g.sim)
			w.run("plan", "-refresh-only", "-detailed-exitcode").exits(2).says("has been deleted")
		}
	}
}

func TestImportOfWhatCannotBeImported(t *testing.T) {
	t.Parallel()
	body := settings("acme/web", "active = true") + clientKey("acme/web")
	g, w := begun(t, body, withIntegrated())
	g.sim.AddClientKey(1)
	const invalid, ofKey = "Invalid import id", `"group/project:3"`
	for to, ids := range map[string]map[string][]string{
		address: {
			"": {invalid, "it is empty"}, "web": {invalid, "neither a whole number nor a full path"}, "acme/nothing": {"There is no such project"},
		},
		keyAddress: {
			"": {invalid, ofKey, `got ""`}, "acme/web": {invalid, ofKey, "no colon"}, ":1": {invalid, "it is empty"}, "web:1": {invalid, "neither a whole number nor a full path"},
			"acme/web:": {invalid, "greater than zero"}, "acme/web:0": {invalid, "greater than zero"}, "acme/web:one": {invalid, "whole number"},
			"acme/web:2":     {"Project acme/web has no client key 2", "errortracking_client_keys"},
			"acme/nothing:1": {"Cannot read the client keys of acme/nothing", "no such project"},
		},
	} {
		for id, phrases := range ids {
			w.run("import", to, id).fails().says(phrases...).saysNot("Value Conversion Error")
		}
	}
	for to, identities := range map[string]map[string]string{
		address: {"project_id = 0": "greater than zero", "project_id = 2": "no such project"},
		keyAddress: {
			"project_id = 0, key_id = 1": "greater than zero", "project_id = -1, key_id = 1": "greater than zero", "project_id = 1, key_id = 0": "greater than zero",
			"project_id = 1, key_id = -1": "greater than zero", "project_id = 1, key_id = 1.5": "1.5", "project_id = 1, key_id = 2": "errortracking_client_keys", "project_id = 2, key_id = 1": "no such project",
		},
	} {
		for identity, says := range identities {
			w.with(importsIdentity(to, identity)+body).run("plan", "-target="+to).fails().says(says)
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
		body := imports(address, c.id) + imports(keyAddress, c.id+":1") + settings(c.project, "active = true") + clientKey(c.project)
		story(t, name, body, []gitlabsim.Project{{ID: 1, Path: "acme/old", Settings: withIntegrated().Settings}}, func(g *fakeGitLab, w *workspace) {
			g.sim.MoveProject(1, "acme/web")
			g.sim.AddClientKey(1)
			out := w.apply().ok().says("2 imported, 0 added").saysNot("Warning", "destroyed. 1").writes()
			if strings.EqualFold(c.id, c.project) {
				out.says("2 imported, 0 added, 0 changed, 0 destroyed")
			}
			if c.id == c.project && c.id != "1" { // looked up by the first read only
				out.askedInAnyOrder(lookUp(c.id), lookUp(c.id), get("1"), listKeys("1"))
			}
			w.run("plan", "-detailed-exitcode").ok().says("No changes").askedInAnyOrder(get("1"), listKeys("1"))
			w.run("destroy", "-auto-approve").ok().writes(deleteKey("1", 1))
		})
	}
}

func TestAnImportRecordsWhatToRestore(t *testing.T) {
	t.Parallel()
	g, w := begun(t, imports(address, "acme/web")+settings("acme/web", "active = false", "integrated = true", `on_destroy = "restore"`), withSentry())
	w.apply().ok().says("1 imported, 0 added, 1 changed").saysNot("Warning")
	w.run("destroy", "-auto-approve").ok().writes(patch("1", `{"active":true,"integrated":false}`))
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
}
