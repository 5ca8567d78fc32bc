package acceptance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestProjectsOfAGroupThatTheTokenMayNotRead(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gitlabsim.Effect{
		"a role that is too low":           gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
		"hidden from a fine-grained token": gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Not Found"}`),
		"a project that is gone since":     gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Project Not Found"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, linked(3)...)
			g.sim.SetSettings(1, turnedOff())
			g.sim.AddFault(gitlabsim.Fault{Path: "/projects/2/", Effect: effect})
			w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")+groupData("acme")))
			w.apply().ok().says("Left out: acme/p2").writes(patch("1", bodyOn))
			w.run("plan", "-detailed-exitcode").ok().says("Left out: acme/p2")
			w.run("show").ok().says("inaccessible").saysNot(`"acme/p2" = {`)
		})
	}
	t.Run("leave the state with a warning, and come back", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true"), linked(3)...)
		token := gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}}
		token.Roles = map[int64]gitlabsim.Role{2: gitlabsim.Reporter, 3: gitlabsim.Guest}
		g.sim.AddToken(maintainerToken, token)
		g.sim.SetSettings(2, turnedOff())
		w.apply().ok().warns(1).says("Left out: acme/p2, acme/p3").writes()
		token.Roles = nil
		g.sim.AddToken(maintainerToken, token)
		w.apply().ok().warns(0).writes(patch("2", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
}

func TestReadErrorsOfAGroupLeaveTheStateUntouched(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]gitlabsim.Fault{
		"the list is forbidden":      {Path: "/groups/", Effect: gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)},
		"the list fails":             {Path: "/groups/", Effect: gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)},
		"one project fails":          {Path: "/projects/2/", Effect: gitlabsim.HTML(http.StatusBadGateway, "<html>502</html>")},
		"one answer is lost":         {Path: "/projects/2/", Effect: gitlabsim.ResetBefore()},
		"one answer is not GitLab's": {Path: "/projects/2/", Effect: gitlabsim.HTML(http.StatusOK, "<html>sign in</html>")},
		"the token lacks the scope": {Path: "/projects/2/", Effect: gitlabsim.JSON(http.StatusForbidden,
			`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, w := applied(t, groupSettings("acme", "active = true"), linked(3)...)
			before := w.state()
			g.sim.AddFault(fault)
			w.apply().fails().says("Cannot read the error tracking settings of group acme").writes()
			if w.state() != before {
				t.Error("the state has changed")
			}
			g.sim.ClearFaults()
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

func TestAGroupOfWhichNothingCanBeReadIsAnError(t *testing.T) {
	t.Parallel()
	g, w := begun(t, groupSettings("acme", "active = true"), off(3)...)
	developer := gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}}
	g.sim.AddToken(maintainerToken, developer)
	w.run("plan").fails().says("Cannot read the error tracking settings of group acme", "none of the 3 projects", "Maintainer", "403 Forbidden")
	developer.Role = gitlabsim.Maintainer
	g.sim.AddToken(maintainerToken, developer)
	w.apply().ok()
	before := w.state()
	developer.Role = gitlabsim.Developer
	g.sim.AddToken(maintainerToken, developer)
	w.apply().fails().says("none of the 3 projects").writes()
	if w.state() != before {
		t.Error("the state has changed")
	}
	w.run("destroy", "-auto-approve", "-refresh=false").ok().asked()
}

func TestAGroupGoesByItsID(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"acme", "7"} {
		t.Run("a rename changes only paths, with group = "+name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, linked(2)...)
			g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
			w := g.newWorkspace(t, g.config(groupSettings(name, "active = true")))
			w.apply().ok()
			g.sim.MoveGroup(7, "apex")
			g.sim.AddProject(gitlabsim.Project{ID: 9, Path: "acme/stranger", Settings: turnedOff()})
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
			g.sim.SetSettings(2, turnedOff())
			w.apply().ok().writes(patch("2", bodyOn))
			w.holds(groupResource, map[string]any{"group": name, "group_id": 7})
			for _, other := range []string{"apex", "APEX", "7", "apex"} {
				w.with(groupSettings(other, "active = true")).apply().ok().says("0 destroyed").writes()
			}
			w.with(groupSettings("acme", "active = true")).apply().ok().says("1 added, 0 changed, 1 destroyed").writes(patch("9", bodyOn))
		})
	}
	t.Run("letter case alone makes no request", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, groupSettings("acme", "active = true"), linked(1)...)
		w.with(groupSettings("Acme", "active = true")).run("plan", "-detailed-exitcode", "-refresh=false").ok().asked()
	})
	t.Run("one that is gone leaves the state, and destroying it is no error", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(2)...)
		g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok()
		g.sim.RemoveGroup(7)
		w.run("plan").ok().says("Warning: Group acme is gone", "1 to add")
		w.apply().fails().says("no such group")
		w.run("destroy", "-auto-approve").ok().writes()
	})
	t.Run("one that is not found may come with the apply, and a user is none", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("simulated", "active = true"), gitlabsim.Project{ID: 1, Path: "simulated/own"})
		w.run("plan").ok().warns(1).says("GitLab cannot find group simulated", "personal namespace is not a group").saysNot("GitLab could not be queried")
	})
	t.Run("one without projects, and one all of whose projects are excluded", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(2)...)
		g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "empty"})
		w := g.newWorkspace(t, g.config(groupSettings("empty", "active = true")))
		w.apply().ok().says("1 added").warns(0).writes()
		w.run("plan", "-detailed-exitcode").ok()
		w.with(groupSettings("acme", "active = false", `exclude = ["acme/p1", "acme/p2"]`)).apply().ok().warns(0).writes()
		w.run("plan", "-detailed-exitcode").ok().asked(listGroup("1001"), listGroup("1001"))
	})
	t.Run("destroying without a refresh asks nothing", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true"), linked(2)...)
		g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.ResetBefore()})
		w.run("destroy", "-auto-approve", "-refresh=false").ok().asked()
	})
}

func TestAGroupWhoseProviderIsConfiguredOnlyInTheApply(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, off(2)...)
	config := "resource \"terraform_data\" \"url\" {\n  input = \"" + g.url + "\"\n}\n" +
		"provider \"errortracking\" {\n  base_url = terraform_data.url.output\n  token = \"" + maintainerToken + "\"\n  retries = 0\n}\n"
	w := g.newWorkspace(t, config+groupSettings("acme", "active = true"))
	w.run("plan").ok().asked()
	w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn))
	w.run("plan", "-detailed-exitcode").ok()
}

func TestScopesOfAGroup(t *testing.T) {
	t.Parallel()
	projects := func() []gitlabsim.Project {
		return []gitlabsim.Project{
			{ID: 1, Path: "acme/p1", Settings: gitlabsim.SentryLink(sentryURL)},
			{ID: 2, Path: "acme/sub/p2", Settings: turnedOff()},
			{ID: 3, Path: "acme/subway/p3", Settings: turnedOff()},
		}
	}
	t.Run("subgroups come in", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = true", "include_subgroups = false"), projects()...)
		w.apply().ok().writes()
		w.with(groupSettings("acme", "active = true")).run("plan").ok().says("include_subgroups = false -> true", "-> (known after apply)", "1 to change", "2 of 3 projects differed")
		w.apply().ok().writes(patch("2", bodyOn), patch("3", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a subgroup that is excluded is not mistaken for one whose name begins like it", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = true", `exclude = ["acme/sub"]`), projects()...)
		w.apply().ok().writes(patch("3", bodyOn))
	})
	t.Run("exclude that moves from a subgroup to a project below it lets the others in", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = true", `exclude = ["acme/sub", "acme/subway"]`), append(projects(), gitlabsim.Project{ID: 4, Path: "acme/sub/p4", Settings: turnedOff()})...)
		w.apply().ok().writes()
		w.with(groupSettings("acme", "active = true", `exclude = ["acme/sub/P2", "acme/subway"]`)).run("plan").ok().says("-> (known after apply)")
		w.apply().ok().writes(patch("4", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("exclude that moves from projects to their subgroup shows what leaves", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, groupSettings("acme", "active = true", `exclude = ["acme/sub/p2"]`), append(projects(), gitlabsim.Project{ID: 4, Path: "acme/sub/p4", Settings: turnedOff()})...)
		w.with(groupSettings("acme", "active = true", `exclude = ["Acme/Sub"]`)).run("plan").ok().says(`- "acme/sub/p4" = {`).saysNot("known after apply")
		w.apply().ok().writes()
	})
	t.Run("exclude grows and another project drifts in one plan", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true"), off(3)...)
		for _, id := range []int64{1, 2} {
			g.sim.SetSettings(id, turnedOff())
		}
		w.with(groupSettings("acme", "active = true", `exclude = ["acme/p2"]`)).run("plan").ok().says(`- "acme/p2" = {`, `~ active = false -> true`)
		w.apply().ok().writes(patch("1", bodyOn))
		g.has(t, 2, *turnedOff())
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("integrated that is managed no longer stays as it is", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = true", "integrated = true"), linked(2)...)
		w.apply().ok().says("in use in 2 whose backend it changes: acme/p1, acme/p2").writes(patch("1", bodyBoth), patch("2", bodyBoth))
		w.with(groupSettings("acme", "active = true")).run("plan").ok().says("integrated = true -> null").saysNot("projects")
		w.apply().ok().writes()
		w.with(groupSettings("acme", "active = true", "integrated = false")).run("plan").ok().says(`~ integrated = true -> false`)
		w.apply().ok().writes(patch("1", `{"active":true,"integrated":false}`), patch("2", `{"active":true,"integrated":false}`))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a pattern that fits a name does not stand for an id", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, groupSettings("acme", "active = true", `exclude = ["2"]`), off(2)...)
		w.with(groupSettings("acme", "active = true", `exclude = ["**/2"]`)).apply().ok().writes(patch("2", bodyOn))
	})
	t.Run("-target reaches the group alone", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = true")+strings.Replace(settings("2", "active = true"), `"test"`, `"alone"`, 1), append(off(1), gitlabsim.Project{ID: 2, Path: "other/app", Settings: turnedOff()})...)
		w.apply("-target=" + groupResource).ok().writes(patch("1", bodyOn))
	})
}

func TestCtrlCWhileAGroupIsUpdated(t *testing.T) {
	t.Parallel()
	const n = 60
	g := newGitLab(t, linked(n)...)
	config := g.config(groupSettings("acme", "active = true"))
	w := g.newWorkspace(t, config)
	w.apply().ok()
	for id := int64(1); id <= n; id++ {
		g.sim.SetSettings(id, turnedOff())
	}
	pressed := newCtrlC()
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 15, Times: 1, Effect: pressed.held(gitlabsim.Delay(0))})
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 16, Effect: gitlabsim.Delay(2 * time.Second)})
	out := w.interrupt(pressed, "apply", "-auto-approve").fails().says("cancelled")
	if got := strings.Count(out.output, "Error: Cannot"); got != 1 {
		t.Errorf("%d errors:\n%s", got, out.output)
	}
	g.sim.ClearFaults()
	w.run("plan", "-refresh=false").ok().says("1 to change").saysNot("tainted")
	w.apply().ok().says("1 changed").saysNot("tainted")
	for id := int64(1); id <= n; id++ {
		g.has(t, id, *gitlabsim.SentryLink(sentryURL))
	}
	w.run("plan", "-detailed-exitcode").ok()
}
