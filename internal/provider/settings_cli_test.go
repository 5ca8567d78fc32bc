package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	bodyOn  = `{"active":true}`
	bodyOff = `{"active":false}`
)

func TestADayInTheLifeOfAProject(t *testing.T) {
	t.Parallel()
	for name, project := range map[string]string{"by id": "1", "by path": "group/sub/project"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "group/sub/project", Settings: gitlabsim.SentryLink(sentryURL)})
			on := g.config(settings(project, "active = true"))
			off := g.config(settings(project, "active = false"))
			w := g.newWorkspace(t, on)

			// One preview in the plan, one in the apply.
			w.apply().ok().says("1 added").asked(get(project), get(project), patch(project, bodyOn))
			w.run("plan", "-detailed-exitcode").ok().says("No changes").asked(get(project))

			clickedOff := gitlabsim.SentryLink(sentryURL)
			clickedOff.Active = false
			g.sim.SetSettings(1, clickedOff)
			w.run("plan", "-refresh-only").ok().says("~ active = true -> false").asked(get(project))
			w.run("plan", "-detailed-exitcode").exits(2).says("~ active = false -> true", "1 to change").asked(get(project), get(project))
			w.apply().ok().says("1 changed").asked(get(project), get(project), get(project), patch(project, bodyOn))
			g.has(t, 1, *gitlabsim.SentryLink(sentryURL))

			w.write(off)
			w.apply().ok().says("1 changed").asked(get(project), patch(project, bodyOff))
			w.run("state", "rm", address).ok()
			w.run("import", address, project).ok().asked(get(project))
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			w.run("destroy", "-auto-approve").ok().says("1 destroyed").asked(get(project), patch(project, bodyOff))
		})
	}
}

func TestOnDestroyAloneMakesNoRequest(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("1", "active = true")))
	w.apply().ok()
	w.write(g.config(settings("1", "active = true", `on_destroy = "keep"`)))
	w.apply().ok().says("1 changed").asked(get("1"))
	w.run("destroy", "-auto-approve").ok().asked(get("1"))
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
}

func TestWithoutRefreshPlanMakesNoRequest(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("1", "active = true")))
	w.apply().ok()
	w.run("plan", "-refresh=false").ok().says("No changes").asked()
	w.write(g.config(settings("1", "active = false")))
	w.apply("-refresh=false").ok().says("1 changed").asked(patch("1", bodyOff))
}

func TestASavedPlanAppliesAlthoughUnmanagedIntegratedMoved(t *testing.T) {
	t.Parallel()
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	t.Run("an update", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = false")))
		w.apply().ok()
		w.write(g.config(settings("1", "active = true")))
		w.run("plan", "-out=saved.tfplan").ok()
		g.sim.SetSettings(1, linked)
		w.run("apply", "saved.tfplan").ok().says("1 changed")
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
		w.run("apply", "-refresh-only", "-auto-approve").ok()
		w.run("show").ok().says("integrated = true")
	})
	t.Run("a create", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = true")))
		w.run("plan", "-out=saved.tfplan").ok().says("integrated = (known after apply)")
		g.sim.SetSettings(1, linked)
		w.run("apply", "saved.tfplan").ok().says("1 added")
		w.run("show").ok().says("integrated = true")
	})
	t.Run("a create of a project that got its first settings since", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		w := g.newWorkspace(t, g.config(settings("1", "active = false")))
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
			"Warning: Error tracking of acme/web was in use before", "this configuration turns it off",
			"Warning: Error tracking of acme/app was in use before", "switches it to the integrated backend",
			"active with Sentry at https://sentry.example.com/acme/web/", "terraform import ADDRESS acme/app")
		w.apply().ok()
		w.run("plan").ok().saysNot("Warning")
	})
	t.Run("the backend of an integrated project with a link", func(t *testing.T) {
		t.Parallel()
		linked := gitlabsim.SentryLink(sentryURL)
		linked.Integrated = true
		g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: linked})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = false")))
		w.run("plan").ok().says("in use before", "active with the integrated backend", "switches it to Sentry")
	})
	t.Run("what is taken over as it is gives none", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.run("plan").ok().saysNot("Warning")
	})
}

func TestOfManyWarningsTheEleventhAndLaterShareOne(t *testing.T) {
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
		"Error tracking of more projects was in use before":                  {newGitLab(t, linked(n)...), maintainerToken, counted(n, "active = false")},
		"The Sentry links of more projects seem to be missing":               {newGitLab(t, unlinked...), maintainerToken, counted(n, "active = true")},
		"GitLab does not find more of the projects":                          {newGitLab(t), maintainerToken, counted(n, "active = true")},
		"The token may not see the error tracking settings of more projects": {newGitLab(t, linked(n)...), developerToken, counted(n, "active = true")},
	} {
		t.Run(shared, func(t *testing.T) {
			t.Parallel()
			w := c.gitlab.newWorkspace(t, c.gitlab.block(c.token)+c.config)
			w.run("plan").ok().warns(11).says(shared, "and 2 more similar warnings")
		})
	}
	t.Run("More projects are gone", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(n)...)
		w := g.newWorkspace(t, g.config(counted(n, "active = true")))
		w.apply().ok()
		for id := int64(1); id <= n; id++ {
			g.sim.RemoveProject(id)
		}
		w.run("plan").ok().warns(11).says("More projects are gone", "and 2 more similar warnings")
	})
}

func TestPlanWarnsOfAMissingSentryLink(t *testing.T) {
	t.Parallel()
	off := &gitlabsim.Settings{}
	t.Run("on create", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: off})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.run("plan").ok().says("The Sentry link of acme/web seems to be missing", "Settings > Monitor > Error Tracking", "integrated = true")
		w.apply().fails().says("GitLab did not accept the settings", "api url is a required field", "Request id:")
	})
	t.Run("on an update that turns it on", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: off})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = false")))
		w.apply().ok()
		w.write(g.config(settings("acme/web", "active = true")))
		w.run("plan").ok().says("The Sentry link of acme/web seems to be missing").asked(get("acme/web"), get("acme/web"))
	})
	t.Run("not where the integrated backend is chosen", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: off})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true")))
		w.apply().ok().saysNot("Warning")
	})
	t.Run("a flag that is off hides a stored integrated, and GitLab accepts", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &gitlabsim.Settings{Integrated: true}})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
		w.apply().ok().says("seems to be missing", "integrated_error_tracking")
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a flag that is off makes no difference where integrated is false", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &gitlabsim.Settings{Integrated: true}})
		w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = false")))
		w.run("plan").ok().says("seems to be missing", "will refuse").saysNot("integrated_error_tracking")
		w.apply().fails().says("GitLab did not accept the settings")
	})
}

func TestOneRunCreatesAndDestroysTheSameProject(t *testing.T) {
	t.Parallel()
	const n = 30
	on := *gitlabsim.SentryLink(sentryURL)
	off := on
	off.Active = false

	t.Run("a shifted count", func(t *testing.T) {
		t.Parallel()
		for _, parallelism := range []string{"1", "10", "50"} {
			t.Run("parallelism "+parallelism, func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, linked(n)...)
				config := func(first int) string {
					return g.config(fmt.Sprintf(`
locals { projects = [for i in range(%d, %d) : "acme/p${i}"] }
resource "errortracking_settings" "test" {
  count   = length(local.projects)
  project = local.projects[count.index]
  active  = true
}
`, first, n+1))
				}
				w := g.newWorkspace(t, config(1))
				w.apply("-parallelism=" + parallelism).ok().says("30 added")
				w.write(config(2))
				w.apply("-parallelism="+parallelism).ok().says("29 added", "30 destroyed")
				g.has(t, 1, off)
				for id := int64(2); id <= n; id++ {
					g.has(t, id, on)
				}
				w.run("plan", "-detailed-exitcode").ok()
			})
		}
	})
	t.Run("a renamed for_each key", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(n)...)
		config := func(key string) string {
			return g.config(fmt.Sprintf(`
resource "errortracking_settings" "test" {
  for_each = { %s = "acme/p1" }
  project  = each.value
  active   = true
}
`, key))
		}
		w := g.newWorkspace(t, config("old"))
		w.apply().ok()
		w.write(config("new"))
		w.apply().ok().says("1 added", "1 destroyed")
		g.has(t, 1, on)
		w.run("plan", "-detailed-exitcode").ok()
	})
	for name, lifecycle := range map[string]string{
		"replace":                            "",
		"replace with create_before_destroy": "lifecycle { create_before_destroy = true }",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, linked(n)...)
			w := g.newWorkspace(t, g.config(settings("acme/p1", "active = true", lifecycle)))
			w.apply().ok()
			w.apply("-replace="+address).ok().says("1 added", "1 destroyed")
			g.has(t, 1, on)
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

func TestOneProjectManagedTwiceInOneRunIsAnError(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(
		settingsNamed("one", "acme/web", "active = true")+settingsNamed("two", "Acme/Web", "active = true")))
	out := w.apply().fails().says("is managed twice", "Remove one of the two")
	patches := slices.DeleteFunc(out.requests, func(r string) bool { return strings.HasPrefix(r, "GET") })
	if len(patches) != 1 {
		t.Errorf("GitLab got %v, want one PATCH", patches)
	}
}

func TestTokensOfLessReach(t *testing.T) {
	t.Parallel()
	t.Run("read_api suffices to plan and apply names the scope", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = true")))
		w.apply().ok()
		w.write(g.block(readToken) + settings("1", "active = true"))
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
		w.write(g.block(readToken) + settings("1", "active = false"))
		w.run("plan", "-detailed-exitcode").exits(2).saysNot("Warning")
		w.apply().fails().says("lacks a scope", "api", "insufficient_scope")
		g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
	})
	t.Run("a Developer plans a create with a warning, and reads nothing", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.block(developerToken)+settings("1", "active = true"))
		w.run("plan").ok().says("Warning: The token may not see", "Maintainer", "1 to add")
		w.apply().fails().says("Error: Cannot set the error tracking of project 1", "Maintainer", `Answer: 403, "403 Forbidden"`)
		w.write(g.config(settings("1", "active = true")))
		w.apply().ok()
		w.write(g.block(developerToken) + settings("1", "active = true"))
		w.run("plan").fails().says("Error: Cannot read the error tracking settings of project 1", "Maintainer")
		w.run("state", "list").ok().says(address)
	})
	t.Run("a rejected token is an error at plan and is asked once", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.block("glpat-wrong")+counted(3, "active = true"))
		out := w.run("plan", "-parallelism=1").fails().says("Error: Cannot read the error tracking settings", "wrong, expired or revoked", "GITLAB_TOKEN")
		if len(out.requests) != 1 {
			t.Errorf("%d requests, want 1: %v", len(out.requests), out.requests)
		}
		for phrase, want := range map[string]int{"Answer: 401": 1, `GitLab has rejected the token already, with "401 Unauthorized"`: 2, "Request: ": 1} {
			if n := strings.Count(flat(out.output), phrase); n != want {
				t.Errorf("%q is said %d times, want %d:\n%s", phrase, n, want, out.output)
			}
		}
	})
	t.Run("a revoked token is named so", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		g.sim.AddToken("glpat-revoked", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: gitlabsim.Revoked})
		w := g.newWorkspace(t, g.block("glpat-revoked")+settings("1", "active = true"))
		w.run("plan").fails().says("revoked", "Token was revoked").asked(get("1"))
	})
}

func TestAnUpdateThatGitLabTakesOtherwiseLeavesGitLabsValuesInTheState(t *testing.T) {
	t.Parallel()
	g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
	w := g.newWorkspace(t, g.config(settings("1", "active = false")))
	w.apply().ok()
	w.write(g.config(settings("1", "active = true", "integrated = true")))
	w.apply().fails().says("integrated_error_tracking")
	w.run("plan", "-refresh=false").ok().says("~ integrated = false -> true").saysNot("active = false -> true")
}

func TestAProjectThatIsGone(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	w.apply().ok()
	g.sim.RemoveProject(1)
	// Said once: the preview of the creation finds the same.
	w.run("plan").ok().says("Warning: Project acme/web is gone", "lost sight of it", "1 to add").
		saysNot("GitLab finds no project acme/web,", "unless it creates the project first")
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("1 destroyed").asked(patch("acme/web", bodyOff))
}

func TestImportOfWhatCannotBeImported(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")))
	for id, phrase := range map[string]string{
		"":                            "it is empty",
		"acme/nothing":                "There is no such project",
		"web":                         "neither a whole number nor a full path",
		"https://gitlab.com/acme/web": `"acme/web"`,
		"acme%2Fweb":                  "percent-encoded",
	} {
		w.run("import", address, id).fails().says(phrase)
	}
	w.run("import", address, "acme/web").ok()
	w.run("plan", "-detailed-exitcode").ok()
}

func TestImportOfAProjectNeverConfigured(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, neverConfigured())
	w := g.newWorkspace(t, g.config(settings("1", "active = false")+`
import {
  to = errortracking_settings.test
  id = "1"
}
`))
	w.apply().ok().says("1 imported, 0 added, 0 changed").asked(get("1"))
	w.run("plan", "-detailed-exitcode").ok()
}

func TestOnDestroy(t *testing.T) {
	t.Parallel()
	on := *gitlabsim.SentryLink(sentryURL)
	off := on
	off.Active = false
	linked := on
	linked.Integrated = true

	t.Run("restore puts back what was there, integrated only if it was managed", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			before    gitlabsim.Settings
			arguments []string
			restored  string
		}{
			"managed":           {linked, []string{"active = true", "integrated = false"}, `{"active":true,"integrated":true}`},
			"unmanaged":         {on, []string{"active = false"}, bodyOn},
			"inactive before":   {off, []string{"active = true"}, bodyOff},
			"both were managed": {off, []string{"active = true", "integrated = true"}, `{"active":false,"integrated":false}`},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &c.before})
				w := g.newWorkspace(t, g.config(settings("1", append(c.arguments, `on_destroy = "restore"`)...)))
				w.apply().ok()
				w.run("destroy", "-auto-approve").ok().saysNot("Warning").asked(get("1"), patch("1", c.restored))
				g.has(t, 1, c.before)
			})
		}
	})
	t.Run("restore of a project never configured leaves it inactive", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		w := g.newWorkspace(t, g.config(settings("1", "active = true", "integrated = true", `on_destroy = "restore"`)))
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, gitlabsim.Settings{})
	})
	t.Run("integrated that came to be managed later is restored", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = true", `on_destroy = "restore"`)))
		w.apply().ok()
		w.write(g.config(settings("1", "active = true", "integrated = true", `on_destroy = "restore"`)))
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().asked(get("1"), patch("1", `{"active":true,"integrated":false}`))
	})
	t.Run("an import records what to restore", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = false", `on_destroy = "restore"`)))
		w.run("import", address, "1").ok()
		w.apply().ok().saysNot("Warning")
		g.has(t, 1, off)
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, on)
	})
	t.Run("restore that comes too late warns, and disables", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = true")))
		w.apply().ok()
		w.write(g.config(settings("1", "active = true", `on_destroy = "restore"`)))
		w.run("plan").ok().says("Warning: The error tracking of project 1 cannot be restored later")
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().says("was not restored").asked(get("1"), patch("1", bodyOff))
		g.has(t, 1, off)
	})
	t.Run("restore that GitLab refuses disables and warns", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = false", `on_destroy = "restore"`)))
		w.apply().ok()
		g.sim.SetSettings(1, &gitlabsim.Settings{})
		w.run("destroy", "-auto-approve").ok().says("was not restored", "api url is a required field").
			asked(get("1"), patch("1", bodyOn), patch("1", bodyOff))
	})
	t.Run("restore of an integrated backend while the flag is off disables and warns", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &linked})
		w := g.newWorkspace(t, g.config(settings("1", "active = true", "integrated = false", `on_destroy = "restore"`)))
		w.apply().ok()
		g.sim.SetIntegratedErrorTracking(false)
		w.run("destroy", "-auto-approve").ok().says("was not restored", "GitLab took something else")
	})
	t.Run("a create that GitLab takes otherwise is taken back, and does not count as what was there", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &off})
		w := g.newWorkspace(t, g.config(settings("1", "active = true", "integrated = true", `on_destroy = "restore"`)))
		both := `{"active":true,"integrated":true}`
		none := `{"active":false,"integrated":false}`
		w.apply().fails().says("integrated_error_tracking").asked(get("1"), get("1"), get("1"), patch("1", both), patch("1", none))
		g.has(t, 1, off)
		g.sim.SetIntegratedErrorTracking(true)
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().asked(get("1"), patch("1", none))
		g.has(t, 1, off)
	})
	t.Run("a restore that cannot look first changes nothing", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.config(settings("1", "active = false", `on_destroy = "restore"`)))
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, Effect: gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)})
		w.apply().fails().says("Cannot read, to restore them later")
		g.has(t, 1, on)
	})
	t.Run("a project without a record needs no disabling", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		w := g.newWorkspace(t, g.config(settings("1", "active = false")))
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().says("1 destroyed")
	})
	for name, effect := range map[string]gitlabsim.Effect{
		"forbidden": gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
		"refused":   gitlabsim.JSON(http.StatusOK, `{"message":"Not today","status":"error"}`),
	} {
		t.Run(name+" names keep and state rm", func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			w := g.newWorkspace(t, g.config(settings("1", "active = true")))
			w.apply().ok()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: effect})
			w.run("destroy", "-auto-approve").fails().says("Cannot turn off the error tracking of project 1", `on_destroy = "keep"`, "terraform state rm")
			w.run("state", "list").ok().says(address)
		})
	}
}

func TestWhatIsNotKnownAtPlan(t *testing.T) {
	t.Parallel()
	// The only resource whose attribute is known after apply and needs no other
	// provider.
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
		w.write(g.config(fmt.Sprintf(later, "false") + settings("1", "active = terraform_data.later.output")))
		w.apply().ok()
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
		w.run("plan").fails().says("The provider is not configured yet", "provider's token depends", "-target")
	})
}

func TestReadErrorsLeaveTheStateUntouched(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		effect gitlabsim.Effect
		says   []string
	}{
		"500":                     {gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`), []string{"failed", "Answer: 500"}},
		"502 in HTML":             {gitlabsim.HTML(http.StatusBadGateway, "<html>502</html>"), []string{"failed", "Answer: 502"}},
		"403":                     {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), []string{"Maintainer"}},
		"a sign-in page":          {gitlabsim.HTML(http.StatusOK, "<html>Sign in</html>"), []string{"does not look like GitLab's API", "base_url", "text/html"}},
		"a web page for 404":      {gitlabsim.HTML(http.StatusNotFound, "<html>404</html>"), []string{"does not look like GitLab's API", "base_url"}},
		"an empty body":           {gitlabsim.JSON(http.StatusOK, ""), []string{"does not look like GitLab's API"}},
		"JSON without active":     {gitlabsim.JSON(http.StatusOK, `{"integrated":false}`), []string{"holds no settings"}},
		"a null active":           {gitlabsim.JSON(http.StatusOK, `{"active":null}`), []string{"holds no settings"}},
		"active of another type":  {gitlabsim.JSON(http.StatusOK, `{"active":"yes"}`), []string{"another shape"}},
		"a list":                  {gitlabsim.JSON(http.StatusOK, `[]`), []string{"another shape"}},
		"a refusal":               {gitlabsim.JSON(http.StatusOK, `{"status":"error","message":"no"}`), []string{`"no"`}},
		"a cut-off body":          {gitlabsim.CutOff(), []string{"No answer came from GitLab", "unexpected EOF"}},
		"a connection reset":      {gitlabsim.ResetBefore(), []string{"No answer came from GitLab"}},
		"404 of an unknown route": {gitlabsim.JSON(http.StatusNotFound, `{"error":"404 Not Found"}`), []string{"does not know this endpoint", "base_url"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			w := g.newWorkspace(t, g.config(settings("1", "active = true")))
			w.apply().ok()
			before := w.state()
			g.sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			w.run("plan").fails().says(append(c.says, "Cannot read the error tracking settings of project 1")...)
			if after := w.state(); after != before {
				t.Errorf("the state changed from\n%s\nto\n%s", before, after)
			}
		})
	}
}
