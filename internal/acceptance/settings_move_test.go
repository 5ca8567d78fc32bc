package acceptance_test

import (
	"fmt"
	"strings"
	"testing"
)

const oldState = `{"project":"acme/web","active":true,"integrated":false,"keep_settings_on_destroy":%s,"api_url":null,"project_name":null,"sentry_external_url":null,"id":"acme/web"}`

func TestMovedFromTheGitLabProvider(t *testing.T) {
	t.Parallel()
	t.Run("keep_settings_on_destroy true, or absent, becomes keep and plans empty", func(t *testing.T) {
		t.Parallel()
		for _, keep := range []string{"true", "null"} {
			g := newGitLab(t, withSentry())
			w := g.movedFrom(t, fmt.Sprintf(oldState, keep), "", g.config(settings("acme/web", "active = true", `on_destroy = "keep"`)))
			w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy", "has moved to errortracking_settings.test").saysNot("Warning")
			w.apply().ok().asked(lookUp("acme/web"), get("1"))
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			w.run("destroy", "-auto-approve").ok().asked(get("1"))
		}
	})
	t.Run("false becomes restore with the recorded originals", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry()).really()
		// {"gitlab_project_error_tracking_settings_original":
		// base64({"active":false,"integrated":true})}
		w := g.movedFrom(t, fmt.Sprintf(oldState, "false"),
			"eyJnaXRsYWJfcHJvamVjdF9lcnJvcl90cmFja2luZ19zZXR0aW5nc19vcmlnaW5hbCI6ImV5SmhZM1JwZG1VaU9tWmhiSE5sTENKcGJuUmxaM0poZEdWa0lqcDBjblZsZlE9PSJ9",
			g.config(settings("acme/web", "active = true", `on_destroy = "restore"`)))
		w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy").saysNot("Warning")
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().asked(get("1"), patch("1", `{"active":false,"integrated":true}`))
	})
	t.Run("false without readable originals becomes keep, with a warning", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.movedFrom(t, fmt.Sprintf(oldState, "false"), "", g.config(settings("acme/web", "active = true", `on_destroy = "keep"`)))
		w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy", "Warning: The original settings of acme/web are not known")
	})
	t.Run("a path that is percent-encoded is taken over as it is written here", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.movedFrom(t, strings.Replace(fmt.Sprintf(oldState, "true"), "acme/web", "acme%2Fweb", 1), "",
			g.config(settings("acme/web", "active = true", `on_destroy = "keep"`)))
		w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy")
	})
	t.Run("an id is taken over, be it a number or a text", func(t *testing.T) {
		t.Parallel()
		for _, id := range []string{`1`, `"1"`} {
			g := newGitLab(t, withSentry())
			w := g.movedFrom(t, strings.Replace(fmt.Sprintf(oldState, "true"), `"acme/web"`, id, 1), "", g.config(settings("1", "active = true")))
			w.run("plan").ok().says("0 to add, 0 to change, 0 to destroy").asked(get("1"))
		}
	})
	t.Run("a project that is gone leaves the state", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t)
		w := g.movedFrom(t, fmt.Sprintf(oldState, "true"), "", g.config(settings("acme/web", "active = true")))
		w.run("plan").ok().says("Warning: Project acme/web is gone", "1 to add")
	})
	t.Run("without a refresh it is looked up when it is changed", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.movedFrom(t, fmt.Sprintf(oldState, "true"), "", g.config(settings("acme/web", "active = false", `on_destroy = "disable"`)))
		w.apply("-refresh=false").ok().says("1 changed").asked(lookUp("acme/web"), patch("1", bodyOff))
		w.run("plan", "-detailed-exitcode").ok().asked(get("1"))
	})
	for name, c := range map[string]struct{ state, says string }{
		"without project": {`{"project_id":"1","active":true}`, "it has no attribute project"},
		"without active":  {`{"project":"1"}`, "it has no attribute active"},
	} {
		t.Run("a state "+name+" is an error that says what to do instead", func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			w := g.movedFrom(t, c.state, "", g.config(settings("acme/web", "active = true")))
			w.run("plan").fails().says("cannot be moved", c.says, "removed block", "import the project")
		})
	}
}

func TestMovedFromAnyOtherResourceIsAnError(t *testing.T) {
	t.Parallel()
	_, w := applied(t, "resource \"terraform_data\" \"old\" {}\n", withSentry())
	w.with("moved {\n  from = terraform_data.old\n  to = errortracking_settings.test\n}\n" + settings("acme/web", "active = true")).run("plan").fails().says("terraform_data")
}
