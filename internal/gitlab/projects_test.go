package gitlab_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestGetProject(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	sim.MoveProject(1, "acme/site")
	for _, reference := range []string{"1", "acme/site", "acme/web", "Acme/Site"} {
		got, err := c.GetProject(t.Context(), reference)
		if err != nil || got != (gitlab.Project{ID: 1, Path: "acme/site"}) {
			t.Errorf("%s: got %+v, %v", reference, got, err)
		}
	}
	if _, err := c.GetProject(t.Context(), "acme/nothing"); !errors.Is(err, gitlab.ErrProjectNotFound) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrProjectNotFound)
	}
	sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusOK, `{"id":0}`)})
	if _, err := c.GetProject(t.Context(), "1"); !errors.Is(err, gitlab.ErrNotGitLab) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrNotGitLab)
	}
}
