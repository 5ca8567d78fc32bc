package acceptance_test

import (
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAPlanShowsEachProjectOfAGroupThatDiffers(t *testing.T) {
	t.Parallel()
	g, w := begun(t, groupSettings("acme", "active = true"), linked(40)...)
	w.apply().ok().saysNot("Warning").writes()
	g.turnOff(7, 30)
	w.run("plan").ok().says(`~ "acme/p7" = { ~ active = false -> true`, `~ "acme/p30" = {`, "38 unchanged elements hidden", "1 to change").writes()
	w.apply().ok().says("1 changed").writes(patch("7", bodyOn), patch("30", bodyOn))
	w.run("plan", "-detailed-exitcode").ok()

	// A new project is picked up.
	g.sim.AddProject(gitlabsim.Project{ID: 41, Path: "acme/sub/p41", Settings: turnedOff()})
	w.run("plan").ok().says(`~ "acme/sub/p41" = { ~ active = false -> true`, "40 unchanged elements hidden")
	w.apply().ok().writes(patch("41", bodyOn))

	// Renamed, deleted and archived projects change nothing.
	g.sim.MoveProject(1, "acme/site")
	g.sim.RemoveProject(2)
	g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/p3", Archived: true, Settings: turnedOff()})
	w.run("plan", "-detailed-exitcode").ok().warns(1).says("Projects have left group acme", "acme/p2, acme/p3.").saysNot("acme/p1")
	w.apply("-refresh-only").ok()
	w.run("plan", "-detailed-exitcode").ok().warns(0)
	w.run("show").ok().says(`"acme/site" = {`).saysNot(`"acme/p2" = {`, `"acme/p3" = {`)

	// One that appears after a saved plan waits for the next.
	g.turnOff(9)
	w.run("plan", "-out=saved.tfplan").ok()
	g.sim.AddProject(gitlabsim.Project{ID: 42, Path: "acme/p42", Settings: turnedOff()})
	w.run("apply", "saved.tfplan").ok().writes(patch("9", bodyOn))
	w.apply().ok().writes(patch("42", bodyOn))

	w.with(groupSettings("acme", "active = false")).run("plan", "-refresh=false").ok().says("1 to change").asked()
}

func TestExcludedProjectsAreNotAskedForAndNotChanged(t *testing.T) {
	t.Parallel()
	but := func(exclude string, arguments ...string) string {
		return groupSettings("acme", append(arguments, "active = true", "exclude = ["+exclude+"]")...)
	}
	g, w := begun(t, but(`"acme/p2", "Acme/SUB"`), append(off(2),
		gitlabsim.Project{ID: 3, Path: "acme/sub/p3", Settings: turnedOff()}, gitlabsim.Project{ID: 4, Path: "acme/sub/deep/p4", Settings: turnedOff()})...)
	w.apply().ok().writes(patch("1", bodyOn))
	w.run("plan", "-detailed-exitcode").ok().warns(0).reads(0, 2, 1)

	w.with(but(`"acme/P2", "acme/sub"`)).run("plan").ok().says("0 to add, 1 to change").saysNot("projects")
	w.apply().ok().writes()

	w.with(but(`"acme/p2"`)).run("plan").ok().says("projects = {", "-> (known after apply)", "2 of 3 projects differed").reads(0, 4, 4)
	w.apply().ok().writes(patch("3", bodyOn), patch("4", bodyOn))

	g.turnOff(1, 4)
	w.with(but(`"acme/p2", "acme/sub/deep"`)).run("plan").ok().says(`- "acme/sub/deep/p4" = {`, `~ "acme/p1" = { ~ active = false -> true`, "1 unchanged element hidden")
	w.apply().ok().says("1 changed").writes(patch("1", bodyOn))

	w.with(but(`"acme/p2"`, "include_subgroups = false")).apply().ok().writes()
	w.run("show").ok().says(`"acme/p1"`).saysNot(`"acme/sub/p3"`)
	w.with(but(`"acme/p2"`)).run("plan").ok().says("include_subgroups = false -> true", "-> (known after apply)", "1 to change", "1 of 3 projects differed")
	w.apply().ok().writes(patch("4", bodyOn))
}

func TestBackendsInAGroup(t *testing.T) {
	t.Parallel()
	on := groupSettings("acme", "active = true")
	mixed := []gitlabsim.Project{
		{ID: 1, Path: "acme/sentry", Settings: turnedOff()},
		{ID: 2, Path: "acme/integrated", Settings: &gitlabsim.Settings{Integrated: true}},
		{ID: 3, Path: "acme/never"},
		{ID: 4, Path: "acme/unlinked", Settings: &gitlabsim.Settings{}},
	}
	without := func(w *workspace, paths ...string) {
		w.t.Helper()
		w.holds(groupResource, map[string]any{"without_backend": paths})
	}
	story(t, "projects without any stop nothing, stay as they are, and join once they have one", on, mixed, func(g *fakeGitLab, w *workspace) {
		w.run("plan").ok().says("Some projects of group acme cannot be turned on yet", "acme/never, acme/unlinked.", "exclude", "integrated = true", "2 of 4 projects differed")
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn))
		g.has(w.t, 2, gitlabsim.Settings{Active: true, Integrated: true})
		without(w, "acme/never", "acme/unlinked")
		w.run("plan", "-detailed-exitcode").ok().says("No changes", "cannot be turned on yet").warns(1)

		g.sim.AddProject(gitlabsim.Project{ID: 5, Path: "acme/tomorrow"})
		g.turnOff(1)
		w.apply().ok().says("acme/never, acme/tomorrow, acme/unlinked.").writes(patch("1", bodyOn))
		g.turnOff(5, 4)
		w.run("plan").ok().says(`~ "acme/tomorrow" = { ~ active = false -> true`)
		w.apply().ok().writes(patch("4", bodyOn), patch("5", bodyOn))
		without(w, "acme/never")

		w.with(groupSettings("acme", "active = false")).apply().ok().warns(0)
		without(w, []string{}...)
		w.with(on).run("plan", "-refresh=false").ok().says("cannot be turned on yet", "acme/never.", "unchanged element").asked()
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn), patch("4", bodyOn), patch("5", bodyOn))
		w.with(groupSettings("acme", "active = true", "integrated = true", `exclude = ["acme/sentry"]`)).apply().ok().warns(0).writes(patch("3", bodyBoth), put("3", bodyBoth), patch("4", bodyBoth), patch("5", bodyBoth))
		w.run("plan", "-detailed-exitcode").ok()
		g.sim.AddProject(gitlabsim.Project{ID: 6, Path: "acme/newest"})
		w.with(on).run("destroy", "-auto-approve").ok().writes()
		w.run("import", groupResource, "acme").fails().says("Groups need no import", "exclude")
	})
	story(t, "those with the integrated one and no Sentry link are not switched to Sentry", groupSettings("acme", "active = true", "integrated = false"), []gitlabsim.Project{mixed[1], withIntegrated()}, func(_ *fakeGitLab, w *workspace) {
		w.apply().ok().says("acme/integrated, acme/web.").writes()
		w.run("plan", "-detailed-exitcode").ok()
	})
	story(t, "those who want it strict write a check", on, mixed, func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		for condition, message := range map[string]string{
			"length(" + groupResource + ".without_backend) == 0": `Off in: ${join(", ", ` + groupResource + `.without_backend)}.`,
			"alltrue(" + groupAddress + ".projects[*].active)":   `Off in: ${join(", ", [for p in ` + groupAddress + `.projects : p.project if !p.active])}.`,
		} {
			check := "check \"on\" {\n  assert {\n    condition = " + condition + "\n    error_message = \"" + message + "\"\n  }\n}\n"
			w.with(on+groupData("acme")+check).run("plan").ok().says("Check block assertion failed", "Off in: acme/never, acme/unlinked.")
		}
	})
	story(t, "a create that turns live projects off says how many, and which", groupSettings("acme", "active = false"), linked(30), func(_ *fakeGitLab, w *workspace) {
		w.run("plan").ok().says("30 of 30 projects differed", "in use in 30 that it turns off: acme/p1, acme/p10,", "and 10 more", "exclude").warns(1).writes()
	})
}
