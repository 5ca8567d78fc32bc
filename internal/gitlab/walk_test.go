package gitlab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

// all is the scope of acme with its subgroups, but for some.
func all(but ...string) Scope {
	return Scope{Group: "acme", Subgroups: true, Exclude: but}
}

func TestAWalkThatIsBrokenOffLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var projects []string
	for id := range 3 * inFlight {
		projects = append(projects, fmt.Sprintf(`{"id":%d,"path_with_namespace":"acme/p%[1]d"}`, id+1))
	}
	synctest.Test(t, func(t *testing.T) {
		c := clientOf(roundTripper(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/projects") {
				return respond(http.StatusOK, "["+strings.Join(projects, ",")+"]"), nil
			}
			return respond(http.StatusOK, `{"active":true}`), sleep(r.Context(), time.Second)
		}), 0)
		c.slots = make(chan struct{}, inFlight)
		// A goroutine that waited for ever would fail the test.
		for _, err := range c.Walk(context.WithoutCancel(t.Context()), all()) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	})
}

func TestAWalkVisitsWhatIsInScope(t *testing.T) {
	t.Parallel()
	const listed = "/projects?active=true&archived=false&include_subgroups=true&order_by=id&page=1&per_page=100&simple=true&sort=asc&with_shared=false"
	for name, c := range map[string]struct {
		scope      Scope
		first      string // the path of the first request
		got, pages int
	}{
		"all pages":                                  {Scope{Group: "acme", Subgroups: true, Archived: true}, "/groups/acme/projects?include_subgroups=true&order_by=id&page=1&per_page=100&simple=true&sort=asc&with_shared=false", 206, 3},
		"without archived projects":                  {all(), "/groups/acme" + listed, 205, 3},
		"without subgroups":                          {Scope{Group: "acme"}, "/groups/acme" + strings.Replace(listed, "true&order", "false&order", 1), 1, 1},
		"without a project":                          {all("acme/sub/p1"), "/groups/acme" + listed, 204, 3},
		"without a whole subgroup":                   {all("Acme/SUB"), "/groups/acme" + listed, 1, 3},
		"without what is not there":                  {all("acme/su", "acme/sub/p"), "/groups/acme" + listed, 205, 3},
		"without an id":                              {all("12", "9"), "/groups/acme" + listed, 203, 3},
		"without what a pattern fits":                {all("ACME/*/p?"), "/groups/acme" + listed, 197, 3},
		"without groups that one fits":               {all("**/sub"), "/groups/acme" + listed, 1, 3},
		"without what is being deleted, by its name": {Scope{Group: "gone", Subgroups: true}, "/groups/gone" + listed, 1, 1},
	} {
		sim, client := start(t, gitlabsim.Config{}, append(inGroup(205),
			gitlabsim.Project{ID: 301, Path: "gone/web-deletion_scheduled-301"},
			gitlabsim.Project{ID: 302, Path: "gone/api-deleted-302"},
			gitlabsim.Project{ID: 303, Path: "gone/how-deleted-302"},
		)...)
		found, err := collect(client.Walk(t.Context(), c.scope))
		byID := func(a, b ProjectSettings) int { return cmp.Compare(a.ID, b.ID) }
		if err != nil || len(found) != c.got || !slices.IsSortedFunc(found, byID) {
			t.Errorf("%s: got %d projects, want %d by id: %v, %v", name, len(found), c.got, found, err)
		}
		for _, project := range found {
			if project.Configured != strings.Contains(project.Path, "/sub/") {
				t.Errorf("%s has settings: %t", project.Path, project.Configured)
			}
		}
		if asked := sim.Requests(); asked[0].Path != c.first || len(asked) != 2*c.pages+c.got {
			t.Errorf("%s: %d requests, want each of %d pages twice and one for each of %d projects, and the first for %s: %s", name, len(asked), c.pages, c.got, c.first, asked[0])
		}
	}
}

func TestAListThatChangesWhileItIsReadIsReadUntilItStays(t *testing.T) {
	t.Parallel()
	archive := func(sim *gitlabsim.Server, id int64) {
		sim.AddProject(gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/sub/p%d", id), Archived: true})
	}
	next := int64(10)
	for name, c := range map[string]struct {
		page, times int
		happens     func(sim *gitlabsim.Server)
		want, pages int
	}{
		"a project of the first page is archived": {1, 1, func(sim *gitlabsim.Server) { archive(sim, 3) }, 204, 9},
		"one of the second page":                  {2, 1, func(sim *gitlabsim.Server) { archive(sim, 150) }, 204, 9},
		"one comes back":                          {1, 1, func(sim *gitlabsim.Server) { sim.AddProject(gitlabsim.Project{ID: 7, Path: "acme/sub/p7"}) }, 206, 6},
		"one leaves during the second reading":    {5, 1, func(sim *gitlabsim.Server) { sim.RemoveProject(3) }, 204, 12},
		"one is renamed":                          {1, 1, func(sim *gitlabsim.Server) { sim.MoveProject(3, "acme/sub/other") }, 205, 6},
		"one is created":                          {3, 1, func(sim *gitlabsim.Server) { sim.AddProject(gitlabsim.Project{ID: 400, Path: "acme/new"}) }, 206, 6},
		"one leaves during each reading, which is an error": {1, 0, func(sim *gitlabsim.Server) {
			next++
			sim.RemoveProject(next)
		}, 0, 22},
	} {
		sim, client := start(t, gitlabsim.Config{}, inGroup(205)...)
		// It happens after a page of the list was answered.
		sim.AddFault(gitlabsim.Fault{Path: "/groups/", After: c.page - 1, Times: c.times, Effect: gitlabsim.Then(func() { c.happens(sim) })})
		found, err := client.Survey(t.Context(), all())
		seen := map[int64]bool{}
		for _, p := range found.Projects {
			seen[p.ID] = true
		}
		if errors.Is(err, ErrUnsettled) != (c.want == 0) || c.want > 0 && err != nil || len(found.Projects) != c.want || len(seen) != c.want || seen[101] != (c.want > 0) {
			t.Errorf("%s: got %d projects, %d of them different, project 101 among them: %t; want %d: %v", name, len(found.Projects), len(seen), seen[101], c.want, err)
		}
		lists := slices.DeleteFunc(sim.Requests(), func(r gitlabsim.Request) bool { return !strings.HasPrefix(r.Path, "/groups/") })
		if len(lists) != c.pages {
			t.Errorf("%s: %d pages, want %d, of which a reading has 3 or 2", name, len(lists), c.pages)
		}
	}
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
	if found, err := collect(client.Walk(t.Context(), all())); err != nil || len(found) != 350 {
		t.Errorf("got %d projects, %v", len(found), err)
	}
}

func TestAWalkThatIsCancelledEndsInAnError(t *testing.T) {
	t.Parallel()
	_, client := start(t, gitlabsim.Config{}, inGroup(90)...)
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		var last error
		for _, last = range client.Walk(ctx, all()) {
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
