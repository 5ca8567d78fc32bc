package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestWithoutRefreshPlanMakesNoRequest(t *testing.T) {
	t.Parallel()
	_, w := applied(t, settings("1", "active = true"), withSentry())
	w.run("plan", "-refresh=false").ok().says("No changes").asked()
	w.with(settings("1", "active = false")).apply("-refresh=false").ok().says("1 changed").asked(patch("1", bodyOff))
}

func TestASavedPlanAppliesAlthoughUnmanagedIntegratedChanged(t *testing.T) {
	t.Parallel()
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	t.Run("an update", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry()).really()
		w := g.newWorkspace(t, g.config(settings("1", "active = false")))
		w.apply().ok()
		w.with(settings("1", "active = true")).run("plan", "-out=saved.tfplan").ok()
		g.sim.SetSettings(1, linked)
		w.run("apply", "saved.tfplan").ok().says("1 changed")
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
		w.run("apply", "-refresh-only", "-auto-approve").ok()
		w.run("show").ok().says("integrated = true")
	})
	t.Run("a create", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("1", "active = true"), withSentry())
		w.run("plan", "-out=saved.tfplan").ok().says("integrated = (known after apply)")
		g.sim.SetSettings(1, linked)
		w.run("apply", "saved.tfplan").ok().says("1 added")
		w.run("show").ok().says("integrated = true")
	})
	t.Run("a create of a project that got its first settings since", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("1", "active = false"), neverConfigured())
		w.run("plan", "-out=saved.tfplan").ok()
		g.sim.SetSettings(1, gitlabsim.SentryLink(sentryURL))
		w.run("apply", "saved.tfplan").ok().says("1 added")
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestPlanWarnsBeforeItOverwritesLiveSettings(t *testing.T) {
	t.Parallel()
	t.Run("each project has a warning of its own", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry(), gitlabsim.Project{ID: 2, Path: "acme/app", Settings: gitlabsim.SentryLink(sentryURL)})
		w := g.newWorkspace(t, g.config(
			settingsNamed("web", "acme/web", "active = false")+
				settingsNamed("app", "acme/app", "active = true", "integrated = true")))
		w.run("plan").ok().says(
			"Warning: Error tracking for acme/web was in use before", "this configuration turns it off",
			"Warning: Error tracking for acme/app was in use before", "switches it to the integrated backend",
			"active with Sentry at https://sentry.example.com/acme/web/", "terraform import ADDRESS acme/app")
		w.apply().ok()
		w.run("plan").ok().saysNot("Warning")
	})
	t.Run("the backend of an integrated project with a link", func(t *testing.T) {
		t.Parallel()
		linked := gitlabsim.SentryLink(sentryURL)
		linked.Integrated = true
		_, w := begun(t, settings("acme/web", "active = true", "integrated = false"), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: linked})
		w.run("plan").ok().says("in use before", "active with the integrated backend", "switches it to Sentry")
	})
	t.Run("a create that changes nothing gives no warning", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, settings("acme/web", "active = true"), withSentry())
		w.run("plan").ok().saysNot("Warning")
	})
}

func TestWarningsFromTheEleventhOnShareOne(t *testing.T) {
	t.Parallel()
	const n = 13
	unlinked := linked(n)
	for i := range unlinked {
		unlinked[i].Settings = &gitlabsim.Settings{}
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
	t.Run("More projects are gone", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, counted(n, "active = true"), linked(n)...)
		for id := int64(1); id <= n; id++ {
			g.sim.RemoveProject(id)
		}
		w.run("plan").ok().warns(11).says("More projects are gone")
	})
}

func TestPlanWarnsOfAMissingSentryLink(t *testing.T) {
	t.Parallel()
	off := &gitlabsim.Settings{}
	t.Run("on create", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, settings("acme/web", "active = true"), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: off})
		w.run("plan").ok().says("The Sentry link of acme/web seems to be missing", "Settings > Monitor > Error Tracking", "integrated = true")
		w.apply().fails().says("GitLab did not accept the settings", "api url is a required field", "Request id:")
	})
	t.Run("on an update that turns it on", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = false"), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: off})
		w.with(settings("acme/web", "active = true")).run("plan").ok().says("The Sentry link of acme/web seems to be missing").asked(get("1"))
	})
	t.Run("not if the integrated backend is chosen", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, settings("acme/web", "active = true", "integrated = true"), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: off})
		w.apply().ok().saysNot("Warning")
	})
	t.Run("a flag that is off hides a stored integrated, and GitLab accepts", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &gitlabsim.Settings{Integrated: true}})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok().says("seems to be missing", "integrated_error_tracking")
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a flag that is off makes no difference if integrated is false", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &gitlabsim.Settings{Integrated: true}})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = false")))
		w.run("plan").ok().says("seems to be missing", "will refuse").saysNot("integrated_error_tracking")
		w.apply().fails().says("GitLab did not accept the settings")
	})
}

func TestWhatIsNotKnownAtPlan(t *testing.T) {
	t.Parallel()
	// The only resource that has an attribute known only after apply and needs
	// no other provider.
	const later = "resource \"terraform_data\" \"later\" {\n  input = %q\n}\n"
	t.Run("an unknown project is not looked at", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(fmt.Sprintf(later, "acme/web")+
			"resource \"errortracking_settings\" \"test\" {\n  project = terraform_data.later.output\n  active = true\n}\n"))
		w.run("plan").ok().says("2 to add").asked()
		w.apply().ok()
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("an unknown active or integrated is decided at apply", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		w := g.newWorkspace(t, g.config(fmt.Sprintf(later, "true")+
			settings("1", "active = true", "integrated = terraform_data.later.output")))
		w.run("plan").ok().says("2 to add")
		w.apply().ok()
		g.has(t, 1, gitlabsim.Settings{Active: true, Integrated: true})
		w.with(fmt.Sprintf(later, "false") + settings("1", "active = terraform_data.later.output")).apply().ok()
		g.has(t, 1, gitlabsim.Settings{Integrated: true})
	})
	t.Run("an unknown provider configuration fails only what needs GitLab", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		body := fmt.Sprintf(later, maintainerToken) +
			fmt.Sprintf("provider \"errortracking\" {\n  base_url = %q\n  token = terraform_data.later.output\n}\n", g.url) +
			settings("1", "active = true")
		w := g.newWorkspace(t, body)
		w.run("plan").ok().says("2 to add").asked()
		w.apply().ok().says("2 added")
		w.write(strings.Replace(body, maintainerToken, "glpat-another", 1))
		w.run("plan").fails().says("The provider is not configured yet", "known only after apply: token", "-target")
	})
}
