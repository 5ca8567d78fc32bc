package acceptance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestADayInTheLifeOfAProject(t *testing.T) {
	t.Parallel()
	for name, project := range map[string]string{"by id": "1", "by path": "group/sub/project"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "group/sub/project", Settings: gitlabsim.SentryLink(sentryURL)}).really()
			on := g.config(settings(project, "active = true"))
			off := g.config(settings(project, "active = false", `on_destroy = "disable"`))
			w := g.newWorkspace(t, on)

			// One preview in the plan, one in the apply; a path is looked up.
			created := []string{get(project), get(project), lookUp(project), patch("1", bodyOn)}
			if project == "1" {
				created = slices.Delete(created, 2, 3)
			}
			w.apply().ok().says("1 added").asked(created...)
			w.run("plan", "-detailed-exitcode").ok().says("No changes").asked(get("1"))

			g.sim.SetSettings(1, turnedOff())
			w.run("plan", "-refresh-only").ok().says("~ active = true -> false").asked(get("1"))
			w.run("plan", "-detailed-exitcode").exits(2).says("~ active = false -> true", "1 to change").asked(get("1"))
			w.apply().ok().says("1 changed").asked(get("1"), patch("1", bodyOn))
			g.has(t, 1, *gitlabsim.SentryLink(sentryURL))

			w.write(off)
			w.apply().ok().says("1 changed").asked(get("1"), patch("1", bodyOff))
			w.run("destroy", "-auto-approve").ok().says("1 destroyed").asked(get("1"), patch("1", bodyOff))
			w.write(g.config(settings(project, "active = false")))
			imported := []string{lookUp(project), get("1")}
			if project == "1" {
				imported = imported[1:]
			}
			w.run("import", address, project).ok().asked(imported...)
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			w.run("destroy", "-auto-approve").ok().says("1 destroyed").asked(get("1"))
		})
	}
}

func TestTokensWithLessAccess(t *testing.T) {
	t.Parallel()
	t.Run("read_api suffices to plan and apply names the scope", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("1", "active = true"), withSentry())
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
		w.run("plan").ok().says("Warning: The token cannot read", "Maintainer", "1 to add")
		w.apply().fails().says("Error: Cannot set error tracking for project 1", "Maintainer", `Answer: 403, "403 Forbidden"`)
		w.with(settings("1", "active = true")).apply().ok()
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
		for phrase, want := range map[string]int{"Answer: 401": 1, "As in another error: the token was rejected.": 2, "Request: ": 1} {
			if n := strings.Count(flat(out.output), phrase); n != want {
				t.Errorf("%q is said %d times, want %d:\n%s", phrase, n, want, out.output)
			}
		}
	})
	t.Run("a revoked token is reported as revoked", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		g.sim.AddToken("glpat-revoked", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: gitlabsim.Revoked})
		w := g.newWorkspace(t, g.block("glpat-revoked")+settings("1", "active = true"))
		w.run("plan").fails().says("revoked", "Token was revoked").asked(get("1"))
	})
}

func TestAProjectThatIsGone(t *testing.T) {
	t.Parallel()
	g, w := applied(t, settings("acme/web", "active = true", `on_destroy = "disable"`), withSentry())
	g.sim.RemoveProject(1)
	// Reported once, though the preview of the creation finds it too.
	w.run("plan").ok().says("Warning: Project acme/web is gone", "can no longer see it", "1 to add").
		saysNot("Warning: GitLab cannot find project", "unless it creates the project first")
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("1 destroyed").asked(patch("1", bodyOff))
}

func TestImportOfWhatCannotBeImported(t *testing.T) {
	t.Parallel()
	_, w := begun(t, settings("acme/web", "active = true"), withSentry())
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
