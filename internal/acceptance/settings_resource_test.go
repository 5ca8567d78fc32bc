package acceptance_test

import (
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestSettingsOfAProjectNeverConfigured(t *testing.T) {
	t.Parallel()
	const cannot = "acme/web cannot be turned on"
	g, w := begun(t, settings("acme/web", "active = false", `on_destroy = "disable"`), neverConfigured())
	w.settles().writes(patch("1", bodyOff))
	w.holds(address, map[string]any{"active": false, "integrated": false})
	w.with(settings("acme/web", "active = true")).run("plan").fails().says(cannot, "integrated = true")
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("1 destroyed").asked(patch("1", bodyOff))
	if _, ok := g.sim.Settings(1); ok {
		t.Error("GitLab has a record of settings, want none")
	}
	w.with(imports(address, "1") + settings("1", "active = false")).settles().says("1 imported, 0 added, 0 changed").asked(get("1"))
	w.run("destroy", "-auto-approve").ok()
	for _, argument := range []string{"", "integrated = false"} {
		w.with(settings("acme/web", "active = true", argument)).run("plan").fails().says(cannot, "Settings > Monitor > Error Tracking", "integrated = true").writes()
	}
	for active, body := range map[string]string{"true": bodyBoth, "false": `{"active":false,"integrated":true}`} {
		story(t, "the integrated backend is created by PUT, with active = "+active, settings("acme/web", "active = "+active, "integrated = true"), []gitlabsim.Project{neverConfigured()}, func(g *fakeGitLab, w *workspace) {
			w.settles().writes(patch("1", body), put("1", body))
			w.holds(address, map[string]any{"active": active == "true", "integrated": true})
			g.sim.SetSettings(1, nil)
			w.apply().ok().says("1 changed").writes(patch("1", body), put("1", body))
		})
	}
}

func TestSettingsWhereGitLabCannotCreateARecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config        gitlabsim.Config
		says, saysNot string
	}{
		"the feature flag is off":     {gitlabsim.Config{}, ofTheFlag, "15.10"},
		"GitLab is older than 15.10":  {gitlabsim.Config{Version: "15.9", IntegratedErrorTracking: true}, "15.10", ofTheFlag},
		"both, as before GitLab 14.2": {gitlabsim.Config{Version: "14.1"}, "15.10", ofTheFlag},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, w := begunAs(t, c.config, settings("acme/web", "active = true", "integrated = true"), neverConfigured())
			w.apply().fails().says("Cannot turn on the integrated backend of acme/web", c.says).saysNot(c.saysNot)
		})
	}
}

func TestSettingsWhileTheFeatureFlagIsOff(t *testing.T) {
	t.Parallel()
	sentry, integrated := settings("acme/web", "active = true", "integrated = false"), settings("acme/web", "active = true", "integrated = true")
	t.Run("a project with a Sentry link is managed without trouble, another backend is an error", func(t *testing.T) {
		t.Parallel()
		_, w := begunAs(t, gitlabsim.Config{}, sentry, withSentry())
		w.settles()
		w.holds(address, map[string]any{"active": true, "integrated": false})
		w.with(settings("acme/web", "active = false")).settles()
		w.with(integrated).apply().fails().says("acme/web", ofTheFlag)
		w.run("plan", "-refresh=false").ok().says("~ integrated = false -> true").saysNot("active = false -> true")
		// What GitLab took is in state: nothing is left to change.
		w.with(sentry).run("plan", "-refresh=false").ok().says("No changes")
	})
	t.Run("creating with integrated = true is an error without a state", func(t *testing.T) {
		t.Parallel()
		g, w := begunAs(t, gitlabsim.Config{}, integrated, withSentry())
		w.apply().fails().says("acme/web", ofTheFlag).writes(patch("1", bodyBoth))
		g.sim.SetIntegratedErrorTracking(true)
		w.apply().ok().says("1 added, 0 changed, 0 destroyed").writes(patch("1", bodyBoth))
		w.holds(address, map[string]any{"integrated": true})
	})
	t.Run("GitLab before 14.2 has no integrated", func(t *testing.T) {
		t.Parallel()
		_, w := begunAs(t, gitlabsim.Config{Version: "14.1"}, settings("acme/web", "active = true"), withSentry())
		w.settles()
		w.holds(address, map[string]any{"integrated": false})
		w.with(integrated).apply().fails().says("acme/web", "14.2")
	})
}

func TestSettingsRefusedWithStatus200(t *testing.T) {
	t.Parallel()
	const refusal = "Error tracking setting api url is a required field"
	sentry, integrated := settings("acme/web", "active = true", "integrated = false"), settings("acme/web", "active = true", "integrated = true")
	_, w := begun(t, sentry, withIntegrated())
	w.apply().fails().says("acme/web", refusal)
	w.with(integrated).apply().ok().says("1 added, 0 changed, 0 destroyed")
	w.with(sentry).apply().fails().says("acme/web", refusal)
	w.holds(address, map[string]any{"integrated": true})
	w.with(integrated).run("plan", "-detailed-exitcode", "-refresh=false").ok()
}

func TestSettingsUnmanagedIntegratedFollowsGitLab(t *testing.T) {
	t.Parallel()
	g, w := begun(t, settings("acme/web", "active = true"), withSentry())
	w.apply().ok().says("integrated = (known after apply)")
	w.holds(address, map[string]any{"integrated": false})
	g.sim.SetSettings(1, withBoth().Settings)
	w.apply().ok().says("0 added, 0 changed").writes()
	w.holds(address, map[string]any{"integrated": true})
	// An update of active neither changes nor sends integrated.
	w.with(settings("acme/web", "active = false")).apply("-refresh=false").ok().says("~ active = true -> false").saysNot("~ integrated").asked(patch("1", bodyOff))
	w.holds(address, map[string]any{"integrated": true})
	w.run("plan", "-refresh=false").ok().says("No changes").asked()
}

func TestSettingsIgnoreChanges(t *testing.T) {
	t.Parallel()
	ignoring := func(active string) string {
		return settings("acme/web", "active = "+active, "integrated = false", "lifecycle { ignore_changes = [integrated] }")
	}
	g, w := applied(t, ignoring("true"), withSentry())
	g.sim.SetSettings(1, withBoth().Settings)
	w.run("plan", "-detailed-exitcode").ok()
	// The value that is sent is GitLab's own, not the ignored one.
	w.with(ignoring("false")).apply().ok().writes(patch("1", `{"active":false,"integrated":true}`))
	w.holds(address, map[string]any{"integrated": true})
}
