package acceptance_test

import (
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
			w.apply().ok().says("1 added").asked(append([]string{get(project), get(project)}, lookingUp(project, patch("1", bodyOn))...)...)
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
			w.run("import", address, project).ok().asked(lookingUp(project, get("1"))...)
			w.run("plan", "-detailed-exitcode").ok().says("No changes").asked(get("1"))
			w.run("destroy", "-auto-approve").ok().says("1 destroyed").asked(get("1"))
		})
	}
}

func TestTokensWithLessAccess(t *testing.T) {
	t.Parallel()
	body := func(active string) string { return settings("1", "active = "+active) + clientKey("1") }
	story(t, "read_api suffices to plan and apply names the scope", body("true"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.write(g.block(readToken) + body("true"))
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
		w.write(g.block(readToken) + body("false"))
		w.run("plan", "-detailed-exitcode").exits(2).saysNot("Warning")
		w.apply().fails().says("lacks a scope", "api", "insufficient_scope")
		g.has(w.t, 1, *gitlabsim.SentryLink(sentryURL))
		w.run("destroy", "-auto-approve").fails().says("Cannot delete the client key of project 1", "lacks a scope", "terraform state rm")
		w.run("state", "rm", keyAddress).ok()
		w.apply().fails().says("Cannot create a client key in project 1", "lacks a scope")
		g.hasKeys(w.t, 1)
	})
	t.Run("a Developer plans a create with a warning, and reads nothing", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.block(developerToken)+body("true"))
		w.run("plan").ok().says("Warning: The token cannot read", "Maintainer", "2 to add")
		w.apply().fails().writes(patch("1", bodyOn)).says("Error: Cannot set error tracking for project 1", "Maintainer", `Answer: 403, "403 Forbidden"`,
			"Cannot create a client key in project 1")
		w.with(body("true")).apply().ok()
		w.write(g.block(developerToken) + body("true"))
		w.run("plan").fails().says("Error: Cannot read the error tracking settings of project 1", "Maintainer")
		w.run("state", "list").ok().says(address)
	})
	t.Run("GitLab 14.2 has no client keys", func(t *testing.T) {
		t.Parallel()
		_, w := begunAs(t, gitlabsim.Config{Version: "14.2"}, clientKey("1"), withIntegrated())
		w.apply().fails().says("Cannot create a client key in project 1", "older than 14.3", "base_url", "Answer: 404")
	})
	t.Run("a rejected token is an error at plan and is asked once", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.block("glpat-wrong")+counted(3, "active = true"))
		out := w.run("plan", "-parallelism=1").fails().says("Error: Cannot read the error tracking settings", "wrong, expired or revoked. Check token in the provider block", "GITLAB_TOKEN").
			repeats("Answer: 401", 1).repeats("As in another error: the token was rejected.", 2).repeats("Request: ", 1)
		if got := out.methods(); got != "1 GET" {
			t.Errorf("it asked %s", got)
		}
	})
}

func TestAProjectThatIsGone(t *testing.T) {
	t.Parallel()
	body := settings("acme/web", "active = true", `on_destroy = "disable"`) + clientKey("acme/web")
	g, w := applied(t, body, withSentry())
	g.sim.RemoveProject(1)
	// Reported once, though the preview of the creation finds it too.
	w.run("plan").ok().warns(2).says("Warning: Project acme/web is gone", "can no longer see it", "IP allowlist", "external authorization", "do not apply this plan",
		"Project acme/web is gone with its client keys", "plans to create a new key", "2 to add").saysNot("unless it creates the project first")
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("2 destroyed").writes(patch("1", bodyOff), deleteKey("1", 1))
	w.apply().fails().says("Cannot create a client key in acme/web", "no such project")

	// One that is made again under its path is another one.
	g.sim.AddProject(gitlabsim.Project{ID: 2, Path: "acme/web", Settings: withSentry().Settings})
	w.apply().ok().says("2 added")
	g.sim.RemoveProject(2)
	g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/web", Settings: withSentry().Settings})
	w.apply().ok().says("Warning: Project acme/web is gone", "2 added, 0 changed, 0 destroyed")
	w.holds(address, map[string]any{"project_id": 3})
}
