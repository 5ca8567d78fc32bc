//go:build testacc

package acceptance_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// estate is what is asked about: projects, some of them in a group that has
// only these. Without a namespace that is a group, there is the first one only.
type estate struct {
	plain, archived, below, doomed realProject
	group, subgroup                realProject
	// shut reports whether the subgroup is archived; older GitLabs archive none.
	shut bool
}

func (g *realGitLab) newEstate(t *testing.T) estate {
	t.Helper()
	if g.namespaceID == 0 {
		return estate{plain: g.newProject(t)}
	}
	e := estate{group: g.newGroup(t)}
	e.subgroup = g.create(t, "/groups", "", map[string]any{"parent_id": e.group.ID})
	for _, p := range []*realProject{&e.plain, &e.archived, &e.doomed} {
		*p = g.create(t, "/projects", "", map[string]any{"namespace_id": e.group.ID})
	}
	e.below = g.create(t, "/projects", "", map[string]any{"namespace_id": e.subgroup.ID})
	g.must(t, 201, "POST", e.archived.at()+"/archive", nil, nil)
	if status, text, err := g.ask(t.Context(), "POST", e.subgroup.at()+"/archive", nil, nil); err != nil || status != 201 {
		t.Logf("this GitLab archives no groups: %d %s (%v)", status, text, err)
	} else {
		e.shut = true
	}
	if g.since(18, 0) {
		g.must(t, 202, "DELETE", e.doomed.at(), nil, nil)
		if status, _, err := g.ask(t.Context(), "GET", e.doomed.at(), nil, &e.doomed); err != nil || status != 200 {
			e.doomed = realProject{} // deleted at once
		}
	}
	return e
}

// fixture is the estate, and what else there is, as the simulator's replay
// needs to know it.
func (g *realGitLab) fixture(e estate, integrated bool, others ...realProject) map[string]any {
	var groups, projects []map[string]any
	for _, group := range []realProject{e.group, e.subgroup} {
		if group.ID != 0 {
			groups = append(groups, map[string]any{"id": group.ID, "path": group.GroupPath, "archived": e.shut && group == e.subgroup})
		}
	}
	for _, p := range slices.Concat([]realProject{e.plain, e.archived, e.below, e.doomed}, others) {
		if p.ID != 0 {
			projects = append(projects, map[string]any{
				"id": p.ID, "path": p.FullPath, "archived": p == e.archived, "marked_for_deletion": p.MarkedForDelete != nil,
			})
		}
	}
	return map[string]any{
		"version":  strings.Join(strings.SplitN(g.version, ".", 3)[:2], "."),
		"flags":    map[string]bool{"integrated_error_tracking": integrated},
		"tokens":   map[string]any{"maintainer": map[string]string{"role": "owner"}, "developer": map[string]string{"role": "developer"}, "expired": map[string]string{"state": "expired"}},
		"groups":   groups,
		"projects": projects,
	}
}

// testAnswers asks GitLab one thing after the other, checks the statuses, and
// records the answers in full.
func (g *realGitLab) testAnswers(t *testing.T, integrated, mayTurn bool) {
	e, written, keyed := g.newEstate(t), g.newProject(t), g.newProject(t)
	moved := g.create(t, "/projects", ".io", map[string]any{"namespace_id": g.namespaceID})
	t.Cleanup(func() { g.delete(t, moved) })
	r := &recording{realGitLab: g, About: "What GitLab " + g.version + " answered to make testacc.", tokens: map[string]string{
		"maintainer": g.token, "developer": g.newToken(t, e.plain, 30, 2), "expired": g.newToken(t, e.plain, 40, 0), "wrong": "glpat-wrong",
	}}
	r.Cases = append(r.Cases, recordedCase{Step: "reset", Fixture: g.fixture(e, integrated, written, keyed, moved)})

	plain, former := settingsPath(e.plain), "/projects/"+url.PathEscape(moved.FullPath)
	r.ask(t, 200, "maintainer", "GET", e.plain.at(), "")
	r.ask(t, 404, "maintainer", "GET", plain, "")
	r.ask(t, 403, "developer", "GET", plain, "")
	for _, token := range []string{"expired", "wrong", ""} {
		r.ask(t, 401, token, "GET", plain, "")
	}
	r.ask(t, 404, "maintainer", "GET", "/projects/"+url.PathEscape(strings.ToUpper(e.plain.FullPath))+"/error_tracking/settings", "")
	r.ask(t, 404, "maintainer", "GET", "/projects/999999999/error_tracking/settings", "")
	for _, body := range []string{`{"active":true}`, `{"active":false}`} {
		r.ask(t, 404, "maintainer", "PATCH", plain, body)
		r.ask(t, 403, "developer", "PATCH", plain, body)
	}
	for _, body := range []string{`{}`, `{"active":null}`, `{"active":"maybe"}`} {
		r.ask(t, 400, "maintainer", "PATCH", plain, body)
	}
	r.ask(t, 404, "maintainer", "DELETE", plain, "")

	g.must(t, 200, "PUT", moved.at(), map[string]string{"path": strings.TrimSuffix(moved.Path, ".io") + "-renamed"}, &moved)
	r.Cases = append(r.Cases, recordedCase{Step: "move", ID: moved.ID, Path: moved.FullPath})
	r.ask(t, 301, "maintainer", "GET", former, "")
	r.ask(t, 301, "maintainer", "GET", former+"/error_tracking/settings", "")
	r.ask(t, 405, "maintainer", "PATCH", former+"/error_tracking/settings", `{"active":false}`)

	g.askKeys(t, r, keyed)
	g.askGroups(t, r, e)
	g.askWrites(t, r, written, integrated, mayTurn)
	r.write(t)
}

func (g *realGitLab) askKeys(t *testing.T, r *recording, p realProject) {
	t.Helper()
	r.ask(t, 200, "maintainer", "GET", keysPath(p), "")
	for range 3 {
		r.ask(t, 201, "maintainer", "POST", keysPath(p), "")
	}
	ids := idsIn(r.ask(t, 200, "maintainer", "GET", keysPath(p), ""))
	if len(ids) != 3 || !slices.IsSorted(ids) {
		t.Fatalf("the keys are %v, want three, the oldest first", ids)
	}
	for _, page := range []string{"1", "2", "3"} {
		r.ask(t, 200, "maintainer", "GET", keysPath(p)+"?per_page=2&page="+page, "")
	}
	first := keysPath(p) + "/" + strconv.FormatInt(ids[0], 10)
	r.ask(t, 200, "maintainer", "DELETE", first, "")
	r.ask(t, 404, "maintainer", "DELETE", first, "")
	r.ask(t, 404, "maintainer", "GET", first, "")
}

func (g *realGitLab) askGroups(t *testing.T, r *recording, e estate) {
	t.Helper()
	r.ask(t, 404, "maintainer", "GET", "/groups/999999999", "")
	if e.group.ID == 0 {
		return
	}
	r.ask(t, 200, "maintainer", "GET", e.group.at()+"?with_projects=false", "")
	r.ask(t, 200, "maintainer", "GET", "/groups/"+url.PathEscape(e.subgroup.GroupPath)+"?with_projects=false", "")
	list := func(query string) []int64 {
		return idsIn(r.ask(t, 200, "maintainer", "GET", e.group.at()+"/projects?order_by=id&sort=asc&simple=true&"+query, ""))
	}
	list("")
	list("archived=true")
	if ids := list("include_subgroups=true&archived=false"); slices.Contains(ids, e.archived.ID) || !slices.Contains(ids, e.plain.ID) {
		t.Errorf("archived=false lists %v; %d is archived, and %d is not", ids, e.archived.ID, e.plain.ID)
	}
	want := []int64{e.plain.ID}
	if !e.shut {
		want = append(want, e.below.ID)
	}
	if ids := list("include_subgroups=true&archived=false&active=true"); g.since(18, 9) && !slices.Equal(ids, want) {
		t.Errorf("active=true lists %v, want %v", ids, want)
	}
}

// askWrites writes settings; where the test may, also while GitLab hides the
// integrated backend.
func (g *realGitLab) askWrites(t *testing.T, r *recording, p realProject, integrated, mayTurn bool) {
	t.Helper()
	path := settingsPath(p)
	if !integrated {
		r.ask(t, 404, "maintainer", "PUT", path, `{"active":false,"integrated":false}`)
		return
	}
	r.ask(t, 400, "maintainer", "PUT", path, `{"active":true}`)
	r.ask(t, 200, "maintainer", "PUT", path, `{"active":false,"integrated":false}`)
	for _, method := range []string{"PATCH", "PUT"} {
		text := r.ask(t, 200, "maintainer", method, path, `{"active":true,"integrated":false}`)
		if !strings.Contains(text, `"status":"error"`) {
			t.Errorf("%s is not refused: %s", method, text)
		}
	}
	r.ask(t, 200, "maintainer", "GET", path, "")
	r.ask(t, 200, "maintainer", "PATCH", path, `{"active":true,"integrated":"true"}`)
	r.ask(t, 200, "maintainer", "PATCH", path, `{"active":true,"integrated":null}`)
	r.ask(t, 200, "maintainer", "GET", keysPath(p), "") // GitLab makes one by itself
	if !mayTurn {
		return
	}
	turn := func(on bool) {
		g.setFlag(t, on)
		r.Cases = append(r.Cases, recordedCase{Step: "flag", On: on})
	}
	turn(false)
	defer turn(true)
	r.ask(t, 200, "maintainer", "GET", path, "")
	r.ask(t, 200, "maintainer", "PATCH", path, `{"active":true,"integrated":true}`)
	r.ask(t, 404, "maintainer", "PUT", path, `{"active":true,"integrated":true}`)
	if shown := r.ask(t, 200, "maintainer", "GET", path, ""); !strings.Contains(shown, `"integrated":false`) {
		t.Errorf("with the flag off, GitLab shows %s", shown)
	}
}
