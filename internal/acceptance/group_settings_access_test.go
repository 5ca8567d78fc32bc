package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestProjectsOfAGroupThatTheTokenMayNotRead(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gitlabsim.Effect{
		"a role that is too low":           gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
		"hidden from a fine-grained token": gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Not Found"}`),
		"a project that is gone since":     gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Project Not Found"}`),
	} {
		story(t, name, groupSettings("acme", "active = true")+groupData("acme"), linked(4), func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			g.turnOff(1, 2)
			for _, path := range []string{"/projects/2/", "/projects/3/"} {
				g.sim.AddFault(gitlabsim.Fault{Path: path, Effect: effect})
			}
			w.apply().ok().says("Left out: acme/p2, acme/p3").saysNot("have left").writes(patch("1", bodyOn))
			w.run("plan", "-detailed-exitcode").ok().says("Left out: acme/p2, acme/p3").warns(1)
			w.run("show").ok().says("inaccessible").saysNot(`"acme/p2" = {`)
			g.sim.ClearFaults()
			w.apply().ok().warns(0).writes(patch("2", bodyOn))
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

func TestReadErrorsOfAGroupLeaveTheStateUntouched(t *testing.T) {
	t.Parallel()
	forbidden := gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)
	named := []string{"no usable answer for the project acme/p2", "add this one to exclude"}
	for name, c := range map[string]struct {
		path   string
		effect gitlabsim.Effect
		says   []string
	}{
		"the list is forbidden":      {"/groups/", forbidden, nil},
		"the list fails":             {"/groups/", gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`), nil},
		"nothing can be read":        {"/projects/", forbidden, []string{"none of the 3 projects", "Maintainer", "403 Forbidden"}},
		"one project fails":          {"/projects/2/", gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`), named},
		"one answer is lost":         {"/projects/2/", gitlabsim.ResetBefore(), named},
		"one answer is not GitLab's": {"/projects/2/", gitlabsim.HTML(http.StatusOK, "<html>sign in</html>"), named},
		"the token lacks the scope": {"/projects/2/", gitlabsim.JSON(http.StatusForbidden,
			`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}`), nil},
	} {
		story(t, name, groupSettings("acme", "active = true"), linked(3), func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			before := w.state()
			g.sim.AddFault(gitlabsim.Fault{Path: c.path, Effect: c.effect})
			w.apply().fails().says("Cannot read the error tracking settings of group acme").says(c.says...).writes()
			if w.state() != before {
				w.t.Error("the state has changed")
			}
			w.run("destroy", "-auto-approve", "-refresh=false").ok()
			w.apply().fails().says("Cannot").says(c.says...).writes()
			if c.path == "/projects/2/" {
				w.with(groupSettings("acme", "active = true", `exclude = ["acme/p2"]`)).apply().ok()
			}
			g.sim.ClearFaults()
			w.with(groupSettings("acme", "active = true")).apply().ok().writes()
		})
	}
}

func TestAGroupGoesByItsID(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"acme", "7"} {
		story(t, "a rename changes only paths, with group = "+name, groupSettings(name, "active = true"), linked(2), func(g *fakeGitLab, w *workspace) {
			g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
			w.apply().ok()
			g.sim.MoveGroup(7, "apex")
			g.sim.AddProject(gitlabsim.Project{ID: 9, Path: "acme/stranger", Settings: turnedOff()})
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			g.turnOff(2)
			w.apply().ok().writes(patch("2", bodyOn))
			w.holds(groupResource, map[string]any{"group": name, "group_id": 7})
			for _, other := range []string{"apex", "APEX", "7", "apex"} {
				w.with(groupSettings(other, "active = true")).apply().ok().says("0 destroyed").writes()
			}
			w.with(groupSettings("Apex", "active = true")).run("plan", "-detailed-exitcode", "-refresh=false").ok().asked()
			w.with(groupSettings("acme", "active = true")).apply().ok().says("1 added, 0 changed, 1 destroyed").writes(patch("9", bodyOn))
		})
	}
	story(t, "one that is gone leaves the state, and destroying it is no error", groupSettings("acme", "active = true"), linked(2), func(g *fakeGitLab, w *workspace) {
		g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
		w.apply().ok()
		g.sim.RemoveGroup(7)
		w.run("plan").ok().says("Warning: Group acme is gone", "1 to add").warns(1)
		w.apply().fails().says("no such group")
		w.run("destroy", "-auto-approve").ok().writes()
	})
	story(t, "one that is not found may come with the apply, and a user is none", groupSettings("simulated", "active = true"), []gitlabsim.Project{{ID: 1, Path: "simulated/own"}}, func(_ *fakeGitLab, w *workspace) {
		w.run("plan").ok().warns(1).says("GitLab cannot find group simulated", "personal namespace is not a group").saysNot("GitLab could not be queried")
	})
	story(t, "one without projects, and one all of whose projects are excluded", groupSettings("empty", "active = true"), linked(2), func(g *fakeGitLab, w *workspace) {
		g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "empty"})
		w.apply().ok().says("1 added").warns(0).writes()
		w.run("plan", "-detailed-exitcode").ok()
		w.with(groupSettings("acme", "active = false", `exclude = ["acme/p1", "acme/p2"]`)).apply().ok().warns(0).writes()
		w.run("plan", "-detailed-exitcode").ok().asked(listGroup("1001"), listGroup("1001"))
	})
	story(t, "a rejected token is an error at plan, and one that can read nothing, too", "", []gitlabsim.Project{withSentry()}, func(g *fakeGitLab, w *workspace) {
		for token, says := range map[string]string{"glpat-wrong": "revoked", developerToken: "none of the 1 projects"} {
			w.write(g.block(token) + groupSettings("acme", "active = true"))
			w.run("plan").fails().says("Cannot read the error tracking settings of group acme", says)
		}
	})
}

func TestScopesOfAGroup(t *testing.T) {
	t.Parallel()
	on := func(arguments ...string) string {
		return groupSettings("acme", append([]string{"active = true"}, arguments...)...)
	}
	story(t, "exclude that moves from a subgroup to a project below it lets the others in", on(`exclude = ["acme/sub"]`), []gitlabsim.Project{
		{ID: 2, Path: "acme/sub/p2", Settings: turnedOff()}, {ID: 3, Path: "acme/subway/p3", Settings: turnedOff()}, {ID: 4, Path: "acme/sub/p4", Settings: turnedOff()},
	}, func(_ *fakeGitLab, w *workspace) {
		w.apply().ok().writes(patch("3", bodyOn))
		w.with(on(`exclude = ["acme/sub/P2"]`)).run("plan").ok().says("-> (known after apply)")
		w.apply().ok().writes(patch("4", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
		w.with(on(`exclude = ["Acme/Sub"]`)).run("plan").ok().says(`- "acme/sub/p4" = {`).saysNot("known after apply")
		w.apply().ok().writes()
	})
	story(t, "integrated that is managed no longer stays as it is", on("integrated = true"), linked(2), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok().says("in use in 2 whose backend it changes: acme/p1, acme/p2").writes(patch("1", bodyBoth), patch("2", bodyBoth))
		w.with(on()).run("plan").ok().says("integrated = true -> null").saysNot("projects")
		w.apply().ok().writes()
		w.with(on("integrated = false")).run("plan").ok().says(`~ integrated = true -> false`)
		w.apply().ok().writes(patch("1", `{"active":true,"integrated":false}`), patch("2", `{"active":true,"integrated":false}`))
		w.run("plan", "-detailed-exitcode").ok()
	})
	story(t, "a pattern that fits a name does not stand for an id", on(`exclude = ["2"]`), off(2), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(on(`exclude = ["**/2"]`)).apply().ok().writes(patch("2", bodyOn))
	})
}
