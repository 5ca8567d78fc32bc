package acceptance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAGroupOfEveryKindOfProject(t *testing.T) {
	t.Parallel()
	g := newGitLab(t,
		gitlabsim.Project{ID: 1, Path: "acme/on", Settings: &gitlabsim.Settings{Active: true, Integrated: true}},
		gitlabsim.Project{ID: 2, Path: "acme/off", Settings: &gitlabsim.Settings{Integrated: true}},
		gitlabsim.Project{ID: 3, Path: "acme/sentry", Settings: gitlabsim.SentryLink(sentryURL)},
		gitlabsim.Project{ID: 4, Path: "acme/sub/new"},
		gitlabsim.Project{ID: 5, Path: "acme/hidden", Settings: gitlabsim.SentryLink(sentryURL)},
		gitlabsim.Project{ID: 6, Path: "acme/old", Archived: true, Settings: &gitlabsim.Settings{}},
		gitlabsim.Project{ID: 7, Path: "other/app", Settings: &gitlabsim.Settings{}},
	)
	g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: map[int64]gitlabsim.Role{5: gitlabsim.Developer}, Scopes: []string{"api"}})
	w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true", "integrated = true")))
	w.apply().ok().says("1 added",
		"When Terraform checked, 3 of 4 projects differed", "in use in 1 whose backend it changes: acme/sentry",
		"Left out: acme/hidden").
		writes(patch("2", bodyBoth), patch("3", bodyBoth), patch("4", bodyBoth), put("4", bodyBoth))
	for id := int64(1); id <= 4; id++ {
		if s, _ := g.sim.Settings(id); !s.Active || !s.Integrated {
			t.Errorf("project %d has %+v", id, s)
		}
	}
	g.has(t, 6, gitlabsim.Settings{})
	w.run("plan", "-detailed-exitcode").ok().says("No changes", "Left out: acme/hidden").reads(0, 2, 5)
	w.run("destroy", "-auto-approve").ok().says("1 destroyed").writes()
	w.run("import", groupResource, "acme").fails().says("Groups need no import", "exclude")
}

func TestAPlanShowsEachProjectOfAGroupThatDiffers(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(40)...)
	config := g.config(groupSettings("acme", "active = true"))
	w := g.newWorkspace(t, config)
	w.apply().ok().saysNot("Warning").writes()
	for _, id := range []int64{7, 30} {
		g.sim.SetSettings(id, turnedOff())
	}
	w.run("plan").ok().says(`~ "acme/p7" = { ~ active = false -> true`, `~ "acme/p30" = {`, "38 unchanged elements hidden", "1 to change").writes()
	w.apply().ok().says("1 changed").writes(patch("7", bodyOn), patch("30", bodyOn))
	w.run("plan", "-detailed-exitcode").ok()

	t.Run("a new project is picked up", func(_ *testing.T) {
		g.sim.AddProject(gitlabsim.Project{ID: 41, Path: "acme/sub/p41", Settings: turnedOff()})
		w.run("plan").ok().says(`~ "acme/sub/p41" = { ~ active = false -> true`, "40 unchanged elements hidden")
		w.apply().ok().writes(patch("41", bodyOn))
	})
	t.Run("renamed, deleted and archived projects change nothing", func(_ *testing.T) {
		g.sim.MoveProject(1, "acme/site")
		g.sim.RemoveProject(2)
		g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/p3", Archived: true, Settings: turnedOff()})
		w.run("plan", "-detailed-exitcode").ok().warns(1).says("Projects have left group acme", "acme/p2, acme/p3.").saysNot("acme/p1")
		w.apply("-refresh-only").ok()
		w.run("plan", "-detailed-exitcode").ok().warns(0)
		w.run("show").ok().says(`"acme/site" = {`).saysNot(`"acme/p2" = {`, `"acme/p3" = {`)
	})
	t.Run("a project that appears after a saved plan waits for the next one", func(_ *testing.T) {
		g.sim.SetSettings(9, turnedOff())
		w.run("plan", "-out=saved.tfplan").ok()
		g.sim.AddProject(gitlabsim.Project{ID: 42, Path: "acme/p42", Settings: turnedOff()})
		w.run("apply", "saved.tfplan").ok().writes(patch("9", bodyOn))
		w.apply().ok().writes(patch("42", bodyOn))
	})
	t.Run("and without a refresh a plan makes no request", func(_ *testing.T) {
		w.write(strings.Replace(config, "active = true", "active = false", 1))
		w.run("plan", "-refresh=false").ok().says("1 to change").asked()
	})
}

func TestExcludedProjectsAreNotAskedForAndNotChanged(t *testing.T) {
	t.Parallel()
	g := newGitLab(t,
		gitlabsim.Project{ID: 1, Path: "acme/p1", Settings: turnedOff()},
		gitlabsim.Project{ID: 2, Path: "acme/p2", Settings: turnedOff()},
		gitlabsim.Project{ID: 3, Path: "acme/sub/p3", Settings: turnedOff()},
		gitlabsim.Project{ID: 4, Path: "acme/sub/deep/p4", Settings: turnedOff()},
	)
	config := func(arguments ...string) string {
		return g.config(groupSettings("acme", append(arguments, "active = true")...))
	}
	w := g.newWorkspace(t, config(`exclude = ["acme/p2", "Acme/SUB"]`))
	w.apply().ok().writes(patch("1", bodyOn))
	w.run("plan", "-detailed-exitcode").ok().warns(0).reads(0, 2, 1)

	w.write(config(`exclude = ["acme/P2", "acme/sub"]`))
	w.run("plan").ok().says("0 to add, 1 to change").saysNot("projects")
	w.apply().ok().writes()

	w.write(config(`exclude = ["acme/p2"]`))
	w.run("plan").ok().says("projects = {", "-> (known after apply)", "2 of 3 projects differed").reads(0, 4, 4)
	w.apply().ok().writes(patch("3", bodyOn), patch("4", bodyOn))

	w.write(config(`exclude = ["acme/p2", "acme/sub/deep"]`))
	w.run("plan").ok().says(`- "acme/sub/deep/p4" = {`, "2 unchanged elements hidden")
	w.apply().ok().says("1 changed").writes()
	g.has(t, 4, *gitlabsim.SentryLink(sentryURL))

	w.write(config(`exclude = ["acme/p2"]`, "include_subgroups = false"))
	w.apply().ok().writes()
	w.run("show").ok().says(`"acme/p1"`).saysNot(`"acme/sub/p3"`)
}

func TestWhatFailsInAGroup(t *testing.T) {
	t.Parallel()
	forbidden := gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`)
	t.Run("on create nothing is tainted, and the next apply does the rest", func(t *testing.T) {
		t.Parallel()
		projects := linked(20)
		for i := range projects {
			projects[i].Settings = turnedOff()
		}
		g := newGitLab(t, projects...)
		for _, id := range []string{"3", "12"} {
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/" + id + "/", Effect: forbidden})
		}
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().fails().says("Cannot set error tracking for some projects of group acme", "2 of 20 projects could not be set",
			"Cannot set error tracking for acme/p12", "Cannot set error tracking for acme/p3", "Maintainer")
		g.sim.ClearFaults()
		w.apply().ok().says("2 of 20 projects differed", "1 added, 0 changed, 0 destroyed").writes(patch("3", bodyOn), patch("12", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("on update the state has what each project has", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(40)...)
		config := g.config(groupSettings("acme", "active = true"))
		w := g.newWorkspace(t, config)
		w.apply().ok()
		w.write(strings.Replace(config, "active = true", "active = false", 1))
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1", Effect: forbidden}) // 1, 10 to 19
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/2/", Effect: forbidden})
		out := w.apply().fails().says("12 of 40 projects could not be set", "acme/p19, acme/p2: the token's user may not do this")
		if n := strings.Count(out.output, "Error: "); n != 1 {
			t.Errorf("%d errors, want 1", n)
		}
		g.sim.ClearFaults()
		w.run("plan", "-refresh=false").ok().says(`~ "acme/p19" = {`, "28 unchanged elements hidden").saysNot("tainted")
		w.apply().ok().says("1 changed")
		w.run("plan", "-detailed-exitcode").ok()
		for id := int64(1); id <= 40; id++ {
			g.has(t, id, *turnedOff())
		}
	})
	t.Run("Ctrl-C ends it, and the next apply does the rest", func(t *testing.T) {
		t.Parallel()
		projects := linked(60)
		for i := range projects {
			projects[i].Settings = turnedOff()
		}
		g := newGitLab(t, projects...)
		pressed := newCtrlC()
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 15, Times: 1, Effect: pressed.held(gitlabsim.Delay(0))})
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, After: 16, Effect: gitlabsim.Delay(2 * time.Second)})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.interrupt(pressed, "apply", "-auto-approve").fails().says("cancelled")
		g.sim.ClearFaults()
		w.apply().ok().says("1 added").saysNot("tainted")
		for id := int64(1); id <= 60; id++ {
			g.has(t, id, *gitlabsim.SentryLink(sentryURL))
		}
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a flag that is off", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/p1", Settings: turnedOff()}, gitlabsim.Project{ID: 2, Path: "acme/p2"})
		config := g.config(groupSettings("acme", "active = true", "integrated = true"))
		w := g.newWorkspace(t, config)
		w.apply().fails().says("2 of 2 projects could not be set", "GitLab does not use the integrated backend in acme/p1", "Cannot turn on the integrated backend of acme/p2", "integrated_error_tracking")
		w.with(groupSettings("acme", "active = true", `exclude = ["acme/p2"]`)).apply().ok().writes()
		w.write(config)
		w.apply().fails()
		w.run("plan", "-refresh=false").ok().says("1 to change")
	})
}

func TestBackendsInAGroup(t *testing.T) {
	t.Parallel()
	mixed := func() []gitlabsim.Project {
		return []gitlabsim.Project{
			{ID: 1, Path: "acme/sentry", Settings: turnedOff()},
			{ID: 2, Path: "acme/integrated", Settings: &gitlabsim.Settings{Integrated: true}},
			{ID: 3, Path: "acme/never"},
			{ID: 4, Path: "acme/unlinked", Settings: &gitlabsim.Settings{}},
		}
	}
	t.Run("one that is not configured is left alone", func(t *testing.T) {
		t.Parallel()
		g, w := begun(t, groupSettings("acme", "active = true"), mixed()[:2]...)
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn))
		g.has(t, 2, gitlabsim.Settings{Active: true, Integrated: true})
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("projects without any stop nothing, stay as they are, and join once they have one", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, mixed()...)
		config := g.config(groupSettings("acme", "active = true"))
		w := g.newWorkspace(t, config)
		w.run("plan").ok().says("Some projects of group acme cannot be turned on yet", "acme/never, acme/unlinked.", "exclude", "integrated = true", "2 of 4 projects differed")
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn))
		w.holds(groupResource, map[string]any{"without_backend": []string{"acme/never", "acme/unlinked"}})
		w.run("plan", "-detailed-exitcode").ok().says("No changes", "cannot be turned on yet").warns(1)

		g.sim.AddProject(gitlabsim.Project{ID: 5, Path: "acme/tomorrow"})
		g.sim.SetSettings(1, turnedOff())
		w.apply().ok().says("acme/never, acme/tomorrow, acme/unlinked.").writes(patch("1", bodyOn))
		g.sim.SetSettings(5, turnedOff())
		g.sim.SetSettings(4, turnedOff())
		w.run("plan").ok().says(`~ "acme/tomorrow" = { ~ active = false -> true`)
		w.apply().ok().writes(patch("4", bodyOn), patch("5", bodyOn))
		w.holds(groupResource, map[string]any{"without_backend": []string{"acme/never"}})

		w.with(groupSettings("acme", "active = false")).apply().ok().warns(0)
		w.holds(groupResource, map[string]any{"without_backend": []string{}})
		w.write(config)
		w.run("plan", "-refresh=false").ok().says("cannot be turned on yet", "acme/never.", "unchanged element").asked()
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn), patch("4", bodyOn), patch("5", bodyOn))
		w.with(groupSettings("acme", "active = true", "integrated = true", `exclude = ["acme/sentry"]`)).apply().ok().warns(0).writes(patch("3", bodyBoth), put("3", bodyBoth), patch("4", bodyBoth), patch("5", bodyBoth))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("those with the integrated one and no Sentry link are not switched to Sentry", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = true", "integrated = false"), mixed()[1], gitlabsim.Project{ID: 1, Path: "acme/on", Settings: &gitlabsim.Settings{Active: true, Integrated: true}})
		w.apply().ok().says("acme/integrated, acme/on.").writes()
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("and never stop a destroy of the whole configuration", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true"), linked(2)...)
		g.sim.AddProject(gitlabsim.Project{ID: 5, Path: "acme/tomorrow"})
		w.run("destroy", "-auto-approve").ok().writes()
	})
	t.Run("those who want it strict write a check", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, mixed()...)
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")+`
check "every_project_has_a_backend" {
  assert {
    condition     = length(errortracking_group_settings.test.without_backend) == 0
    error_message = "Without a backend: ${join(", ", errortracking_group_settings.test.without_backend)}."
  }
}
`))
		w.apply().ok()
		w.run("plan").ok().says("Check block assertion failed", "Without a backend: acme/never, acme/unlinked.")
	})
	t.Run("a create that turns live projects off says how many, and which", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, groupSettings("acme", "active = false"), linked(30)...)
		w.run("plan").ok().says("30 of 30 projects differed", "in use in 30 that it turns off: acme/p1, acme/p10,", "and 10 more", "exclude").warns(1).writes()
	})
}

func TestTheGroupItself(t *testing.T) {
	t.Parallel()
	t.Run("another one replaces, and changes nothing in the old one", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, groupSettings("acme", "active = true"), withSentry(), gitlabsim.Project{ID: 2, Path: "other/app", Settings: turnedOff()})
		w.with(groupSettings("other", "active = true")).apply().ok().says("1 of 1 projects differed", "1 added, 0 changed, 1 destroyed").writes(patch("2", bodyOn))
	})
	t.Run("one that is known only after apply", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/web", Settings: turnedOff()})
		w := g.newWorkspace(t, g.config("resource \"terraform_data\" \"later\" {\n  input = \"acme\"\n}\n"+
			"resource \"errortracking_group_settings\" \"test\" {\n  group = terraform_data.later.output\n  active = true\n}\n"))
		w.run("plan").ok().asked()
		w.apply().ok().writes(patch("1", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a rejected token is an error at plan", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		w := g.newWorkspace(t, g.block("glpat-wrong")+groupSettings("acme", "active = true"))
		w.run("plan").fails().says("Cannot read the error tracking settings of group acme", "revoked")
	})
}
