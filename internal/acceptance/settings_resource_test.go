package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestSettingsOfAProjectNeverConfigured(t *testing.T) {
	t.Parallel()
	t.Run("inactive is stable and creates no record", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("acme/web", "active = false"), neverConfigured())
		w.apply().ok().writes(patch("1", bodyOff))
		w.holds(address, map[string]any{"active": false, "integrated": false})
		w.run("plan", "-detailed-exitcode").ok()
		if _, ok := g.sim.Settings(1); ok {
			t.Error("GitLab has a record of settings, want none")
		}
		w.with(settings("acme/web", "active = true")).run("plan").fails().says("acme/web cannot be turned on", "integrated = true")
	})
	for name, arguments := range map[string][]string{
		"active alone":                   {"active = true"},
		"active with integrated = false": {"active = true", "integrated = false"},
	} {
		t.Run(name+" fails at plan and names both ways out", func(t *testing.T) {
			t.Parallel()
			_, w := begun(t, settings("acme/web", arguments...), neverConfigured())
			w.run("plan").fails().says("acme/web cannot be turned on", "Settings > Monitor > Error Tracking", "integrated = true").writes()
		})
	}
	for active, body := range map[string]string{"true": bodyBoth, "false": `{"active":false,"integrated":true}`} {
		t.Run("the integrated backend is created by PUT, with active = "+active, func(t *testing.T) {
			t.Parallel()
			g, w := begun(t, settings("acme/web", "active = "+active, "integrated = true"), neverConfigured())
			w.apply().ok().writes(patch("1", body), put("1", body))
			w.holds(address, map[string]any{"active": active == "true", "integrated": true})
			w.run("plan", "-detailed-exitcode").ok()
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
			g := newGitLabAs(t, c.config, neverConfigured())
			w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true")))
			w.apply().fails().says("Cannot turn on the integrated backend of acme/web", c.says).saysNot(c.saysNot)
		})
	}
}

func TestSettingsWhileTheFeatureFlagIsOff(t *testing.T) {
	t.Parallel()
	t.Run("a project with a Sentry link is managed without trouble", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = false")))
		w.apply().ok()
		w.holds(address, map[string]any{"active": true, "integrated": false})
		w.run("plan", "-detailed-exitcode").ok()
		w.with(settings("acme/web", "active = false")).apply().ok()
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("creating with integrated = true is an error without a state", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true")))
		w.apply().fails().says("acme/web", ofTheFlag).writes(patch("1", bodyBoth))
		g.sim.SetIntegratedErrorTracking(true)
		w.apply().ok().says("1 added, 0 changed, 0 destroyed").writes(patch("1", bodyBoth))
		w.holds(address, map[string]any{"integrated": true})
	})
	t.Run("changing to integrated = true is an error and the state is GitLab's", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = false")))
		w.apply().ok()
		w.with(settings("acme/web", "active = true", "integrated = true")).apply().fails().says("acme/web", ofTheFlag)
		w.run("plan", "-refresh=false").ok().says("~ integrated = false -> true").saysNot("active = false -> true")
		// What GitLab took is in state: nothing is left to change.
		w.with(settings("acme/web", "active = true", "integrated = false")).run("plan", "-refresh=false").ok().says("No changes")
	})
	t.Run("GitLab before 14.2 has no integrated", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{Version: "14.1"}, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		w.holds(address, map[string]any{"integrated": false})
		w.run("plan", "-detailed-exitcode").ok()
		w.with(settings("acme/web", "active = true", "integrated = true")).apply().fails().says("acme/web", "14.2")
	})
}

func TestSettingsRefusedWithStatus200(t *testing.T) {
	t.Parallel()
	const refusal = "Error tracking setting api url is a required field"
	t.Run("on create nothing enters the state, on update it does not claim the change", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		sentry, integrated := g.config(settings("acme/web", "active = true", "integrated = false")), g.config(settings("acme/web", "active = true", "integrated = true"))
		w := g.newWorkspace(t, sentry)
		w.apply().fails().says("acme/web", refusal)
		w.write(integrated)
		w.apply().ok().says("1 added, 0 changed, 0 destroyed")
		w.write(sentry)
		w.apply().fails().says("acme/web", refusal)
		w.holds(address, map[string]any{"integrated": true})
		w.write(integrated)
		w.run("plan", "-detailed-exitcode", "-refresh=false").ok()
	})
	t.Run("http_status forbidden is a refusal, too", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.JSON(http.StatusOK,
			`{"message":"You may not","status":"error","http_status":"forbidden"}`)})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = false")))
		w.apply().fails().says("acme/web", "You may not")
	})
}

func TestSettingsUnmanagedIntegratedFollowsGitLab(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply().ok().says("integrated = (known after apply)")
	w.holds(address, map[string]any{"integrated": false})
	g.sim.SetSettings(1, linked)
	w.apply().ok().says("0 added, 0 changed").writes()
	w.holds(address, map[string]any{"integrated": true})
	// An update of active neither changes nor sends integrated.
	w.with(settings("acme/web", "active = false")).apply().ok().says("~ active = true -> false").saysNot("~ integrated").writes(patch("1", bodyOff))
	w.holds(address, map[string]any{"integrated": true})
}

func TestSettingsIgnoreChanges(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	ignoring := func(active string) string {
		return g.config(settings("acme/web", "active = "+active, "integrated = false", "lifecycle { ignore_changes = [integrated] }"))
	}
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	w := g.newWorkspace(t, ignoring("true"))
	w.apply().ok()
	g.sim.SetSettings(1, linked)
	w.run("plan", "-detailed-exitcode").ok()
	// The value that is sent is GitLab's own, not the ignored one.
	w.write(ignoring("false"))
	w.apply().ok().writes(patch("1", `{"active":false,"integrated":true}`))
	w.holds(address, map[string]any{"integrated": true})
}
