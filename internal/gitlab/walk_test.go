package gitlab_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// inGroup returns n projects of acme/sub, the seventh of them archived, and
// after them one of acme.
func inGroup(n int64) []gitlabsim.Project {
	var projects []gitlabsim.Project
	for id := int64(1); id <= n; id++ {
		projects = append(projects, gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/sub/p%d", id), Archived: id == 7, Settings: &gitlabsim.Settings{}})
	}
	return append(projects, gitlabsim.Project{ID: n + 1, Path: "acme/top"})
}

func TestAWalkVisitsWhatIsInScope(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope      gitlab.Scope
		got, pages int
	}{
		"all pages":                  {gitlab.Scope{Group: "acme", Subgroups: true, Archived: true}, 206, 3},
		"without archived projects":  {gitlab.Scope{Group: "acme", Subgroups: true}, 205, 3},
		"without subgroups":          {gitlab.Scope{Group: "acme"}, 1, 1},
		"a subgroup":                 {gitlab.Scope{Group: "acme/sub", Archived: true}, 205, 3},
		"without a project":          {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"acme/sub/p1"}}, 204, 3},
		"without a whole subgroup":   {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"Acme/SUB"}}, 1, 3},
		"without what is not there":  {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"acme/su", "acme/sub/p"}}, 205, 3},
		"without a page of projects": {gitlab.Scope{Group: "acme/sub", Archived: true, Exclude: ids("acme/sub/p%d", 101, 200)}, 105, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, inGroup(205)...)
			var ids []int64
			for project, err := range client.Walk(t.Context(), c.scope) {
				if err != nil {
					t.Fatal(err)
				}
				if project.Configured != (project.Path != "acme/top") {
					t.Errorf("%s has settings: %t", project.Path, project.Configured)
				}
				ids = append(ids, project.ID)
			}
			if len(ids) != c.got || !slices.IsSorted(ids) {
				t.Errorf("got %d projects, want %d by id: %v", len(ids), c.got, ids)
			}
			if n := len(sim.Requests()); n != c.pages+c.got {
				t.Errorf("%d requests, want %d pages and one for each of %d projects", n, c.pages, c.got)
			}
		})
	}
}

func TestAWalkLeavesOutWhatIsBeingDeleted(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{},
		gitlabsim.Project{ID: 1, Path: "acme/web-deletion_scheduled-1"},
		gitlabsim.Project{ID: 2, Path: "acme/api-deleted-2"},
		gitlabsim.Project{ID: 3, Path: "acme/how-deleted-2"},
	)
	var paths []string
	for project, err := range client.Walk(t.Context(), gitlab.Scope{Group: "acme"}) {
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, project.Path)
	}
	if !slices.Equal(paths, []string{"acme/how-deleted-2"}) || len(sim.Requests()) != 2 {
		t.Errorf("got %v in %d requests", paths, len(sim.Requests()))
	}
}

func ids(format string, first, last int) (paths []string) {
	for i := first; i <= last; i++ {
		paths = append(paths, fmt.Sprintf(format, i))
	}
	return paths
}

func TestAWalkReadsAheadWithTenRequestsInFlight(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{}, inGroup(350)...)
	var underWay, most atomic.Int32
	var pages, readBefore atomic.Int32
	sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		now := underWay.Add(1)
		defer underWay.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		if !strings.Contains(r.URL.Path, "/groups/") {
			readBefore.Add(1)
		} else if pages.Add(1) == 2 && readBefore.Load() > 50 {
			t.Errorf("the second page was asked for after %d projects of the first were read", readBefore.Load())
		}
		gitlabsim.Delay(2*time.Millisecond)(w, r, answer)
	}})
	for _, err := range client.Walk(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := most.Load(); got != 10 {
		t.Errorf("%d requests were in flight at most, want 10", got)
	}
}

func TestBreakingOffEndsAWalksRequests(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{}, inGroup(300)...)
	seen := 0
	for _, err := range client.Walk(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 5 {
			break
		}
	}
	if n := len(sim.Requests()); n > 50 {
		t.Errorf("%d requests for 5 projects", n)
	}
}

func TestAWalkThatIsCancelledEndsInAnError(t *testing.T) {
	t.Parallel()
	_, client := start(t, gitlabsim.Config{}, inGroup(90)...)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		var last error
		for _, last = range client.Walk(ctx, gitlab.Scope{Group: "acme", Subgroups: true}) {
			if seen++; seen == 1 {
				// The walk has read ahead as far as it may.
				time.Sleep(10 * time.Millisecond)
				cancel()
			}
		}
		cancel()
		if !errors.Is(last, context.Canceled) {
			t.Fatalf("after %d projects the walk ends with %v, as if it were complete", seen, last)
		}
	}
}

func TestErrorsOfAWalk(t *testing.T) {
	t.Parallel()
	json := func(body string) gitlabsim.Effect { return gitlabsim.JSON(http.StatusOK, body) }
	for name, c := range map[string]struct {
		group string
		fault gitlabsim.Fault
		kind  error
	}{
		"a group that is not found":   {"nothing", gitlabsim.Fault{Path: "none", Effect: json("")}, gitlab.ErrGroupNotFound},
		"a list of something else":    {"acme", gitlabsim.Fault{Effect: json(`[{"id":"x"}]`)}, gitlab.ErrNotGitLab},
		"a path that would beep":      {"acme", gitlabsim.Fault{Effect: json(`[{"id":1,"path_with_namespace":"acme/\u0007"}]`)}, gitlab.ErrNotGitLab},
		"a project without a path":    {"acme", gitlabsim.Fault{Effect: json(`[{"id":1}]`)}, gitlab.ErrNotGitLab},
		"an object":                   {"acme", gitlabsim.Fault{Effect: json(`{}`)}, gitlab.ErrNotGitLab},
		"null":                        {"acme", gitlabsim.Fault{Effect: json(`null`)}, gitlab.ErrNotGitLab},
		"pages that form a loop":      {"acme", gitlabsim.Fault{Effect: gitlabsim.Status(http.StatusOK, http.Header{"Content-Type": {"application/json"}, "X-Next-Page": {"1"}}, `[]`)}, gitlab.ErrNotGitLab},
		"500 for one of the projects": {"acme", gitlabsim.Fault{Path: "/projects/3/", Effect: gitlabsim.JSON(http.StatusInternalServerError, `{}`)}, gitlab.ErrServer},
		"403 for one of the projects": {"acme", gitlabsim.Fault{Path: "/projects/3/", Effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, inGroup(20)...)
			sim.AddFault(c.fault)
			var got error
			unreadable := 0
			for project, err := range client.Walk(t.Context(), gitlab.Scope{Group: c.group, Subgroups: true}) {
				got = err
				if project.Unreadable != nil {
					unreadable++
				}
			}
			if !errors.Is(got, c.kind) {
				t.Errorf("got error %v, want %v", got, c.kind)
			}
			if (unreadable == 1) != (c.kind == nil) {
				t.Errorf("%d projects are unreadable", unreadable)
			}
		})
	}
}
