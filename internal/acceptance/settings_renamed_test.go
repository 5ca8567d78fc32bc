package acceptance_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestARenamedProjectIsStillTheSameOne(t *testing.T) {
	t.Parallel()
	g, w := begun(t, settings("acme/web", "active = true", `on_destroy = "disable"`), withSentry())
	w.apply().ok().asked(get("acme/web"), get("acme/web"), lookUp("acme/web"), patch("1", bodyOn))
	g.sim.MoveProject(1, "acme/site")

	w.run("plan", "-detailed-exitcode").ok().says("No changes").saysNot("Warning").asked(get("1"))
	w.with(settings("acme/web", "active = false", `on_destroy = "disable"`)).apply().ok().saysNot("Warning").asked(get("1"), patch("1", bodyOff))
	w.run("destroy", "-auto-approve").ok().saysNot("Warning").asked(get("1"), patch("1", bodyOff))
}

func TestAProjectThatTakesTheFormerPathIsNeverTouched(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	// The key comes first: GitLab would make one by itself if there were none.
	config := func(active string) string {
		return g.config(settings("acme/web", "active = "+active, `on_destroy = "disable"`, "depends_on = [errortracking_client_key.test]") + clientKey("acme/web"))
	}
	w := g.newWorkspace(t, config("true"))
	w.apply().ok()
	g.sim.MoveProject(1, "acme/site")
	g.sim.AddProject(gitlabsim.Project{ID: 2, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)})
	untouched := func() {
		t.Helper()
		g.has(t, 2, *gitlabsim.SentryLink(sentryURL))
		if keys := g.sim.ClientKeys(2); len(keys) > 0 {
			t.Errorf("the new project has the keys %v", keys)
		}
	}

	out := w.run("plan", "-detailed-exitcode").ok().says("No changes")
	slices.Sort(out.requests)
	out.asked(listKeys("1"), get("1"))
	w.write(config("false"))
	w.apply().ok().says("1 changed")
	g.has(t, 1, gitlabsim.Settings{Integrated: true})
	untouched()
	g.sim.SetSettings(1, &gitlabsim.Settings{Active: true, Integrated: true})
	w.run("destroy", "-auto-approve").ok()
	g.has(t, 1, gitlabsim.Settings{Integrated: true})
	g.hasKeys(t)
	untouched()

	// Only a replacement looks again.
	w.with(settings("acme/web", "active = true")).apply().ok()
	w.apply("-replace=" + address).ok().says("1 added, 0 changed, 1 destroyed")
	w.run("show").ok().says("project_id = 2")
}

func TestALookUpSurvivesTheExtensionOfARedirect(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, gitlabsim.Project{ID: 42, Path: "acme/web.example.io", Settings: &gitlabsim.Settings{Integrated: true}})
	g.sim.MoveProject(42, "acme/site.example.io")
	w := g.newWorkspace(t, g.config(settings("acme/web.example.io", "active = true", `on_destroy = "disable"`)+clientKey("acme/web.example.io")))
	w.apply().ok().says("2 added")
	w.run("plan", "-detailed-exitcode").ok()

	t.Run("and a new path replaces nothing", func(*testing.T) {
		w.with(settings("acme/site.example.io", "active = true", `on_destroy = "disable"`) + clientKey("acme/site.example.io")).apply().ok().says("0 added, 2 changed, 0 destroyed")
	})
	t.Run("nor does a former path", func(*testing.T) {
		w.with(settings("acme/web.example.io", "active = true", `on_destroy = "disable"`) + clientKey("acme/web.example.io")).apply().ok().says("0 added, 2 changed, 0 destroyed")
	})
	t.Run("and destroy changes the project", func(t *testing.T) {
		w.run("destroy", "-auto-approve").ok().says("2 destroyed")
		g.has(t, 42, gitlabsim.Settings{Integrated: true})
	})
}

func TestALookUpWhoseRedirectEndsNowhereUsesTheIDInIt(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	g.sim.MoveProject(1, "acme/site")
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, Path: "/projects/1", Times: 1, Effect: gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Project Not Found"}`)})
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply("-refresh=false").ok().says("1 added")
	w.run("show").ok().says("project_id = 1")
}

func TestAKeyRenamedAfterTheProjectLeavesItAsConfigured(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]string{"to the new path": "acme/site", "to the id": "1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			config := func(project string) string {
				return g.config("resource \"errortracking_settings\" \"test\" {\n  for_each = toset([\"" + project + "\"])\n  project = each.key\n  active = true\n  on_destroy = \"disable\"\n}\n")
			}
			w := g.newWorkspace(t, config("acme/web"))
			w.apply().ok()
			g.sim.MoveProject(1, "acme/site")
			// The destroy comes late: the create is done by then.
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 1, Effect: gitlabsim.Delay(300 * time.Millisecond)})
			w.write(config(after))
			w.apply().ok().says("1 added, 0 changed, 1 destroyed")
			g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

func TestAProjectMadeAgainUnderItsPathIsAnotherOne(t *testing.T) {
	t.Parallel()
	g, w := applied(t, settings("acme/web", "active = true"), withSentry())
	g.sim.RemoveProject(1)
	g.sim.AddProject(gitlabsim.Project{ID: 2, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)})
	w.apply().ok().says("Warning: Project acme/web is gone", "1 added, 0 changed, 0 destroyed")
	w.run("show").ok().says("project_id = 2")
}

func TestANewNameOfTheSameProjectReplacesNothing(t *testing.T) {
	t.Parallel()
	t.Run("the new path of a renamed project takes one look-up", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("acme/web", "active = true"), withSentry())
		g.sim.MoveProject(1, "acme/site")
		w.with(settings("acme/site", "active = true")).run("plan").ok().says("0 to add, 1 to change, 0 to destroy").asked(get("1"), lookUp("acme/site"))
		w.apply().ok().says("1 changed").asked(get("1"), lookUp("acme/site"), lookUp("acme/site"))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("the id takes none, and a path instead of the id one", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = true"), withSentry())
		w.with(settings("1", "active = true")).apply().ok().says("1 changed").asked(get("1"))
		w.with(settings("acme/web", "active = false")).run("plan").ok().says("1 to change").asked(get("1"), lookUp("acme/web"))
		w.apply().ok().says("1 changed").asked(get("1"), lookUp("acme/web"), lookUp("acme/web"), patch("1", bodyOff))
	})
	t.Run("other letter case changes nothing at all", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = true"), withSentry())
		w.with(settings("Acme/Web", "active = true")).run("plan", "-detailed-exitcode").ok().says("No changes").asked(get("1"))
		w.with(settings("Acme/Web", "active = false")).apply().ok().says("1 changed").asked(get("1"), patch("1", bodyOff))
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestAnotherProjectReplaces(t *testing.T) {
	t.Parallel()
	other := gitlabsim.Project{ID: 2, Path: "acme/app", Settings: gitlabsim.SentryLink(sentryURL)}
	t.Run("and an unconfigured integrated becomes unknown again", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = true", `on_destroy = "disable"`), withSentry(), other)
		w.with(settings("acme/app", "active = true", `on_destroy = "disable"`)).run("plan").ok().says("must be replaced", "integrated = false -> (known after apply)", "project_id = 1 -> (known after apply)", "# forces replacement")
		w.apply().ok().says("1 added, 0 changed, 1 destroyed").writes(patch("1", bodyOff), patch("2", bodyOn))
	})
	t.Run("another id without a look-up", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("1", "active = true"), withSentry(), other)
		w.with(settings("2", "active = true")).run("plan").ok().says("must be replaced", "project_id = 1 -> 2").asked(get("1"), get("2"), get("2"))
	})
	t.Run("with the warning that its live settings are overwritten", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = false"), withSentry(), other)
		w.with(settings("acme/app", "active = false")).run("plan").ok().says("Warning: Error tracking for acme/app was in use before")
	})
	t.Run("one that is not found yet", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = true"), withSentry())
		w.with(settings("acme/later", "active = true")).run("plan").ok().says("1 to add, 0 to change, 1 to destroy", "GitLab cannot find project acme/later")
	})
	t.Run("one that is known only after apply", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("acme/web", "active = true"), withSentry(), other)
		w.write(g.config("resource \"terraform_data\" \"later\" {\n  input = \"acme/app\"\n}\n" +
			"resource \"errortracking_settings\" \"test\" {\n  project = terraform_data.later.output\n  active = true\n}\n"))
		w.apply().ok().says("2 added, 0 changed, 1 destroyed")
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestALookUpThatFailsReplacesNothing(t *testing.T) {
	t.Parallel()
	g, w := applied(t, settings("acme/web", "active = true"), withSentry(), gitlabsim.Project{ID: 2, Path: "acme/app"})
	w.write(g.config(settings("acme/app", "active = true")))
	for name, effect := range map[string]gitlabsim.Effect{
		"500": gitlabsim.JSON(http.StatusInternalServerError, `{}`),
		"403": gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
	} {
		g.sim.ClearFaults()
		g.sim.AddFault(gitlabsim.Fault{Path: "/projects/acme%2Fapp", Effect: effect})
		w.run("plan", "-refresh=false").fails().says("tell whether acme/web is still the same project: cannot look up acme/app", "Answer: "+name).saysNot("replaced")
	}
}
