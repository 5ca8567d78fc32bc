package acceptance_test

import (
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAProjectThatComesIntoScopeOutOfReachIsAWarning(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, off(3)...)
	g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: map[int64]gitlabsim.Role{2: gitlabsim.Developer}, Scopes: []string{"api"}})
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true", `exclude = ["acme/p2", "acme/p3"]`)))
	w.apply().ok()
	w.write(g.config(groupSettings("acme", "active = true")))
	w.apply().ok().says("Left out: acme/p2").writes(patch("3", bodyOn))
}
