package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestADestroyAfterACreateInDoubtRestores(t *testing.T) {
	t.Parallel()
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	restore := `on_destroy = "restore"`
	for name, c := range map[string]struct {
		before    *gitlabsim.Settings
		method    string
		arguments []string
		restored  string
		after     gitlabsim.Settings
	}{
		"what was on":                  {gitlabsim.SentryLink(sentryURL), http.MethodPatch, []string{"active = false"}, bodyOn, *gitlabsim.SentryLink(sentryURL)},
		"a backend that was managed":   {linked, http.MethodPatch, []string{"active = true", "integrated = false"}, bodyBoth, *linked},
		"a backend that was not":       {linked, http.MethodPatch, []string{"active = false"}, bodyOn, *linked},
		"a project without any record": {nil, http.MethodPut, []string{"active = true", "integrated = true"}, `{"active":false,"integrated":false}`, gitlabsim.Settings{}},
	} {
		for _, refresh := range []string{"-refresh=true", "-refresh=false"} {
			t.Run(name+", with "+refresh, func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: c.before})
				g.sim.AddFault(gitlabsim.Fault{Method: c.method, Times: 1, Effect: gitlabsim.ResetAfter()})
				w := g.newWorkspace(t, g.config(settings("acme/web", append(c.arguments, restore)...)))
				w.apply().fails()
				w.run("destroy", "-auto-approve", refresh).ok().says("1 destroyed").saysNot("Warning").writes(patch("1", c.restored))
				g.has(t, 1, c.after)
			})
		}
	}
	t.Run("also what was written in doubt twice", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("acme/web", "active = false", restore), withSentry())
		for range 2 {
			// The create's; a destroy of the tainted one comes before the second.
			g.sim.ClearFaults()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
				if s, _ := g.sim.Settings(1); s.Active {
					gitlabsim.ResetAfter()(w, r, answer)
					return
				}
				gitlabsim.Delay(0)(w, r, answer)
			}})
			w.apply().fails()
		}
		g.sim.ClearFaults()
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
	})
	t.Run("also if the restore itself is in doubt", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("acme/web", "active = false", restore), withSentry())
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 2, Effect: gitlabsim.ResetAfter()})
		w.apply().fails()
		w.apply().fails().says("Cannot restore error tracking for acme/web")
		w.apply().ok().says("1 added, 0 changed, 1 destroyed")
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
	})
	t.Run("and untaint keeps the original", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("acme/web", "active = false", restore), withSentry())
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
		w.apply().fails()
		w.run("untaint", address).ok()
		w.apply().ok()
		g.has(t, 1, *turnedOff())
		w.run("plan", "-detailed-exitcode").ok()
		w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
		g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
	})
}

func TestARestoreSurvivesOtherChanges(t *testing.T) {
	t.Parallel()
	t.Run("an update whose answer is lost", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		config := func(active string) string {
			return g.config(settings("acme/web", "active = "+active, `on_destroy = "restore"`))
		}
		w := g.newWorkspace(t, config("true"))
		w.apply().ok()
		w.write(config("false"))
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
		w.apply().fails()
		w.apply().ok().says("0 added").saysNot("tainted")
		w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
	})
	t.Run("another name of the project", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("acme/web", "active = false", `on_destroy = "restore"`), withSentry())
		w.with(settings("1", "active = false", `on_destroy = "restore"`)).apply().ok().writes()
		w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
	})
	t.Run("keep in between", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		config := func(onDestroy string) string {
			return g.config(settings("1", "active = false", `on_destroy = "`+onDestroy+`"`))
		}
		w := g.newWorkspace(t, config("restore"))
		w.apply().ok()
		w.write(config("keep"))
		w.apply().ok()
		w.write(config("restore"))
		w.apply().ok().saysNot("Warning")
		w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
	})
}

// What integrated was when Terraform first managed it is recorded by the plan.
func TestTheOriginalBackend(t *testing.T) {
	t.Parallel()
	t.Run("an update whose answer is lost does not forget it", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("1", "active = true", `on_destroy = "restore"`), withSentry())
		w.write(g.config(settings("1", "active = true", "integrated = true", `on_destroy = "restore"`)))
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.ResetAfter()})
		w.apply().fails()
		w.apply().ok()
		w.holds(address, map[string]any{"original": map[string]any{"active": true, "integrated": false}})
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
	})
	for name, c := range map[string]struct{ before, value, after string }{
		"with an on_destroy that is known later":          {`on_destroy = "restore"`, `"restore"`, "integrated = false\n  on_destroy = terraform_data.later.output"},
		"with an integrated that turns out to be null":    {`on_destroy = "restore"`, "false", "integrated = terraform_data.later.output ? true : null\n  on_destroy = \"restore\""},
		"with an integrated that turns out to be true":    {`on_destroy = "restore"`, "true", "integrated = terraform_data.later.output\n  on_destroy = \"restore\""},
		"with an integrated that turns out as it is":      {`on_destroy = "keep"`, "false", "integrated = terraform_data.later.output"},
		"with an integrated that is managed from then on": {`on_destroy = "restore"`, "1", "integrated = true\n  on_destroy = \"restore\""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, w := applied(t, settings("1", "active = false", c.before), withSentry())
			w.with("resource \"terraform_data\" \"later\" {\n  input = " + c.value + "\n}\n" + settings("1", "active = false", c.after)).apply().ok()
			w.run("plan", "-detailed-exitcode").ok()
			w.run("destroy", "-auto-approve").ok()
			if c.before != `on_destroy = "keep"` {
				g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
			}
		})
	}
	t.Run("a resource that is tainted by hand does not forget it", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("1", "active = false", `on_destroy = "restore"`), withSentry())
		w.run("taint", address).ok()
		w.apply().ok().writes(patch("1", bodyOn), patch("1", bodyOff))
		w.run("destroy", "-auto-approve").ok().writes(patch("1", bodyOn))
	})
}
