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
		out := oneError(w.apply().fails().says("30 of 30 projects could not be set", "scope", "No further change was begun after this answer for acme/p", "Not done: acme/p1,", "and 10 more"))
		if n := strings.Count(strings.Join(out.requests, "\n"), "PATCH"); n > 10 {
			t.Errorf("%d writes were begun, want no more than are in flight when the first fails", n)
		}
		w.with(groupSettings("acme", "active = true")).apply().ok().says("1 added")
	})
	t.Run("one that is revoked on the way", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, off(30)...)
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 12, Times: 1, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
			g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: gitlabsim.Revoked})
			gitlabsim.Delay(0)(w, r, answer)
		}})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		out := oneError(w.apply().fails().says("could not be set as configured", "Token was revoked", "No further change was begun").saysNot("As in another error"))
		if n := len(out.requests); n > 6+60+12+2*10 {
			t.Errorf("%d requests after the token was revoked", n)
		}
		g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
		w.apply().ok().says("1 added").saysNot("tainted")
		for id := int64(1); id <= 30; id++ {
			g.has(t, id, *gitlabsim.SentryLink(sentryURL))
		}
	})
}

func TestCtrlCDuringTheWalkOverAGroup(t *testing.T) {
	t.Parallel()
	g, w := applied(t, groupSettings("acme", "active = true"), linked(60)...)
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
	g, w := applied(t, groupSettings("acme", "active = true"), linked(3)...)
	g.sim.SetIntegratedErrorTracking(false)
	w.with(groupSettings("acme", "active = true", "integrated = true")).apply().fails().says("3 of 3 projects could not be set", "integrated_error_tracking", "GitLab does not use the integrated backend in acme/p1")
	w.run("show").ok().saysNot("integrated = true }", "tainted")
	w.run("plan").ok().says("~ integrated = false -> true", "1 to change")
	g.sim.SetIntegratedErrorTracking(true)
	w.apply().ok()
	w.run("plan", "-detailed-exitcode").ok()
}
