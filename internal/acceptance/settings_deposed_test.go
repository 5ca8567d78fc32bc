package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// deposed is a workspace in which project 1 has been replaced by project 2, and
// the destroy of its object has failed. Project 1 has another name by now, and
// project 3 its path.
func deposed(t *testing.T, onDestroy string) (*fakeGitLab, *workspace) {
	t.Helper()
	g := newGitLab(t, withSentry(), gitlabsim.Project{ID: 2, Path: "acme/app", Settings: gitlabsim.SentryLink(sentryURL)})
	config := func(project string) string {
		return g.config(settings(project, "active = true", `on_destroy = "`+onDestroy+`"`, "lifecycle { create_before_destroy = true }"))
	}
	w := g.newWorkspace(t, config("acme/web"))
	w.apply().ok()
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1/", Effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)})
	w.write(config("acme/app"))
	w.apply()
	g.sim.ClearFaults()
	g.sim.MoveProject(1, "acme/site")
	g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)})
	return g, w
}

func TestADeposedObject(t *testing.T) {
	t.Parallel()
	t.Run("is destroyed by its id", func(t *testing.T) {
		t.Parallel()
		g, w := deposed(t, "disable")
		w.run("plan").ok().says("deposed object", "0 to add, 0 to change, 1 to destroy")
		w.apply().ok().says("1 destroyed").writes(patch("1", bodyOff))
		g.has(t, 1, *turnedOff())
		g.has(t, 2, *gitlabsim.SentryLink(sentryURL))
		g.has(t, 3, *gitlabsim.SentryLink(sentryURL))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("by default is never made, and changes nothing", func(t *testing.T) {
		t.Parallel()
		g, w := deposed(t, "keep")
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
		for id := int64(1); id <= 3; id++ {
			g.has(t, id, *gitlabsim.SentryLink(sentryURL))
		}
	})
	t.Run("restores by its id", func(t *testing.T) {
		t.Parallel()
		g, w := deposed(t, "restore")
		w.apply().ok().says("1 destroyed").writes(patch("1", bodyOn))
		g.has(t, 3, *gitlabsim.SentryLink(sentryURL))
	})
}
