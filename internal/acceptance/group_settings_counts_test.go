package acceptance_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// listGroup is the request for the first page of a group's projects.
func listGroup(group string) string {
	return "GET /groups/" + group + "/projects?archived=false&include_subgroups=true&order_by=id&page=1&per_page=100&simple=true&sort=asc&with_shared=false"
}

// walks wants each group's list that many times, and each project's settings
// in it as often.
func (o *outcome) walks(want, projects int) *outcome {
	o.t.Helper()
	lists, reads := 0, 0
	for _, r := range o.requests {
		switch {
		case strings.HasPrefix(r, "GET /groups/"):
			lists++
		case strings.HasPrefix(r, "GET /projects/"):
			reads++
		}
	}
	if lists != want || reads != want*projects {
		o.t.Errorf("terraform %s made %d lists and %d reads, want %d walks over %d projects:\n%s", o.command, lists, reads, want, projects, strings.Join(o.requests, "\n"))
	}
	return o
}

// off returns projects 1 to n, turned off.
func off(n int64) []gitlabsim.Project {
	projects := linked(n)
	for i := range projects {
		projects[i].Settings = turnedOff()
	}
	return projects
}

func TestWalksOverAGroup(t *testing.T) {
	t.Parallel()
	t.Run("a create takes one in the plan and one in the apply", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, off(12)...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.run("plan", "-out=saved.tfplan").ok().walks(1, 12).writes()
		w.run("apply", "saved.tfplan").ok().walks(1, 12)
		w.run("plan", "-detailed-exitcode").ok().walks(1, 12)
		w.run("destroy", "-auto-approve").ok().walks(1, 12).writes()
		w.apply().ok().walks(2, 12).writes()
	})
	t.Run("an update takes the refresh alone", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(12)...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok()
		g.sim.SetSettings(3, turnedOff())
		w.apply().ok().walks(1, 12).writes(patch("3", bodyOn))
		w.run("plan", "-out=saved.tfplan", "-refresh=false").ok().walks(0, 12)
	})
	t.Run("an update with a larger scope takes one more", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(12)...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true", `exclude = ["acme/p1", "acme/p2"]`)))
		w.apply().ok()
		w.write(g.config(groupSettings("acme", "active = true")))
		out := w.run("plan", "-out=saved.tfplan").ok()
		out.walks(1, 10)
		w.run("apply", "saved.tfplan").ok().walks(1, 12)
	})
	t.Run("a replacement takes no more than a create", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(3)...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok()
		w.run("plan", "-replace="+groupResource, "-out=saved.tfplan").ok().walks(2, 3)
		w.run("apply", "saved.tfplan").ok().says("1 added, 0 changed, 1 destroyed").walks(1, 3).writes()
	})
	t.Run("a tainted one changes nothing", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(3)...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok()
		w.run("taint", groupResource).ok()
		w.apply().ok().says("1 added, 0 changed, 1 destroyed").writes()
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("two blocks for one group walk for themselves", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(3)...)
		block := groupSettings("acme", "active = true")
		w := g.newWorkspace(t, g.config(block+strings.Replace(block, `"test"`, `"again"`, 1)))
		w.apply("-parallelism=1").ok().walks(4, 3).writes()
	})
}

func TestWritesOfAGroupGoTenAtATime(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, off(60)...)
	var inFlight, most counter
	g.sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		most.atLeast(inFlight.add(1))
		defer inFlight.add(-1)
		gitlabsim.Delay(20*time.Millisecond)(w, r, answer)
	}})
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
	w.apply().ok()
	if got := most.add(0); got != 10 {
		t.Errorf("%d requests were in flight at most, want 10", got)
	}
}

func TestPagesOfAGroupAreReadOnce(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(250)...)
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
	w.apply().ok()
	out := w.run("plan", "-detailed-exitcode").ok()
	slices.Sort(out.requests)
	if each := slices.Compact(slices.Clone(out.requests)); len(out.requests) != 253 || len(each) != 253 {
		t.Errorf("%d requests for %d things, want 250 projects and 3 pages", len(out.requests), len(each))
	}
}
