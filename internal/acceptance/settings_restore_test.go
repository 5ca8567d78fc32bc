package acceptance_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// restoring manages project acme/web until it is restored.
func restoring(arguments ...string) string {
	return settings("acme/web", append(arguments, `on_destroy = "restore"`)...)
}

func TestADestroyRestoresWhatWasManaged(t *testing.T) {
	t.Parallel()
	const neither = `{"active":false,"integrated":false}`
	for name, c := range map[string]struct {
		before    *gitlabsim.Settings
		arguments []string
		restored  string
	}{
		"what was on":                {withSentry().Settings, []string{"active = false"}, bodyOn},
		"what was off":               {turnedOff(), []string{"active = true"}, bodyOff},
		"a backend that was managed": {withBoth().Settings, []string{"active = true", "integrated = false"}, bodyBoth},
		"a backend that was not":     {withBoth().Settings, []string{"active = false"}, bodyOn},
		"both":                       {turnedOff(), []string{"active = true", "integrated = true"}, neither},
		"a project never configured": {nil, []string{"active = true", "integrated = true"}, neither},
	} {
		for _, create := range []string{"went well", "is in doubt"} {
			for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
				story(t, name+", if the create "+create+", with "+refresh, restoring(c.arguments...), []gitlabsim.Project{{ID: 1, Path: "acme/web", Settings: c.before}}, func(g *fakeGitLab, w *workspace) {
					if create == "is in doubt" {
						method := http.MethodPatch
						if c.before == nil {
							method = http.MethodPut
						}
						g.sim.AddFault(gitlabsim.Fault{Method: method, Times: 1, Effect: gitlabsim.ResetAfter()})
						w.apply().fails()
					} else {
						w.apply().ok()
					}
					w.run("destroy", "-auto-approve", refresh).ok().says("1 destroyed").saysNot("Warning").writes(patch("1", c.restored))
					after := gitlabsim.Settings{}
					if c.before != nil {
						after = *c.before
					}
					g.has(w.t, 1, after)
				})
			}
		}
	}
}

func TestARestoreThatFailsWarnsAndEndsTheDestroy(t *testing.T) {
	t.Parallel()
	on := withSentry()
	for name, c := range map[string]struct {
		project   gitlabsim.Project
		arguments []string
		change    func(*gitlabsim.Server)
		says      string
		writes    []string
	}{
		"GitLab refuses": {on, []string{"active = false"}, func(s *gitlabsim.Server) { s.SetSettings(1, &gitlabsim.Settings{}) },
			"api url is a required field", []string{patch("1", bodyOn)}},
		"the flag is off": {withBoth(), []string{"active = true", "integrated = false"}, func(s *gitlabsim.Server) { s.SetIntegratedErrorTracking(false) },
			"GitLab applied something else", []string{patch("1", bodyBoth)}},
	} {
		story(t, name, restoring(c.arguments...), []gitlabsim.Project{c.project}, func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			c.change(g.sim)
			w.run("destroy", "-auto-approve").ok().says("was not restored", c.says).writes(c.writes...)
		})
	}
	story(t, "restore comes too late", settings("acme/web", "active = true"), []gitlabsim.Project{on}, func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(restoring("active = true")).run("plan").ok().says("Warning: Error tracking for acme/web cannot be restored later")
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().says("was not restored", "left as it is").asked(get("1"))
	})
}

func TestARestoreThatCannotLookFirstChangesNothing(t *testing.T) {
	t.Parallel()
	g, w := begun(t, restoring("active = false"), withSentry())
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, Path: "/settings", Effect: gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)})
	w.apply().fails().says("Cannot record the original error tracking settings").writes()
}

func TestACreateThatGitLabAppliesDifferentlyIsRestoredByTheNextApply(t *testing.T) {
	t.Parallel()
	g, w := begunAs(t, gitlabsim.Config{}, restoring("active = true", "integrated = true"), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: turnedOff()})
	neither := patch("1", `{"active":false,"integrated":false}`)
	w.apply().fails().says(ofTheFlag).writes(patch("1", bodyBoth))
	g.sim.SetIntegratedErrorTracking(true)
	w.apply().ok().says("1 added, 0 changed, 1 destroyed").writes(neither, patch("1", bodyBoth))
	w.run("destroy", "-auto-approve").ok().writes(neither)
}

func TestTheApplyAfterACreateInDoubtRestoresFirst(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gitlabsim.Effect{
		"the answer is lost":    gitlabsim.ResetAfter(),
		"the answer is cut off": gitlabsim.CutOff(),
		"500 after the change":  afterwards(gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)),
		"504 after the change":  afterwards(gitlabsim.HTML(http.StatusGatewayTimeout, "<html>504</html>")),
	} {
		story(t, name, restoring("active = false"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: effect})
			w.apply().fails().says("Cannot set error tracking for acme/web")
			w.apply().ok().says("is tainted", "1 added, 0 changed, 1 destroyed").asked(
				get("1"), get("acme/web"), patch("1", bodyOn), get("acme/web"), lookUp("acme/web"), get("1"), patch("1", bodyOff))
			w.run("destroy", "-auto-approve").ok().saysNot("Warning").writes(patch("1", bodyOn))
		})
	}
	story(t, "also if the restore itself is in doubt, and what follows it", restoring("active = false"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 2, Effect: gitlabsim.ResetAfter()})
		w.apply().fails()
		w.apply().fails().says("Cannot restore error tracking for acme/web")
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 1, Times: 1, Effect: gitlabsim.ResetAfter()})
		w.apply().fails().writes(patch("1", bodyOn), patch("1", bodyOff))
		w.apply().ok().says("1 added, 0 changed, 1 destroyed")
		w.run("destroy", "-auto-approve").ok()
		g.has(w.t, 1, *withSentry().Settings)
	})
	story(t, "and untaint keeps the original", restoring("active = false"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
		w.apply().fails()
		w.run("untaint", address).ok()
		w.settles()
		g.has(w.t, 1, *turnedOff())
		w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
	})
}

func TestCtrlCWhileAProjectThatIsToBeRestoredIsWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then    gitlabsim.Effect
		inState bool
		again   string
	}{
		"the answer comes late": {gitlabsim.Delay(0), true, "No changes"},
		"the answer is lost":    {gitlabsim.ResetAfter(), true, "1 added, 0 changed, 1 destroyed"},
		"GitLab refuses":        {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), false, "1 added, 0 changed, 0 destroyed"},
	} {
		story(t, name, restoring("active = false"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
			w.real = w.real || c.inState
			pressed := newCtrlC()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: pressed.held(c.then)})
			w.interrupt(pressed, "apply", "-auto-approve").says("Interrupt received")
			if kept := strings.Contains(w.run("state", "list").output, address); kept != c.inState {
				w.t.Errorf("the resource is in the state: %t, want %t", kept, c.inState)
			}
			w.apply().ok().says(c.again)
			w.run("destroy", "-auto-approve").ok().saysNot("Warning")
			g.has(w.t, 1, *withSentry().Settings)
		})
	}
}

func TestARestoreSurvivesOtherChanges(t *testing.T) {
	t.Parallel()
	g, w := applied(t, restoring("active = true"), withSentry())
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
	w.with(restoring("active = false")).apply().fails()
	w.apply().ok().says("0 added").saysNot("tainted")
	w.with(settings("1", "active = false", `on_destroy = "restore"`)).apply().ok().writes()
	w.with(settings("1", "active = false", `on_destroy = "keep"`)).apply().ok()
	w.with(settings("1", "active = false", `on_destroy = "restore"`)).apply().ok().saysNot("Warning")
	w.run("taint", address).ok()
	w.apply().ok().writes(patch("1", bodyOn), patch("1", bodyOff))
	w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
}

// What integrated was when Terraform first managed it is recorded by the plan.
func TestTheOriginalBackend(t *testing.T) {
	t.Parallel()
	story(t, "an update whose answer is lost does not forget it", restoring("active = true"), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
		w.with(restoring("active = true", "integrated = true")).apply().fails()
		w.apply().ok()
		w.holds(address, map[string]any{"original": map[string]any{"active": true, "integrated": false}})
		w.run("destroy", "-auto-approve").ok()
		g.has(w.t, 1, *withSentry().Settings)
	})
	restore := `on_destroy = "restore"`
	for name, c := range map[string]struct{ before, value, after string }{
		"with an on_destroy that is known later":          {restore, "restore", "integrated = false\n  on_destroy = terraform_data.later.output"},
		"with an integrated that turns out to be null":    {restore, "false", "integrated = terraform_data.later.output ? true : null\n  " + restore},
		"with an integrated that turns out to be true":    {restore, "true", "integrated = terraform_data.later.output\n  " + restore},
		"with an integrated that turns out as it is":      {`on_destroy = "keep"`, "false", "integrated = terraform_data.later.output"},
		"with an integrated that is managed from then on": {restore, "", "integrated = true\n  " + restore},
	} {
		story(t, name, settings("1", "active = false", c.before), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			w.with(later(c.value) + settings("1", "active = false", c.after)).settles()
			w.run("destroy", "-auto-approve").ok()
			if c.before == restore {
				g.has(w.t, 1, *withSentry().Settings)
			}
		})
	}
}
