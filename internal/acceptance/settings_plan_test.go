package acceptance_test

import (
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestASavedPlanAppliesAlthoughUnmanagedIntegratedChanged(t *testing.T) {
	t.Parallel()
	t.Run("an update", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry()).really()
		w := g.newWorkspace(t, g.config(settings("1", "active = false")))
		w.apply().ok()
		w.with(settings("1", "active = true")).run("plan", "-out=saved.tfplan").ok()
		g.sim.SetSettings(1, withBoth().Settings)
		w.run("apply", "saved.tfplan").ok().says("1 changed")
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
		w.run("apply", "-refresh-only", "-auto-approve").ok()
		w.run("show").ok().says("integrated = true")
	})
	story(t, "a create of a project that got its first settings since", settings("1", "active = false"), []gitlabsim.Project{neverConfigured()}, func(g *fakeGitLab, w *workspace) {
		w.run("plan", "-out=saved.tfplan").ok().says("integrated = (known after apply)")
		g.sim.SetSettings(1, withBoth().Settings)
		w.run("apply", "saved.tfplan").ok().says("1 added")
		w.holds(address, map[string]any{"integrated": true})
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestPlanWarnsBeforeItOverwritesLiveSettings(t *testing.T) {
	t.Parallel()
	both := withBoth()
	both.ID, both.Path = 3, "acme/both"
	_, w := begun(t, settingsNamed("web", "acme/web", "active = false")+settingsNamed("app", "acme/app", "active = true", "integrated = true")+
		settingsNamed("both", "acme/both", "active = true", "integrated = false"), withSentry(), app(), both)
	w.run("plan").ok().warns(3).says(
		"Warning: Error tracking for acme/web was in use before", "this configuration turns it off",
		"Warning: Error tracking for acme/app was in use before", "switches it to the integrated backend",
		"active with Sentry at https://sentry.example.com/acme/web/", "terraform import ADDRESS acme/app",
		"Warning: Error tracking for acme/both was in use before", "active with the integrated backend", "switches it to Sentry")
	w.apply().ok()
	w.run("plan").ok().saysNot("Warning")
	// A create that changes nothing gives none either.
	_, w = begun(t, settings("acme/web", "active = true"), withSentry())
	w.run("plan").ok().saysNot("Warning")
}

func TestWarningsFromTheEleventhOnShareOne(t *testing.T) {
	t.Parallel()
	const n = 13
	unlinked := linked(n)
	for i := range unlinked {
		unlinked[i].Settings = withOff().Settings
	}
	for shared, c := range map[string]struct {
		gitlab *fakeGitLab
		token  string
		config string
	}{
		"Error tracking for more projects was in use before":                 {newGitLab(t, linked(n)...), maintainerToken, counted(n, "active = false")},
		"The Sentry links of more projects seem to be missing":               {newGitLab(t, unlinked...), maintainerToken, counted(n, "active = true")},
		"More projects cannot be found":                                      {newGitLab(t), maintainerToken, counted(n, "active = true")},
		"The token cannot read the error tracking settings of more projects": {newGitLab(t, linked(n)...), developerToken, counted(n, "active = true")},
	} {
		t.Run(shared, func(t *testing.T) {
			t.Parallel()
			w := c.gitlab.newWorkspace(t, c.gitlab.block(c.token)+c.config)
			w.run("plan").ok().warns(11).says(shared)
		})
	}
	story(t, "More projects are gone", counted(n, "active = true"), linked(n), func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		for id := int64(1); id <= n; id++ {
			g.sim.RemoveProject(id)
		}
		w.run("plan").ok().warns(11).says("More projects are gone")
	})
}

func TestPlanWarnsOfAMissingSentryLink(t *testing.T) {
	t.Parallel()
	const missing = "The Sentry link of acme/web seems to be missing"
	g, w := begun(t, settings("acme/web", "active = true"), withOff())
	w.run("plan").ok().says(missing, "Settings > Monitor > Error Tracking", "integrated = true")
	w.apply().fails().says("GitLab did not accept the settings", "api url is a required field", "Request id:")
	// An update that turns it on warns, too, without a request.
	w.with(settings("acme/web", "active = false")).apply().ok()
	w.with(settings("acme/web", "active = true")).run("plan").ok().says(missing).asked(get("1"))
	w.with(settings("acme/web", "active = true", "integrated = true")).apply().ok().saysNot("Warning")
	// A flag that is off hides a stored integrated, and GitLab accepts.
	g.sim.SetSettings(1, &gitlabsim.Settings{Integrated: true})
	g.sim.SetIntegratedErrorTracking(false)
	w = g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = false")))
	w.run("plan").ok().says("seems to be missing", "will refuse").saysNot(ofTheFlag)
	w.apply().fails().says("GitLab did not accept the settings")
	w.with(settings("acme/web", "active = true")).settles().says(missing, ofTheFlag)
}

func TestWhatIsNotKnownAtPlan(t *testing.T) {
	t.Parallel()
	const output = "terraform_data.later.output"
	t.Run("an unknown project is not looked at", func(t *testing.T) {
		t.Parallel()
		body := func(project string) string {
			return later(project) + strings.ReplaceAll(settings("LATER", "active = true")+clientKey("LATER"), `"LATER"`, output)
		}
		g, w := begun(t, body("acme/web"), withSentry(), app())
		w.run("plan").ok().says("3 to add").asked()
		w.apply().ok()
		w.with(body("acme/app")).settles().says("2 added, 1 changed, 2 destroyed")
		g.hasKeys(t)
	})
	story(t, "an unknown active or integrated is decided at apply", later("true")+settings("1", "active = true", "integrated = "+output), []gitlabsim.Project{neverConfigured()}, func(g *fakeGitLab, w *workspace) {
		w.run("plan").ok().says("2 to add")
		w.apply().ok()
		g.has(w.t, 1, *withIntegrated().Settings)
		w.with(later("false") + settings("1", "active = "+output)).apply().ok()
		g.has(w.t, 1, gitlabsim.Settings{Integrated: true})
	})
}
