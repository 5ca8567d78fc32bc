package gitlab

import (
	"errors"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestProjectsAndGroupsAreLookedUp(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(), gitlabsim.Project{ID: 2, Path: "simulated/own"})
	sim.MoveProject(1, "acme/site")
	sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme/sub"})
	for reference, want := range map[string]error{"1": nil, "acme/site": nil, "acme/web": nil, "Acme/Site": nil, "acme/nothing": ErrProjectNotFound} {
		if got, err := c.GetProject(t.Context(), reference); !errors.Is(err, want) || err == nil && got != (Project{ID: 1, Path: "acme/site"}) {
			t.Errorf("project %s: got %+v, %v", reference, got, err)
		}
	}
	for reference, want := range map[string]error{"7": nil, "acme/sub": nil, "Acme/SUB": nil, "8": ErrGroupNotFound, "simulated": ErrGroupNotFound} {
		if got, err := c.GetGroup(t.Context(), reference); !errors.Is(err, want) || err == nil && got != (Group{ID: 7, Path: "acme/sub"}) {
			t.Errorf("group %s: got %+v, %v", reference, got, err)
		}
	}
}
