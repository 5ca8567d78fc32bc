package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAProjectHiddenFromAFineGrainedTokenIsLeftOut(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(3)...)
	g.sim.SetSettings(1, turnedOff())
	g.sim.AddFault(gitlabsim.Fault{Path: "/projects/2/", Effect: gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Not Found"}`)})
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")+groupData("acme")))
	w.apply().ok().says("Left out: acme/p2").writes(patch("1", bodyOn))
}
