package acceptance_test

import (
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// listGroup is the request for the first page of a group's projects. The first
// group that comes with a project has the id 1001.
func listGroup(group string) string {
	return "GET /groups/" + group + "/projects?active=true&archived=false&include_subgroups=true&order_by=id&page=1&per_page=100&simple=true&sort=asc&with_shared=false"
}

// reads wants that many look-ups of groups, pages of lists, and settings.
func (o *outcome) reads(lookUps, lists, settings int) *outcome {
	o.t.Helper()
	got, all := [3]int{}, "\n"+strings.Join(o.requests, "\n")
	got[1] = strings.Count(all, "/projects?")
	got[0] = strings.Count(all, "\nGET /groups/") - got[1]
	got[2] = strings.Count(all, "\nGET /projects/")
	if want := [3]int{lookUps, lists, settings}; got != want {
		o.t.Errorf("terraform %s made %v look-ups, lists and reads, want %v:\n%s", o.command, got, want, all)
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

// turnOff turns projects off.
func (g *fakeGitLab) turnOff(ids ...int64) {
	for _, id := range ids {
		g.sim.SetSettings(id, turnedOff())
	}
}

// turnedOn are the requests that turn these projects on.
func turnedOn(ids []string) (requests []string) {
	for _, id := range ids {
		requests = append(requests, patch(id, bodyOn))
	}
	return requests
}

// A walk over N projects makes N requests and two for each page of 100.
func TestRequestsOfAGroup(t *testing.T) {
	t.Parallel()
	on := groupSettings("acme", "active = true")
	story(t, "a create takes one walk in the plan and one in the apply, and a steady plan one", on, off(12), func(_ *fakeGitLab, w *workspace) {
		w.run("plan", "-out=saved.tfplan").ok().reads(1, 2, 12).writes()
		w.run("apply", "saved.tfplan").ok().reads(1, 2, 12)
		w.run("plan", "-detailed-exitcode").ok().reads(0, 2, 12)
		w.run("destroy", "-auto-approve").ok().reads(0, 2, 12).writes()
		w.apply().ok().reads(2, 4, 24).writes()
		w.run("destroy", "-auto-approve").ok()
		w.with(groupSettings("1001", "active = true")).apply().ok().reads(0, 4, 24)
	})
	story(t, "an update lists once more before it writes, and hundreds by the hundred", on, linked(250), func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.run("plan", "-detailed-exitcode").ok().reads(0, 6, 250)
		g.turnOff(1, 2, 3, 4, 5, 6, 7)
		if out := w.apply().ok().reads(0, 9, 250); out.methods() != "259 GET, 7 PATCH" {
			w.t.Errorf("%s", out.methods())
		}
		w.run("plan", "-refresh=false").ok().asked()
		w.run("destroy", "-auto-approve", "-refresh=false").ok().asked()
	})
	story(t, "an update with a larger scope takes one walk more", groupSettings("acme", "active = true", `exclude = ["acme/p1", "acme/p2"]`), linked(12), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(on).run("plan", "-out=saved.tfplan").ok().reads(0, 4, 22)
		w.run("apply", "saved.tfplan").ok().reads(0, 2, 12)
	})
	story(t, "in the apply a replacement takes no more than a create, and changes nothing in the old group", on, append(linked(1), gitlabsim.Project{ID: 2, Path: "other/app", Settings: turnedOff()}), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(groupSettings("other", "active = true")).run("plan", "-out=saved.tfplan").ok().says("1 of 1 projects differed")
		w.run("apply", "saved.tfplan").ok().says("1 added, 0 changed, 1 destroyed").reads(1, 2, 1).writes(patch("2", bodyOn))
		w.run("taint", groupResource).ok()
		w.apply().ok().says("1 added, 0 changed, 1 destroyed").writes()
		w.run("plan", "-detailed-exitcode").ok()
	})
}
