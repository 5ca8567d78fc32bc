package gitlab_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAGroupIsLookedUp(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{})
	sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme/sub"})
	sim.AddProject(gitlabsim.Project{ID: 1, Path: "simulated/own"})
	for _, reference := range []string{"7", "acme/sub", "Acme/SUB"} {
		if got, err := client.GetGroup(t.Context(), reference); err != nil || got != (gitlab.Group{ID: 7, Path: "acme/sub"}) {
			t.Errorf("%s: got %+v, %v", reference, got, err)
		}
	}
	for _, none := range []string{"8", "acme/other", "simulated"} {
		if _, err := client.GetGroup(t.Context(), none); !errors.Is(err, gitlab.ErrGroupNotFound) {
			t.Errorf("%s: got error %v", none, err)
		}
	}
	for _, body := range []string{`{}`, `[]`, `{"id":7}`, `{"id":7,"full_path":"acme/\u0007"}`, `{"id":"7","full_path":"acme"}`} {
		sim.ClearFaults()
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusOK, body)})
		if _, err := client.GetGroup(t.Context(), "7"); !errors.Is(err, gitlab.ErrNotGitLab) {
			t.Errorf("%s: got error %v", body, err)
		}
	}
}
