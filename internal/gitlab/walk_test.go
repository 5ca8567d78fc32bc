package gitlab_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
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
		"all pages":                    {gitlab.Scope{Group: "acme", Subgroups: true, Archived: true}, 206, 3},
		"without archived projects":    {gitlab.Scope{Group: "acme", Subgroups: true}, 205, 3},
		"without subgroups":            {gitlab.Scope{Group: "acme"}, 1, 1},
		"a subgroup":                   {gitlab.Scope{Group: "acme/sub", Archived: true}, 205, 3},
		"without a project":            {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"acme/sub/p1"}}, 204, 3},
		"without a whole subgroup":     {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"Acme/SUB"}}, 1, 3},
		"without what is not there":    {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"acme/su", "acme/sub/p"}}, 205, 3},
		"without an id":                {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"12", "9"}}, 203, 3},
		"without what a pattern fits":  {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"ACME/*/p?"}}, 197, 3},
		"without groups that one fits": {gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{"**/sub"}}, 1, 3},
		"without a page of projects":   {gitlab.Scope{Group: "acme/sub", Archived: true, Exclude: ids("acme/sub/p%d", 101, 200)}, 105, 3},
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
			if n := len(sim.Requests()); n != 2*c.pages+c.got {
				t.Errorf("%d requests, want each of %d pages twice and one for each of %d projects", n, c.pages, c.got)
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
	if !slices.Equal(paths, []string{"acme/how-deleted-2"}) || len(sim.Requests()) != 3 {
		t.Errorf("got %v in %d requests", paths, len(sim.Requests()))
	}
}

// onPage does something to GitLab after a page of the list was answered.
func onPage(sim *gitlabsim.Server, number int, do func()) {
	sim.AddFault(gitlabsim.Fault{Path: "/groups/", After: number - 1, Times: 1, Effect: gitlabsim.Then(do)})
}

func TestAListThatChangesWhileItIsReadIsReadUntilItStays(t *testing.T) {
	t.Parallel()
	archive := func(sim *gitlabsim.Server, id int64) {
		sim.AddProject(gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/sub/p%d", id), Archived: true})
	}
	for name, c := range map[string]struct {
		page         int
		happens      func(sim *gitlabsim.Server)
		want, passes int
	}{
		"a project of the first page is archived": {1, func(sim *gitlabsim.Server) { archive(sim, 3) }, 204, 3},
		"one of the second page":                  {2, func(sim *gitlabsim.Server) { archive(sim, 150) }, 204, 3},
		"one comes back":                          {1, func(sim *gitlabsim.Server) { sim.AddProject(gitlabsim.Project{ID: 7, Path: "acme/sub/p7"}) }, 206, 2},
		"one leaves during the second reading":    {5, func(sim *gitlabsim.Server) { sim.RemoveProject(3) }, 204, 4},
		"one is renamed":                          {1, func(sim *gitlabsim.Server) { sim.MoveProject(3, "acme/sub/other") }, 205, 2},
		"one is created":                          {3, func(sim *gitlabsim.Server) { sim.AddProject(gitlabsim.Project{ID: 400, Path: "acme/new"}) }, 206, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, inGroup(205)...)
			onPage(sim, c.page, func() { c.happens(sim) })
			found, err := client.Survey(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[int64]bool{}
			for _, p := range found.Projects {
				if seen[p.ID] {
					t.Errorf("project %d is there twice", p.ID)
				}
				seen[p.ID] = true
			}
			if len(seen) != c.want || !seen[101] {
				t.Errorf("got %d projects, project 101 among them: %t; want %d", len(seen), seen[101], c.want)
			}
			lists := 0
			for _, r := range sim.Requests() {
				if strings.HasPrefix(r.Path, "/groups/") {
					lists++
				}
			}
			if lists != 3*c.passes {
				t.Errorf("%d pages, want %d readings of 3", lists, c.passes)
			}
		})
	}
}

func TestAListThatNeverStaysIsAnError(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{}, inGroup(20)...)
	next := int64(10)
	sim.AddFault(gitlabsim.Fault{Path: "/groups/", Effect: gitlabsim.Then(func() {
		next++
		sim.RemoveProject(next)
	})})
	if _, err := client.Survey(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true}); !errors.Is(err, gitlab.ErrUnsettled) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrUnsettled)
	}
}

func TestASurveyNamesExclusionsThatFitNothing(t *testing.T) {
	t.Parallel()
	_, client := start(t, gitlabsim.Config{}, inGroup(12)...)
	found, err := client.Survey(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true, Exclude: []string{
		"acme/sub/p1", "acme/sub/p", "2", "7", "99", "acme/su", "acme/**/p1?", "acme/*/q*", "ACME/TOP",
	}})
	if err != nil {
		t.Fatal(err)
	}
	// Project 7 is archived, and so not listed.
	if want := []string{"acme/sub/p", "7", "99", "acme/su", "acme/*/q*"}; !slices.Equal(found.Unfit, want) {
		t.Errorf("got %q, want %q", found.Unfit, want)
	}
}

func TestWalksShareTenRequestsInFlight(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{}, inGroup(60)...)
	var underWay, most atomic.Int32
	sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		now := underWay.Add(1)
		defer underWay.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		gitlabsim.Delay(time.Millisecond)(w, r, answer)
	}})
	var walks sync.WaitGroup
	for range 5 {
		walks.Go(func() {
			if _, err := client.Survey(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true}); err != nil {
				t.Error(err)
			}
		})
	}
	walks.Wait()
	if got := most.Load(); got > 10 {
		t.Errorf("%d requests were in flight, want 10 at most", got)
	}
}

func ids(format string, first, last int) (paths []string) {
	for i := first; i <= last; i++ {
		paths = append(paths, fmt.Sprintf(format, i))
	}
	return paths
}

func TestTheListIsReadAheadOfTheSettings(t *testing.T) {
	t.Parallel()
	sim, client := start(t, gitlabsim.Config{}, inGroup(350)...)
	listed := make(chan struct{})
	// The settings wait until the list was read twice, in four pages.
	sim.AddFault(gitlabsim.Fault{Path: "/groups/", After: 7, Times: 1, Effect: gitlabsim.Then(func() { close(listed) })})
	sim.AddFault(gitlabsim.Fault{Path: "/projects/9/", Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		select {
		case <-listed:
		case <-r.Context().Done():
		}
		gitlabsim.Delay(0)(w, r, answer)
	}})
	for _, err := range client.Walk(t.Context(), gitlab.Scope{Group: "acme", Subgroups: true}) {
		if err != nil {
			t.Fatal(err)
		}
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
		"500 for a project":           {"acme", gitlabsim.Fault{Path: "/projects/3/", Effect: gitlabsim.JSON(http.StatusInternalServerError, `{}`)}, gitlab.ErrServer},
		"HTML for a project":          {"acme", gitlabsim.Fault{Path: "/projects/3/", Effect: gitlabsim.HTML(http.StatusOK, "<p>")}, gitlab.ErrNotGitLab},
		"401 for a project":           {"acme", gitlabsim.Fault{Path: "/projects/3/", Effect: gitlabsim.JSON(http.StatusUnauthorized, `{"message":"401 Unauthorized"}`)}, gitlab.ErrUnauthorized},
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
			if one, ok := errors.AsType[*gitlab.ProjectError](got); ok != strings.HasSuffix(name, " for a project") || ok && one.Project.Path != "acme/sub/p3" {
				t.Errorf("got error %v of %v", got, one)
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
