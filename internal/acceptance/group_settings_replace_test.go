package acceptance_test

import (
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// Terraform plans a replacement twice, as an update and as a create.
func TestAnotherGroupIsWalkedOverOnceInAPlanAndOnceInAnApply(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, append(linked(1), gitlabsim.Project{ID: 2, Path: "other/app", Settings: turnedOff()})...)
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
	w.apply().ok()
	w.write(g.config(groupSettings("other", "active = true")))
	w.run("plan", "-out=saved.tfplan").ok().asked(listGroup("acme"), get("1"), listGroup("other"), get("2"))
	w.run("apply", "saved.tfplan").ok().asked(listGroup("other"), get("2"), patch("2", bodyOn))
}
