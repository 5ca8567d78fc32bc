package acceptance_test

import (
	"testing"
)

func TestAGroupThatIsNotFoundIsSaidToBeMissingAtPlan(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(1)...)
	w := g.newWorkspace(t, g.config(groupSettings("nothing", "active = true")))
	w.run("plan").ok().warns(1).says("GitLab cannot find group nothing", "renamed").saysNot("GitLab could not be queried")
}
