package gitlab_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
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

func TestGroupProjects(t *testing.T) {
	t.Parallel()
	var projects []gitlabsim.Project
	for id := int64(1); id <= 205; id++ {
		projects = append(projects, gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/sub/p%d", id), Archived: id == 7})
	}
	projects = append(projects, gitlabsim.Project{ID: 206, Path: "acme/top"})

	for name, c := range map[string]struct {
		group               string
		subgroups, archived bool
		stopAfter           int
		got, requests       int
	}{
		"all pages":                      {"acme", true, true, 0, 206, 3},
		"without archived projects":      {"acme", true, false, 0, 205, 3},
		"without subgroups":              {"acme", false, false, 0, 1, 1},
		"breaking off ends the requests": {"acme", true, true, 100, 100, 1},
		"a subgroup":                     {"acme/sub", false, true, 0, 205, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, projects...)
			var ids []int64
			for project, err := range client.GroupProjects(t.Context(), c.group, c.subgroups, c.archived) {
				if err != nil {
					t.Fatal(err)
				}
				if ids = append(ids, project.ID); len(ids) == c.stopAfter {
					break
				}
			}
			if len(ids) != c.got || !slices.IsSorted(ids) {
				t.Errorf("got %d projects, want %d by id: %v", len(ids), c.got, ids)
			}
			if n := len(sim.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		})
	}
}

func TestGroupProjectsErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		group  string
		effect gitlabsim.Effect
		kind   error
	}{
		"a group that is not found": {"nothing", nil, gitlab.ErrGroupNotFound},
		"a list of something else":  {"acme", gitlabsim.JSON(http.StatusOK, `[{"id":"x"}]`), gitlab.ErrNotGitLab},
		"a project without a path":  {"acme", gitlabsim.JSON(http.StatusOK, `[{"id":1}]`), gitlab.ErrNotGitLab},
		"an object":                 {"acme", gitlabsim.JSON(http.StatusOK, `{}`), gitlab.ErrNotGitLab},
		"null":                      {"acme", gitlabsim.JSON(http.StatusOK, `null`), gitlab.ErrNotGitLab},
		"pages that form a loop":    {"acme", gitlabsim.Status(http.StatusOK, http.Header{"Content-Type": {"application/json"}, "X-Next-Page": {"1"}}, `[]`), gitlab.ErrNotGitLab},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/web"})
			if c.effect != nil {
				sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			}
			var got error
			for _, err := range client.GroupProjects(t.Context(), c.group, true, false) {
				got = err
			}
			if !errors.Is(got, c.kind) {
				t.Errorf("got error %v, want %v", got, c.kind)
			}
		})
	}
}
