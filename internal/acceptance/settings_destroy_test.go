package acceptance_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestDestroyingLeavesTheProjectAlone(t *testing.T) {
	t.Parallel()
	g, w := applied(t, settings("1", "active = true", `on_destroy = "disable"`), withSentry())
	w.with(settings("1", "active = true")).apply().ok().says("1 changed", `on_destroy = "disable" -> "keep"`).asked(get("1"))
	w.run("destroy", "-auto-approve").ok().asked(get("1"))
	g.has(t, 1, *gitlabsim.SentryLink(sentryURL))
}

func TestOneRunCreatesAndDestroysTheSameProject(t *testing.T) {
	t.Parallel()
	const n = 30
	on, off := *gitlabsim.SentryLink(sentryURL), *turnedOff()

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
  count      = length(local.projects)
  project    = local.projects[count.index]
  active     = true
  on_destroy = "disable"
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
  for_each   = { %s = "acme/p1" }
  project    = each.value
  active     = true
  on_destroy = "disable"
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
			g, w := applied(t, settings("acme/p1", "active = true", `on_destroy = "disable"`, lifecycle), linked(n)...)
			w.apply("-replace="+address).ok().says("1 added", "1 destroyed")
			g.has(t, 1, on)
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

// By its path and by its id, or by a former path, a plan cannot tell that two
// blocks want one project; see TestTwoBlocksThatWantOneProject.
func TestOneProjectManagedTwiceInOneRunIsAnError(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{"by its id": "1", "by a former path": "acme/old"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/old", Settings: gitlabsim.SentryLink(sentryURL)})
			g.sim.MoveProject(1, "acme/web")
			both := func(active string) string {
				return g.config(settingsNamed("one", "acme/web", "active = true") + settingsNamed("two", other, "active = "+active))
			}
			w := g.newWorkspace(t, both("false"))
			out := w.apply().fails().says("is managed twice", "Let both want the same")
			patches := slices.DeleteFunc(out.requests, func(r string) bool { return strings.HasPrefix(r, "GET") })
			if len(patches) != 1 {
				t.Errorf("GitLab got %v, want one PATCH", patches)
			}
			// Once the state has the id, a plan can.
			w.write(both("true"))
			w.apply().ok()
			w.write(both("false"))
			w.run("plan").fails().says("Two blocks contradict each other about")
		})
	}
}

func TestOnDestroy(t *testing.T) {
	t.Parallel()
	on, off := *gitlabsim.SentryLink(sentryURL), *turnedOff()
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
				g, w := applied(t, settings("1", append(c.arguments, `on_destroy = "restore"`)...), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &c.before})
				w.run("destroy", "-auto-approve").ok().saysNot("Warning").asked(get("1"), patch("1", c.restored))
				g.has(t, 1, c.before)
			})
		}
	})
	t.Run("restore of a project never configured leaves it inactive", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("1", "active = true", "integrated = true", `on_destroy = "restore"`), neverConfigured())
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, gitlabsim.Settings{})
	})
	t.Run("integrated that is managed only later is restored", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("1", "active = true", `on_destroy = "restore"`), withSentry())
		w.with(settings("1", "active = true", "integrated = true", `on_destroy = "restore"`)).apply().ok()
		w.run("destroy", "-auto-approve").ok().asked(get("1"), patch("1", `{"active":true,"integrated":false}`))
	})
	t.Run("an import records what to restore", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("1", "active = false", `on_destroy = "restore"`), withSentry())
		w.run("import", address, "1").ok()
		w.apply().ok().saysNot("Warning")
		g.has(t, 1, off)
		w.run("destroy", "-auto-approve").ok()
		g.has(t, 1, on)
	})
	t.Run("restore that comes too late warns, and keeps", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("1", "active = true"), withSentry())
		w.with(settings("1", "active = true", `on_destroy = "restore"`)).run("plan").ok().says("Warning: Error tracking for project 1 cannot be restored later")
		w.apply().ok()
		w.run("destroy", "-auto-approve").ok().says("was not restored", "left as it is").asked(get("1"))
		g.has(t, 1, on)
	})
	t.Run("restore that GitLab refuses warns and changes nothing", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("1", "active = false", `on_destroy = "restore"`), withSentry())
		g.sim.SetSettings(1, &gitlabsim.Settings{})
		w.run("destroy", "-auto-approve").ok().says("was not restored", "api url is a required field").
			asked(get("1"), patch("1", bodyOn))
	})
	t.Run("restore of an integrated backend while the flag is off warns", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, settings("1", "active = true", "integrated = false", `on_destroy = "restore"`), gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &linked})
		g.sim.SetIntegratedErrorTracking(false)
		w.run("destroy", "-auto-approve").ok().says("was not restored", "GitLab applied something else")
	})
	t.Run("a create that GitLab applies differently is restored by the next apply", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &off})
		w := g.newWorkspace(t, g.config(settings("1", "active = true", "integrated = true", `on_destroy = "restore"`)))
		none := `{"active":false,"integrated":false}`
		w.apply().fails().says("integrated_error_tracking").asked(get("1"), get("1"), get("1"), patch("1", bodyBoth))
		g.sim.SetIntegratedErrorTracking(true)
		w.apply().ok().says("1 added, 0 changed, 1 destroyed").writes(patch("1", none), patch("1", bodyBoth))
		w.run("destroy", "-auto-approve").ok().asked(get("1"), patch("1", none))
		g.has(t, 1, off)
	})
	t.Run("a restore that cannot look first changes nothing", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, settings("1", "active = false", `on_destroy = "restore"`), withSentry())
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, Effect: gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)})
		w.apply().fails().says("Cannot record the original error tracking settings")
		g.has(t, 1, on)
	})
	t.Run("a project without a record needs no change", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, settings("1", "active = false", `on_destroy = "disable"`), neverConfigured())
		w.run("destroy", "-auto-approve").ok().says("1 destroyed").asked(get("1"), patch("1", bodyOff))
	})
	for name, effect := range map[string]gitlabsim.Effect{
		"forbidden": gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
		"refused":   gitlabsim.JSON(http.StatusOK, `{"message":"Not today","status":"error"}`),
	} {
		t.Run(name+" names keep and state rm", func(t *testing.T) {
			t.Parallel()
			g, w := applied(t, settings("1", "active = true", `on_destroy = "disable"`), withSentry())
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: effect})
			w.run("destroy", "-auto-approve").fails().says("Cannot turn off error tracking for project 1", `on_destroy = "keep"`, "terraform state rm")
			w.run("state", "list").ok().says(address)
		})
	}
}

func TestRestoreKnowsTheTrueOriginalAfterACreateInDoubt(t *testing.T) {
	t.Parallel()
	on := *gitlabsim.SentryLink(sentryURL)
	config := func(g *fakeGitLab) string {
		return g.config(settings("acme/web", "active = false", `on_destroy = "restore"`))
	}
	for name, effect := range map[string]gitlabsim.Effect{
		"the answer is lost":    gitlabsim.ResetAfter(),
		"the answer is cut off": gitlabsim.CutOff(),
		"500 after the change":  afterwards(gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)),
		"504 after the change":  afterwards(gitlabsim.HTML(http.StatusGatewayTimeout, "<html>504</html>")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: effect})
			w := g.newWorkspace(t, config(g))
			w.apply().fails().says("Cannot set error tracking for acme/web")
			w.apply().ok().says("is tainted", "1 added, 0 changed, 1 destroyed").asked(
				get("1"), get("acme/web"), patch("1", bodyOn), get("acme/web"), lookUp("acme/web"), get("1"), patch("1", bodyOff))
			w.run("destroy", "-auto-approve").ok().saysNot("Warning")
			g.has(t, 1, on)
		})
	}
	for name, c := range map[string]struct {
		then    gitlabsim.Effect
		inState bool
		again   string
	}{
		"Ctrl-C, and the answer comes late": {gitlabsim.Delay(0), true, "No changes"},
		"Ctrl-C, and the answer is lost":    {gitlabsim.ResetAfter(), true, "1 added, 0 changed, 1 destroyed"},
		"Ctrl-C, and GitLab refuses":        {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), false, "1 added, 0 changed, 0 destroyed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withSentry())
			g.real = c.inState
			pressed := newCtrlC()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: pressed.held(c.then)})
			w := g.newWorkspace(t, config(g))
			w.interrupt(pressed, "apply", "-auto-approve").says("Interrupt received")
			if kept := strings.Contains(w.run("state", "list").output, address); kept != c.inState {
				t.Errorf("the resource is in the state: %t, want %t", kept, c.inState)
			}
			w.apply().ok().says(c.again)
			w.run("destroy", "-auto-approve").ok().saysNot("Warning")
			g.has(t, 1, on)
		})
	}
}
