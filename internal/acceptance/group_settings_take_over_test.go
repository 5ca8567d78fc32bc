package acceptance_test

import (
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// A group takes over a project whose own resource goes in the same run.
func TestAProjectThatAGroupTakesOverStaysAsTheGroupSays(t *testing.T) {
	t.Parallel()
	alone := settingsNamed("alone", "acme/p2", "active = true", `on_destroy = "disable"`)
	for _, parallelism := range []string{"1", "10"} {
		t.Run("by a new block, with parallelism "+parallelism, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, linked(3)...)
			w := g.newWorkspace(t, g.config(alone))
			w.apply().ok()
			w.write(g.config(groupSettings("acme", "active = true")))
			w.apply("-parallelism=" + parallelism).ok().says("1 added, 0 changed, 1 destroyed")
			g.has(t, 2, *gitlabsim.SentryLink(sentryURL))
			w.run("plan", "-detailed-exitcode").ok()
		})
		t.Run("by a smaller exclude, with parallelism "+parallelism, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, linked(3)...)
			w := g.newWorkspace(t, g.config(alone+groupSettings("acme", "active = true", `exclude = ["acme/p2"]`)))
			w.apply().ok()
			w.write(g.config(groupSettings("acme", "active = true")))
			w.apply("-parallelism=" + parallelism).ok().says("0 added, 1 changed, 1 destroyed")
			g.has(t, 2, *gitlabsim.SentryLink(sentryURL))
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}
