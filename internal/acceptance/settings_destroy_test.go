package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestDestroyingLeavesTheProjectAloneAndAsksNothing(t *testing.T) {
	t.Parallel()
	g, w := applied(t, counted(3, "active = true", `on_destroy = "disable"`), linked(3)...)
	w.with(counted(3, "active = true")).apply().ok().says("3 changed", `on_destroy = "disable" -> "keep"`).askedInAnyOrder(get("1"), get("2"), get("3"))
	g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.ResetBefore()})
	w.run("destroy", "-auto-approve", "-refresh=false").ok().says("3 destroyed").asked()
}

func TestADestroyThatFailsNamesKeepFirst(t *testing.T) {
	t.Parallel()
	const keepFirst = `set on_destroy = "keep" and apply before destroying, or run terraform state rm. `
	for name, c := range map[string]struct {
		effect gitlabsim.Effect
		says   []string
	}{
		"it is forbidden":  {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), []string{keepFirst + "The token", ofTheRole}},
		"it is refused":    {gitlabsim.JSON(http.StatusOK, `{"message":"Not today","status":"error"}`), []string{keepFirst + "GitLab did not accept", "Not today"}},
		"a URL is blocked": {gitlabsim.BlockedURL(), []string{keepFirst + "GitLab did not accept", "Outbound requests"}},
	} {
		story(t, name, settings("1", "active = true", `on_destroy = "disable"`), []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: c.effect})
			w.run("destroy", "-auto-approve").fails().says("Cannot turn off error tracking for project 1").says(c.says...)
			w.run("state", "list").ok().says(address)
		})
	}
}

func TestADeposedObjectIsDestroyedByItsID(t *testing.T) {
	t.Parallel()
	for onDestroy, last := range map[string][]string{"disable": {patch("1", bodyOff)}, "keep": nil, "restore": {patch("1", bodyOn)}} {
		t.Run(onDestroy, func(t *testing.T) {
			t.Parallel()
			body := func(project string) string {
				return settings(project, "active = true", `on_destroy = "`+onDestroy+`"`, "lifecycle { create_before_destroy = true }")
			}
			g, w := applied(t, body("acme/web"), withSentry(), app())
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1/", Effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)})
			w.with(body("acme/app")).apply()
			g.sim.ClearFaults()
			// Another project takes its path.
			g.sim.MoveProject(1, "acme/site")
			g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)})
			if plan := w.run("plan").ok(); last == nil {
				plan.says("No changes")
			} else {
				plan.says("deposed object", "0 to add, 0 to change, 1 to destroy")
			}
			w.settles().says(fmt.Sprint(len(last), " destroyed")).writes(last...)
		})
	}
}

func TestOneRunCreatesAndDestroysTheSameProject(t *testing.T) {
	t.Parallel()
	const n = 30
	on, off := *gitlabsim.SentryLink(sentryURL), *turnedOff()
	for _, parallelism := range []string{"1", "10", "50"} {
		t.Run("a shifted count, parallelism "+parallelism, func(t *testing.T) {
			t.Parallel()
			body := func(first int) string {
				return fmt.Sprintf(`
locals { projects = [for i in range(%d, %d) : "acme/p${i}"] }
resource "errortracking_settings" "test" {
  count      = length(local.projects)
  project    = local.projects[count.index]
  active     = true
  on_destroy = "disable"
}
`, first, n+1)
			}
			g, w := begun(t, body(1), linked(n)...)
			w.apply("-parallelism=" + parallelism).ok().says("30 added")
			w.with(body(2)).apply("-parallelism="+parallelism).ok().says("29 added", "30 destroyed")
			g.has(t, 1, off)
			for id := int64(2); id <= n; id++ {
				g.has(t, id, on)
			}
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
	for name, c := range map[string]struct{ before, after, lifecycle string }{
		"a renamed for_each key":                       {`old = "acme/web"`, `new = "acme/web"`, ""},
		"a key renamed to the project's id":            {`"acme/web" = "acme/web"`, `"1" = "1"`, ""},
		"a key renamed as the project was":             {`"acme/web" = "acme/web"`, `"acme/site" = "acme/site"`, ""},
		"a replacement":                                {`web = "acme/web"`, `web = "acme/web"`, ""},
		"a replacement that is created before the end": {`web = "acme/web"`, `web = "acme/web"`, "lifecycle { create_before_destroy = true }"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := func(entry string) string {
				return "resource \"errortracking_settings\" \"test\" {\n  for_each = { " + entry + " }\n  project = each.value\n  active = true\n  on_destroy = \"disable\"\n  " + c.lifecycle + "\n}\n"
			}
			g, w := applied(t, body(c.before), withSentry())
			g.sim.MoveProject(1, "acme/site")
			// The destroy comes late: the create is done by then.
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 1, Effect: gitlabsim.Delay(300 * time.Millisecond)})
			w.with(body(c.after)).settles(`-replace=errortracking_settings.test["web"]`).says("1 added, 0 changed, 1 destroyed")
			g.has(t, 1, on)
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
			both := func(active string) string {
				return settingsNamed("one", "acme/web", "active = true") + settingsNamed("two", other, "active = "+active)
			}
			g, w := begun(t, both("false"), gitlabsim.Project{ID: 1, Path: "acme/old", Settings: gitlabsim.SentryLink(sentryURL)})
			g.sim.MoveProject(1, "acme/web")
			out := w.apply().fails().says("is managed twice", "Let both want the same")
			if !strings.HasSuffix(out.methods(), " 1 PATCH") {
				t.Errorf("GitLab got %s, want one PATCH", out.methods())
			}
			// Once the state has the id, a plan can.
			w.with(both("true")).apply().ok()
			w.with(both("false")).run("plan").fails().says("Two blocks contradict each other about")
		})
	}
}
