package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestWhatFailsInAGroup(t *testing.T) {
	t.Parallel()
	on := groupSettings("acme", "active = true")
	forbidden := gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)
	one := func(o *outcome, words string) *outcome {
		o.t.Helper()
		if n := strings.Count(o.output, words); n != 1 {
			o.t.Errorf("%d times %q, want it once:\n%s", n, words, o.output)
		}
		return o
	}
	story(t, "on create nothing is tainted, and the next apply does the rest", on, off(20), func(g *fakeGitLab, w *workspace) {
		for _, id := range []string{"3", "12"} {
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/" + id + "/", Effect: forbidden})
		}
		w.apply().fails().says("Cannot set error tracking for some projects of group acme", "2 of 20 projects could not be set",
			"Cannot set error tracking for acme/p12", "Cannot set error tracking for acme/p3", "Maintainer")
		g.sim.ClearFaults()
		w.apply().ok().says("2 of 20 projects differed", "1 added, 0 changed, 0 destroyed").writes(patch("3", bodyOn), patch("12", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	story(t, "on update the state has what each project has", on, linked(40), func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1", Effect: forbidden}) // 1, 10 to 19
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/2/", Effect: forbidden})
		one(w.with(groupSettings("acme", "active = false")).apply().fails().says("12 of 40 projects could not be set", "acme/p19, acme/p2: the token's user may not do this"), "Error: ")
		g.sim.ClearFaults()
		w.run("plan", "-refresh=false").ok().says(`~ "acme/p19" = {`, "28 unchanged elements hidden").saysNot("tainted")
		w.apply().ok().says("1 changed")
		w.run("plan", "-detailed-exitcode").ok()
	})
	for name, changed := range map[string]string{"a create": "1 added", "an update": "1 changed"} {
		story(t, "Ctrl-C ends "+name+", and the next apply does the rest", on, linked(60), func(g *fakeGitLab, w *workspace) {
			if name == "an update" {
				w.apply().ok()
			}
			for id := range int64(60) {
				g.turnOff(id + 1)
			}
			pressed := newCtrlC()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 15, Times: 1, Effect: pressed.held(gitlabsim.Delay(0))})
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 16, Effect: gitlabsim.Delay(2 * time.Second)})
			one(w.interrupt(pressed, "apply", "-auto-approve").fails().says("cancelled"), "Error: Cannot")
			g.sim.ClearFaults()
			w.apply().ok().says(changed).saysNot("tainted")
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
		})
	}
	story(t, "Ctrl-C during the walk changes nothing", on, linked(60), func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		before := w.state()
		g.turnOff(1)
		pressed := newCtrlC()
		g.sim.AddFault(gitlabsim.Fault{Path: "/projects/30/", Times: 1, Effect: pressed.held(gitlabsim.Delay(0))})
		w.interrupt(pressed, "apply", "-auto-approve").fails().writes()
		if w.state() != before {
			w.t.Error("the state has changed")
		}
		w.apply().ok().says("1 changed").writes(patch("1", bodyOn))
	})
	story(t, "a flag that is off", groupSettings("acme", "active = true", "integrated = true"), append(off(1), gitlabsim.Project{ID: 2, Path: "acme/p2"}), func(g *fakeGitLab, w *workspace) {
		g.sim.SetIntegratedErrorTracking(false)
		says := []string{"2 of 2 projects could not be set", "GitLab does not use the integrated backend in acme/p1", "Cannot turn on the integrated backend of acme/p2", "integrated_error_tracking"}
		w.apply().fails().says(says...)
		w.with(on).apply().ok().writes()
		w.with(groupSettings("acme", "active = true", "integrated = true")).apply().fails().says(says...)
		w.run("show").ok().saysNot("integrated = true }", "tainted")
		w.run("plan", "-refresh=false").ok().says("1 to change", "~ integrated = false -> true")
		g.sim.SetIntegratedErrorTracking(true)
		w.apply().ok()
		w.run("plan", "-detailed-exitcode").ok()
	})
	story(t, "a token that may only read plans, and fails to apply with one error", "", off(30), func(g *fakeGitLab, w *workspace) {
		w.write(g.block(readToken) + on)
		w.run("plan").ok().says("30 of 30 projects differed")
		out := one(w.apply().fails().says("30 of 30 projects could not be set", "scope", "No further change was begun after this answer for acme/p", "Not done: acme/p1,", "and 10 more"), "Error: ")
		if n := strings.Count(strings.Join(out.requests, "\n"), "PATCH"); n > 10 {
			w.t.Errorf("%d writes were begun, want no more than are in flight when the first fails", n)
		}
		w.with(on).apply().ok().says("1 added")
	})
	story(t, "a token that is revoked on the way", on, off(30), func(g *fakeGitLab, w *workspace) {
		token := gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, State: gitlabsim.Revoked}
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 12, Times: 1, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
			g.sim.AddToken(maintainerToken, token)
			gitlabsim.Delay(0)(w, r, answer)
		}})
		out := one(w.apply().fails().says("could not be set as configured", "Token was revoked", "No further change was begun").saysNot("As in another error"), "Error: ")
		if n := len(out.requests); n > 6+60+12+2*10 {
			w.t.Errorf("%d requests after the token was revoked", n)
		}
		token.State = gitlabsim.Token{}.State
		g.sim.AddToken(maintainerToken, token)
		w.apply().ok().says("1 added").saysNot("tainted")
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestErrorsOfAThousandProjectsStayReadable(t *testing.T) {
	t.Parallel()
	projects := off(1000)
	for i := range projects {
		projects[i].Settings = gitlabsim.SentryLink(fmt.Sprintf("https://sentry.example.com/api/0/projects/acme/p%d/", i))
	}
	for name, c := range map[string]struct {
		after  int
		effect gitlabsim.Effect
		says   []string
		most   int
	}{
		"each in its own way":     {1000, gitlabsim.Delay(0), []string{"1000 of 1000 projects could not be set", "and 970 more: GitLab has other settings"}, 1000},
		"an outage in between":    {50, gitlabsim.ResetBefore(), []string{"No further change was begun", "and"}, 80},
		"a proxy's own failure":   {50, gitlabsim.HTML(520, "<html>"), []string{"1000 of 1000 projects", "more: GitLab failed."}, 1000},
		"a token that is revoked": {50, gitlabsim.JSON(401, `{"message":"401 Unauthorized"}`), []string{"No further change was begun"}, 80},
	} {
		story(t, name, groupSettings("acme", "active = true", "integrated = true"), projects, func(g *fakeGitLab, w *workspace) {
			g.sim.SetIntegratedErrorTracking(false)
			g.sim.AddFault(gitlabsim.Fault{Method: "PATCH", After: c.after, Effect: c.effect})
			out := w.apply().fails().says(c.says...).saysNot("As in another error")
			if len(out.output) > 15_000 {
				w.t.Errorf("%d bytes of output", len(out.output))
			}
			if writes := strings.Count(strings.Join(out.requests, "\n"), "PATCH"); writes > c.most {
				w.t.Errorf("%d writes, want %d at most", writes, c.most)
			}
		})
	}
}
