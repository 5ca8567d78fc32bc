package acceptance_test

import (
	"fmt"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const none = "0 to add, 0 to change, 0 to destroy"

func TestMovedFromTheGitLabProvider(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ project, keep, configured string }{
		"by path":                      {`"acme/web"`, "true", "acme/web"},
		"and what to keep is not said": {`"acme/web"`, "null", "acme/web"},
		"by a path encoded":            {`"acme%2Fweb"`, "true", "acme/web"},
		"by an id that is a number":    {`1`, "true", "1"},
		"by an id that is a text":      {`"1"`, "true", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			w := g.movedSettings(t, c.project, c.keep, "", settings(c.configured, "active = true", `on_destroy = "keep"`))
			w.run("plan").ok().says(none, "has moved to errortracking_settings.test").saysNot("Warning")
			w.settles().asked(lookingUp(c.configured, get("1"))...)
			w.run("destroy", "-auto-approve").ok().asked(get("1"))
		})
	}
	for project, is := range map[string]string{`1`: "a number", `"acme/old"`: "a former path"} {
		t.Run("and has another name now, where it was "+is, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/old", Settings: gitlabsim.SentryLink(sentryURL)})
			g.sim.MoveProject(1, "acme/web")
			w := g.movedSettings(t, project, "true", "", settings("acme/web", "active = true"))
			w.run("plan").ok().says("0 to add, 1 to change, 0 to destroy")
			w.run("plan", "-refresh=false").ok().says("0 to add, 1 to change, 0 to destroy")
			w.apply().ok().writes()
			w.run("plan", "-detailed-exitcode").ok().asked(get("1"))
		})
	}
}

func TestWhatTheGitLabProviderWouldRestore(t *testing.T) {
	t.Parallel()
	// {"gitlab_project_error_tracking_settings_original":
	// base64({"active":false,"integrated":true})}
	const private = "eyJnaXRsYWJfcHJvamVjdF9lcnJvcl90cmFja2luZ19zZXR0aW5nc19vcmlnaW5hbCI6ImV5SmhZM1JwZG1VaU9tWmhiSE5sTENKcGJuUmxaM0poZEdWa0lqcDBjblZsZlE9PSJ9"
	g := newGitLab(t, withSentry()).really()
	w := g.movedSettings(t, `"acme/web"`, "false", private, settings("acme/web", "active = true", `on_destroy = "restore"`))
	w.run("plan").ok().says(none).saysNot("Warning")
	w.apply().ok()
	w.run("destroy", "-auto-approve").ok().asked(get("1"), patch("1", `{"active":false,"integrated":true}`))

	g = newGitLab(t, withSentry())
	w = g.movedSettings(t, `"acme/web"`, "false", "", settings("acme/web", "active = true", `on_destroy = "keep"`))
	w.run("plan").ok().says(none, "Warning: The original settings of acme/web are not known")
}

func TestAMovedProjectThatIsGoneLeavesTheState(t *testing.T) {
	t.Parallel()
	g := newGitLab(t)
	w := g.movedSettings(t, `"acme/web"`, "true", "", settings("acme/web", "active = true"))
	w.run("plan").ok().says("Warning: Project acme/web is gone", "1 to add")
}

func TestWithoutARefreshAMovedProjectIsLookedUpWhenItIsChanged(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.movedSettings(t, `"acme/web"`, "true", "", settings("acme/web", "active = false", `on_destroy = "disable"`))
	w.apply("-refresh=false").ok().says("1 changed").asked(lookUp("acme/web"), patch("1", bodyOff))
	w.run("plan", "-detailed-exitcode").ok().asked(get("1"))
}

func TestAClientKeyMovedFromTheGitLabProvider(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"by an id that is a text":   {`"1"`, "1"},
		"by an id that is a number": {`1`, "1"},
		"by path":                   {`"acme/web"`, "acme/web"},
		"by a path encoded":         {`"acme%2Fweb"`, "acme/web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withIntegrated())
			g.sim.AddClientKey(1)
			key := g.sim.AddClientKey(1)
			state := fmt.Sprintf(`{"id":"1:2","project":%s,"key_id":2,"active":true,"public_key":%q,"sentry_dsn":"https://%[2]s@host/1"}`, c.before, key.PublicKey)
			w := g.moved(t, gitlabKey, keyAddress, state, "", clientKey(c.after))
			w.run("plan").ok().says(none, "has moved to "+keyAddress).saysNot("Warning")
			w.apply("-refresh=false").ok().asked()
			w.holds(keyAddress, map[string]any{"key_id": 2, "active": true, "public_key": key.PublicKey, "sentry_dsn": "https://" + key.PublicKey + "@host/1"})
			w.settles().asked(lookingUp(c.after, listKeys("1"))...)
			w.run("destroy", "-auto-approve").ok().asked(listKeys("1"), deleteKey("1", key.ID))
			g.hasKeys(t, 1)
		})
	}
}

func TestWhatCannotBeMoved(t *testing.T) {
	t.Parallel()
	both := settings("1", "active = true") + clientKey("1")
	for name, c := range map[string]struct {
		from, to, state string
		says            []string
	}{
		"settings without project":    {gitlabSettings, address, `{"project_id":"1","active":true}`, []string{"cannot be moved", "it has no attribute project", "removed block", "import the project"}},
		"settings without active":     {gitlabSettings, address, `{"project":"1"}`, []string{"it has no attribute active"}},
		"a key without key_id":        {gitlabKey, keyAddress, `{"project":"1","public_key":"glet_1"}`, []string{"cannot be moved", "no key_id or no public_key", "removed block", "import the key", "PROJECT:KEY_ID"}},
		"a key without public_key":    {gitlabKey, keyAddress, `{"project":"1","key_id":1}`, []string{"no key_id or no public_key"}},
		"a key without project":       {gitlabKey, keyAddress, `{"key_id":1,"public_key":"glet_1"}`, []string{"it has no attribute project"}},
		"a key of other types":        {gitlabKey, keyAddress, `{"project":1,"key_id":"one"}`, []string{"cannot be moved"}},
		"a key whose project is null": {gitlabKey, keyAddress, `{"project":null,"key_id":1,"public_key":"glet_1"}`, []string{"it has no attribute project"}},
		"settings to a key":           {gitlabSettings, keyAddress, `{"project":"1","active":true,"key_id":1,"public_key":"glet_1"}`, []string{gitlabSettings}},
		"a key to settings":           {gitlabKey, address, `{"project":"1","active":true,"key_id":1,"public_key":"glet_1"}`, []string{gitlabKey}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withIntegrated())
			w := g.moved(t, c.from, c.to, c.state, "", both)
			w.run("plan").fails().says(c.says...)
		})
	}
}
