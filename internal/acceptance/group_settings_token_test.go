package acceptance_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestTokensOfAGroup(t *testing.T) {
	t.Parallel()
	oneError := func(o *outcome) *outcome {
		t.Helper()
		if n := strings.Count(o.output, "Error: "); n != 1 {
			t.Errorf("%d errors, want 1:\n%s", n, o.output)
		}
		return o
	}
	t.Run("one that may only read plans, and fails to apply with one error", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, off(30)...)
		w := g.newWorkspace(t, g.block(readToken)+groupSettings("acme", "active = true"))
		w.run("plan").ok().says("30 of 30 projects differed")
		oneError(w.apply().fails().says("30 projects could not be set", "scope"))
		w.write(g.config(groupSettings("acme", "active = true")))
		w.apply().ok().says("1 added")
	})
	t.Run("one that is revoked on the way", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, off(30)...)
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 12, Times: 1, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
			g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: gitlabsim.Revoked})
			gitlabsim.Delay(0)(w, r, answer)
		}})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		oneError(w.apply().fails().says("could not be set as configured", "Token was revoked"))
		g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
		w.apply().ok().says("1 added").saysNot("tainted")
		for id := int64(1); id <= 30; id++ {
			g.has(t, id, *gitlabsim.SentryLink(sentryURL))
		}
	})
	t.Run("one that may not see the group", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, off(2)...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok()
		g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.NoAccess, Scopes: []string{"api"}})
		w.run("plan").ok().says("Warning: Group acme is gone", "the token can no longer see it")
	})
}

func TestCtrlCDuringTheWalkOverAGroup(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(60)...)
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
	w.apply().ok()
	before := w.state()
	g.sim.SetSettings(1, turnedOff())
	pressed := newCtrlC()
	g.sim.AddFault(gitlabsim.Fault{Path: "/projects/30/", Times: 1, Effect: pressed.held(gitlabsim.Delay(0))})
	w.interrupt(pressed, "apply", "-auto-approve").fails().writes()
	if w.state() != before {
		t.Error("the state has changed")
	}
	w.apply().ok().says("1 changed").writes(patch("1", bodyOn))
}

func TestAnUpdateOfAGroupThatGitLabAppliesDifferently(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(3)...)
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
	w.apply().ok()
	g.sim.SetIntegratedErrorTracking(false)
	w.write(g.config(groupSettings("acme", "active = true", "integrated = true")))
	w.apply().fails().says("3 projects could not be set", "integrated_error_tracking", "GitLab does not use the integrated backend in acme/p1")
	w.run("show").ok().saysNot("integrated = true }", "tainted")
	w.run("plan").ok().says("~ integrated = false -> true", "1 to change")
	g.sim.SetIntegratedErrorTracking(true)
	w.apply().ok()
	w.run("plan", "-detailed-exitcode").ok()
}

func TestAnUpdateOfAGroupThatGitLabRefusesInPart(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, append(linked(2), gitlabsim.Project{ID: 3, Path: "acme/p3", Settings: &gitlabsim.Settings{}}, gitlabsim.Project{ID: 4, Path: "acme/p4"})...)
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = false", `exclude = ["acme/p4"]`)))
	w.apply().ok()
	w.write(g.config(groupSettings("acme", "active = true", `exclude = ["acme/p4"]`)))
	w.run("plan").ok().warns(1).says("Sentry links in group acme seem to be missing", "acme/p3")
	w.apply().fails().says("1 project could not be set", "acme/p3", "api url is a required field")
	// What is left is planned again, with the same warning.
	w.run("plan").ok().warns(1).says(`~ "acme/p3" = { ~ active = false -> true`, "2 unchanged elements hidden")
	w.write(g.config(groupSettings("acme", "active = true", `exclude = ["acme/p3"]`)))
	// A larger scope is not known before the apply.
	w.apply().fails().says("Error tracking for acme/p4 cannot be turned on yet")
	w.run("plan").fails().says("Error tracking cannot be turned on yet in some projects", "acme/p4", "exclude")
	w.write(g.config(groupSettings("acme", "active = true", `exclude = ["acme/p3", "acme/p4"]`)))
	w.apply().ok()
	w.run("plan", "-detailed-exitcode").ok()
}
