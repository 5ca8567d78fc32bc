package provider_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestARenamedProjectKeepsWorkingUnderItsOldPath(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply().ok()
	g.sim.MoveProject(1, "acme/site")

	w.run("plan", "-detailed-exitcode").ok().says("No changes").asked(get("acme/web"), get("1"))
	w.write(g.config(settings("acme/web", "active = false")))
	w.apply().ok().says("Warning: Project acme/web is now acme/site", `"acme/site"`, `"1"`).asked(
		get("acme/web"), get("1"), patch("acme/web", bodyOff), "GET /projects/acme%2Fweb", "GET /projects/1", patch("1", bodyOff))
	w.run("plan", "-detailed-exitcode").ok()
	w.run("destroy", "-auto-approve").ok().says("is now acme/site")
}

func TestARenamedProjectIsCreatedAndRestoredUnderItsOldPath(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, neverConfigured())
	g.sim.MoveProject(1, "acme/site")
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true", `on_destroy = "restore"`)))
	w.apply().ok().says("is now acme/site")
	g.has(t, 1, gitlabsim.Settings{Active: true, Integrated: true})
	w.run("destroy", "-auto-approve").ok()
	g.has(t, 1, gitlabsim.Settings{})
}

func TestAKeyRenamedAfterTheProjectLeavesItAsConfigured(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	config := func(path string) string {
		return g.config("resource \"errortracking_settings\" \"test\" {\n  for_each = toset([\"" + path + "\"])\n  project = each.key\n  active = true\n}\n")
	}
	w := g.newWorkspace(t, config("acme/web"))
	w.apply().ok()
	g.sim.MoveProject(1, "acme/site")
	// The destroy comes late, under the old path: the create is done by then.
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "acme%2Fweb", Effect: gitlabsim.Delay(300 * time.Millisecond)})
	w.write(config("acme/site"))
	w.apply().ok().says("1 added, 0 changed, 1 destroyed")
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
	w.run("plan", "-detailed-exitcode").ok()
}

func TestAReplacementUnderTheOldPathLeavesTheProjectAsConfigured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		project   gitlabsim.Project
		arguments []string
		want      gitlabsim.Settings
	}{
		"by PATCH": {withSentry(), []string{"active = true"}, *gitlabsim.SentryLink(sentryURL)},
		"by PUT":   {neverConfigured(), []string{"active = true", "integrated = true"}, gitlabsim.Settings{Active: true, Integrated: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, c.project)
			g.sim.MoveProject(1, "acme/site")
			config := func(path string) string {
				return g.config(settings(path, append(c.arguments, "lifecycle { create_before_destroy = true }")...))
			}
			w := g.newWorkspace(t, config("acme/site"))
			w.apply().ok()
			g.sim.SetSettings(1, c.project.Settings)
			w.write(config("acme/web"))
			w.apply("-replace=" + address).ok().says("1 added, 0 changed, 1 destroyed")
			g.has(t, 1, c.want)
		})
	}
}

func TestARenamedProjectWhoseNewPathCannotBeLookedUp(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply().ok()
	g.sim.MoveProject(1, "acme/site")
	w.write(g.config(settings("acme/web", "active = false")))
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, After: 2, Effect: gitlabsim.JSON(http.StatusInternalServerError, `{}`)})
	w.apply().fails().says("Cannot set error tracking for acme/web", "renamed or transferred", "could not be looked up", "numeric id", "Answer: 405").asked(
		get("acme/web"), get("1"), patch("acme/web", bodyOff), "GET /projects/acme%2Fweb")
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
}

func TestAProjectThatGetsItsPathBackDuringTheApply(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply().ok()
	w.write(g.config(settings("acme/web", "active = false")))
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.JSON(http.StatusMethodNotAllowed, `{"message":"Non GET methods are not allowed for moved projects"}`)})
	w.apply().ok().saysNot("Warning").asked(
		get("acme/web"), patch("acme/web", bodyOff), "GET /projects/acme%2Fweb", patch("1", bodyOff))
}

func TestANewNameOfTheSameProjectReplacesNothing(t *testing.T) {
	t.Parallel()
	lookups := func(before, after string) []string {
		return []string{"GET /projects/" + before, "GET /projects/" + after}
	}
	t.Run("the new path of a renamed project", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		g.sim.MoveProject(1, "acme/site")
		w.write(g.config(settings("acme/site", "active = true")))
		w.run("plan").ok().says("0 to add, 1 to change, 0 to destroy")
		w.apply().ok().says("1 changed")
		if err := g.checkWrites(); err != nil {
			t.Error(err)
		}
		w.run("plan", "-detailed-exitcode").ok().asked(get("acme/site"))
	})
	t.Run("from the path to the id, and back", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		w.write(g.config(settings("1", "active = true")))
		w.apply().ok().says("1 changed").asked(append([]string{get("acme/web")},
			append(lookups("acme%2Fweb", "1"), lookups("acme%2Fweb", "1")...)...)...)
		w.write(g.config(settings("acme/web", "active = false")))
		w.apply().ok().says("1 changed")
		if err := g.checkWrites(patch("acme/web", bodyOff)); err != nil {
			t.Error(err)
		}
	})
	t.Run("other letter case changes nothing at all", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		w.write(g.config(settings("Acme/Web", "active = true")))
		w.run("plan", "-detailed-exitcode").ok().says("No changes").asked(get("acme/web"))
		w.write(g.config(settings("Acme/Web", "active = false")))
		w.apply().ok().says("1 changed").asked(get("acme/web"), patch("acme/web", bodyOff))
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestAnotherProjectReplaces(t *testing.T) {
	t.Parallel()
	other := gitlabsim.Project{ID: 2, Path: "acme/app", Settings: gitlabsim.SentryLink(sentryURL)}
	t.Run("and an unconfigured integrated becomes unknown again", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry(), other)
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		w.write(g.config(settings("acme/app", "active = true")))
		w.run("plan").ok().says("must be replaced", "(known after apply)", "# forces replacement")
		w.apply().ok().says("1 added, 0 changed, 1 destroyed")
		if err := g.checkWrites(patch("acme/web", bodyOff), patch("acme/app", bodyOn)); err != nil {
			t.Error(err)
		}
	})
	t.Run("with the warning that its live settings are overwritten", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry(), other)
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = false")))
		w.apply().ok()
		w.write(g.config(settings("acme/app", "active = false")))
		w.run("plan").ok().says("Warning: Error tracking for acme/app was in use before")
	})
	t.Run("one that is not found yet", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		w.write(g.config(settings("acme/later", "active = true")))
		w.run("plan").ok().says("1 to add, 0 to change, 1 to destroy", "GitLab cannot find project acme/later")
	})
	t.Run("one that is known only after apply", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry(), other)
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok()
		w.write(g.config("resource \"terraform_data\" \"later\" {\n  input = \"acme/app\"\n}\n" +
			"resource \"errortracking_settings\" \"test\" {\n  project = terraform_data.later.output\n  active = true\n}\n"))
		w.apply().ok().says("2 added, 0 changed, 1 destroyed")
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestALookupThatFailsReplacesNothing(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry(), gitlabsim.Project{ID: 2, Path: "acme/app"})
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply().ok()
	w.write(g.config(settings("acme/app", "active = true")))
	for name, effect := range map[string]gitlabsim.Effect{
		"500": gitlabsim.JSON(http.StatusInternalServerError, `{}`),
		"403": gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
	} {
		g.sim.ClearFaults()
		g.sim.AddFault(gitlabsim.Fault{Path: "/projects/acme%2Fapp", Effect: effect})
		w.run("plan", "-refresh=false").fails().says("tell whether acme/web and acme/app are the same project", "Answer: "+name).saysNot("replaced")
	}
}
