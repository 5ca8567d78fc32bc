package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// What blocks want of a project is known at plan. They may agree.
func TestTwoBlocksThatWantOneProject(t *testing.T) {
	t.Parallel()
	another := func(group string, arguments ...string) string {
		return strings.Replace(groupSettings(group, arguments...), `"test"`, `"other"`, 1)
	}
	alone := func(reference string, arguments ...string) string {
		return settingsNamed("alone", reference, arguments...)
	}
	again := func(reference string, arguments ...string) string {
		return settingsNamed("again", reference, arguments...)
	}
	group := groupSettings("acme", "active = true")
	const contradict, last = "Two blocks contradict each other about", "depends_on = [errortracking_group_settings.test]"
	for name, c := range map[string]struct {
		blocks string
		says   []string // nil if they agree
	}{
		"two groups that agree":                    {group + another("acme/sub", "active = true"), nil},
		"two groups, one of which sets integrated": {group + another("acme/sub", "active = true", "integrated = true"), nil},
		"two groups that contradict":               {group + another("acme/sub", "active = false"), []string{"acme/sub/p2", "errortracking_group_settings of group acme wants active = true", "of group acme/sub wants active = false"}},
		"two groups, over what both leave alone":   {groupSettings("acme", "active = true", `exclude = ["acme/sub/p2"]`) + another("acme/sub", "active = false", `exclude = ["acme/sub/p2"]`), nil},
		"two groups, on the backend":               {groupSettings("acme", "active = true", "integrated = false") + another("acme/sub", "active = true", "integrated = true"), []string{"acme/sub/p2", "integrated = false", "integrated = true"}},
		"two groups of which one excludes":         {groupSettings("acme", "active = true", `exclude = ["ACME/Sub"]`) + another("acme/sub", "active = false"), nil},
		"a group and a project that agree":         {group + alone("acme/p1", "active = true"), nil},
		"a group and a project by its path":        {group + alone("ACME/p1", "active = false"), []string{"acme/p1", "errortracking_settings for ACME/p1 wants active = false"}},
		"a group and a project by its id":          {group + alone("1", "active = false"), []string{"project 1 wants active = false"}},
		"a group and a project that excludes it":   {groupSettings("acme", "active = true", `exclude = ["1"]`) + alone("acme/p1", "active = false"), nil},
		"two resources that agree":                 {alone("acme/p1", "active = true") + again("acme/p1", "active = true", "integrated = false"), nil},
		"two resources that contradict":            {alone("acme/p1", "active = true") + again("Acme/P1", "active = false"), []string{"acme/p1"}},
		"two that contradict behind one that agrees with both": {group + alone("acme/sub/p2", "active = true", "integrated = false", last) +
			again("acme/sub/p2", "active = true", "integrated = true", last), []string{}},
		"a group that leaves the project as it is for now": {group + alone("acme/sub/tomorrow", "active = false"), []string{}},
		"two resources, by the id":                         {alone("1", "active = true") + again("1", "active = false"), []string{"project 1"}},
	} {
		story(t, name, c.blocks, []gitlabsim.Project{
			{ID: 1, Path: "acme/p1", Settings: turnedOff()},
			{ID: 2, Path: "acme/sub/p2", Settings: turnedOff()},
			{ID: 3, Path: "acme/sub/tomorrow"},
		}, func(g *fakeGitLab, w *workspace) {
			if c.says != nil {
				w.run("plan").fails().says(contradict, "undo each other's work").says(c.says...).writes()
				return
			}
			w.apply().ok()
			w.run("plan", "-detailed-exitcode").ok()
			// After drift, too, both find what they want.
			g.turnOff(1, 2)
			w.apply().ok()
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
	story(t, "what both would write is written once", group+alone("acme/p2", "active = true"), off(3), func(g *fakeGitLab, w *workspace) {
		// Project 2 is held until the group, which has been read by then, is written.
		written := newCtrlC()
		g.sim.AddFault(gitlabsim.Fault{Method: "PATCH", Path: "/projects/1/", Times: 1, Effect: gitlabsim.Then(func() { close(written.pressed) })})
		g.sim.AddFault(gitlabsim.Fault{Method: "PATCH", Path: "/projects/2/", Times: 1, Effect: written.held(gitlabsim.Delay(0))})
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn), patch("3", bodyOn))
	})
	story(t, "a contradiction that comes later is an error at plan, too", group+alone("acme/p2", "active = true"), off(3), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(group+alone("acme/p2", "active = false")).run("plan", "-refresh=false").fails().says(contradict)
		w.apply().fails().writes()
		w.with(groupSettings("acme", "active = false") + alone("acme/p2", "active = false")).apply().ok().says("2 changed")
		w.run("destroy", "-auto-approve").ok()
	})
	for first, second := range map[string]string{"acme/p1": "ACME/P1", "1": "1", "acme/old": "1"} {
		story(t, "a new block for "+second+" beside one in the state for "+first, alone(first, "active = true"), []gitlabsim.Project{{ID: 1, Path: "acme/old", Settings: turnedOff()}}, func(g *fakeGitLab, w *workspace) {
			g.sim.MoveProject(1, "acme/p1")
			w.apply().ok()
			w.with(alone(first, "active = true") + again(second, "active = false", "depends_on = [errortracking_settings.alone]")).run("plan").fails().says(contradict)
		})
	}
	story(t, "a former path in the state is not mistaken for the project that has it now", alone("acme/old", "active = true"), []gitlabsim.Project{{ID: 1, Path: "acme/old", Settings: turnedOff()}}, func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		g.sim.MoveProject(1, "acme/p1")
		g.sim.AddProject(gitlabsim.Project{ID: 2, Path: "acme/old", Settings: gitlabsim.SentryLink(sentryURL)})
		w.with(alone("acme/old", "active = true") + again("acme/old", "active = false")).apply().ok().writes(patch("2", bodyOff))
		w.run("plan", "-detailed-exitcode").ok()
	})
	story(t, "an integrated that is known only after apply contradicts nothing yet", "resource \"terraform_data\" \"later\" {\n  input = true\n}\n"+
		groupSettings("acme", "active = true", "integrated = true")+alone("acme/p1", "active = true", "integrated = terraform_data.later.output"), linked(2), func(_ *fakeGitLab, w *workspace) {
		w.run("plan").ok().saysNot("switches it to Sentry")
		w.apply().ok()
	})
	story(t, "a group that has another's former path does not take its survey", groupSettings("acme", "active = true", `exclude = ["1"]`), linked(2), func(g *fakeGitLab, w *workspace) {
		g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
		w.apply().ok()
		g.sim.MoveGroup(7, "apex")
		g.sim.AddProject(gitlabsim.Project{ID: 9, Path: "acme/stranger", Settings: gitlabsim.SentryLink(sentryURL)})
		w.with(group + another("acme", "active = false")).apply().ok().writes(patch("9", bodyOff))
	})
	story(t, "beyond a score of projects they are counted", group+another("1001", "active = false"), off(30), func(_ *fakeGitLab, w *workspace) {
		w.run("plan").fails().says("acme/p1, acme/p10, acme/p11", "and 10 more")
	})
	story(t, "a new block in place of one that wanted something else is no contradiction", group, off(3), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(alone("2", "active = false")).apply().ok().says("1 added, 0 changed, 1 destroyed").writes(patch("2", bodyOff))
	})
}

func TestWhatExcludeTakes(t *testing.T) {
	t.Parallel()
	but := func(exclude string) string { return groupSettings("acme", "active = true", "exclude = ["+exclude+"]") }
	for exclude, c := range map[string]struct {
		written []string
		unfit   string
	}{
		`"2", "3"`:               {[]string{"1", "4"}, ""},
		`"acme/*/sandbox"`:       {[]string{"1", "2", "4"}, ""},
		`"acme/**/sandbox"`:      {[]string{"1", "4"}, ""},
		`"acme/**/test-?"`:       {[]string{"1", "2", "3"}, ""},
		`"ACME/W*"`:              {[]string{"1", "2"}, ""},
		`"acme/{p1,sandbox}"`:    {[]string{"3", "4"}, ""},
		`"acme/p11", "acme/web"`: {[]string{"1", "2"}, "acme/p11."},
		`"99", "acme/*/none", "acme/old/p5", "acme/we"`: {[]string{"1", "2", "3", "4"}, "99, acme/*/none, acme/old/p5, acme/we."},
	} {
		story(t, exclude, but(exclude), []gitlabsim.Project{
			{ID: 1, Path: "acme/p1", Settings: turnedOff()},
			{ID: 2, Path: "acme/sandbox", Settings: turnedOff()},
			{ID: 3, Path: "acme/web/sandbox", Settings: turnedOff()},
			{ID: 4, Path: "acme/web/deep/test-1", Settings: turnedOff()},
			{ID: 5, Path: "acme/old/p5", Archived: true, Settings: turnedOff()},
		}, func(_ *fakeGitLab, w *workspace) {
			w.apply().ok().writes(turnedOn(c.written)...)
			again := w.run("plan", "-detailed-exitcode").ok()
			if c.unfit == "" {
				again.warns(0)
				return
			}
			again.warns(1).says("Entries of exclude fit no project of group acme", c.unfit)
		})
	}
	for exclude, says := range map[string]string{
		"acme/": `write "acme"`, "web": "neither a whole number nor a full path", "": "it is empty", "https://gitlab.com/acme/web": `"acme/web"`,
		"test-*": `write "**/test-*"`, "acme/[": "not closed", "/acme/*": "begins or ends with a slash", "0": "greater than zero",
		"https://gitlab.com/acme/*": "it is a URL", "acme/ *": "a space", "acme//*": "double slash", "acme/%2F*": "percent-encoded",
	} {
		story(t, "not "+exclude, but(fmt.Sprintf("%q", exclude)), nil, func(_ *fakeGitLab, w *workspace) {
			w.run("validate").fails().says("Invalid exclude", says, "group/*/sandbox")
		})
	}
	story(t, "a typo is told when exclude grows, and until it is mended", groupSettings("acme", "active = true"), linked(3), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(but(`"acme/p22"`)).run("plan").ok().warns(1).says("fit no project", "acme/p22.")
		w.apply().ok().says("fit no project")
		w.run("plan", "-detailed-exitcode").ok().warns(1).says("acme/p22.")
		w.with(but(`"acme/p2"`)).apply().ok().saysNot("fit no project")
		w.run("plan", "-detailed-exitcode").ok().warns(0)
		// What was excluded is known: only another project makes the scope grow.
		w.with(but(`"2", "ACME/?2"`)).run("plan").ok().warns(0).says("~ exclude", "1 to change").saysNot("known after apply")
		w.with(groupSettings("acme", "active = true")).run("plan", "-refresh=false").ok().says("known after apply")
	})
	story(t, "what the token cannot read, and what is hidden by another entry, is no typo", groupSettings("acme", "active = true"), append(linked(3), gitlabsim.Project{ID: 5, Path: "acme/sub/p5", Settings: turnedOff()}), func(g *fakeGitLab, w *workspace) {
		g.sim.AddFault(gitlabsim.Fault{Path: "/projects/2/", Effect: gitlabsim.JSON(403, `{"message":"403 Forbidden"}`)})
		w.apply().ok()
		for _, exclude := range []string{`"acme/p2"`, `"acme/p2", "5"`, `"acme/p2", "5", "acme/sub"`} {
			w.with(but(exclude)).apply().ok().saysNot("fit no project")
		}
	})
	story(t, "what a growing scope turns off is told", groupSettings("acme", "active = false", `exclude = ["acme/p1", "2", "acme/p[34]"]`), linked(6), func(_ *fakeGitLab, w *workspace) {
		w.apply().ok()
		w.with(groupSettings("acme", "active = false")).run("plan").ok().says("4 of 6 projects differed", "in use in 4 that it turns off: acme/p1, acme/p2, acme/p3, acme/p4.")
		w.apply().ok().writes(patch("1", bodyOff), patch("2", bodyOff), patch("3", bodyOff), patch("4", bodyOff))
	})
}

// The lists of a group are in pages, which begin later when a project leaves.
func TestWhatLeavesWhileAGroupIsRead(t *testing.T) {
	t.Parallel()
	on := groupSettings("acme", "active = true")
	story(t, "a project hides no other", on, linked(105), func(g *fakeGitLab, w *workspace) {
		leave := func(ids ...int64) {
			g.sim.ClearFaults()
			g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", Times: 1, Effect: gitlabsim.Then(func() {
				for _, id := range ids {
					g.sim.AddProject(gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/p%d", id), Archived: true})
				}
			})})
		}
		w.apply().ok()
		g.turnOff(101)
		leave(3)
		w.apply().ok().says("Projects have left group acme", "acme/p3.").writes(patch("101", bodyOn))

		// Before an update writes, too.
		g.turnOff(102)
		w.run("plan", "-out=saved.tfplan").ok()
		leave(4, 5)
		w.run("apply", "saved.tfplan").ok().saysNot("since the plan").writes(patch("102", bodyOn))
	})
	story(t, "a path changes hands", on, linked(105), func(g *fakeGitLab, w *workspace) {
		g.turnOff(105)
		g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", Times: 1, After: 6, Effect: gitlabsim.Then(func() {
			g.sim.MoveProject(1, "acme/former")
			g.sim.MoveProject(105, "acme/p1")
		})})
		w.apply().ok().writes(patch("105", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	story(t, "a reading that is empty does not count alone", on, linked(3), func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", After: 1, Times: 1, Effect: gitlabsim.JSON(200, `[]`)})
		w.run("plan").ok().saysNot("have left")
	})
	story(t, "a list that keeps losing projects is an error that says so", on, linked(30), func(g *fakeGitLab, w *workspace) {
		next := int64(0)
		g.sim.AddFault(gitlabsim.Fault{Path: "/groups/1001/projects", Effect: gitlabsim.Then(func() {
			next++
			g.sim.RemoveProject(next)
		})})
		w.apply().fails().says("during each of ten readings").saysNot("please report")
	})
	story(t, "what has left a growing scope is told without a refresh, too", groupSettings("acme", "active = true", `exclude = ["acme/p1"]`), linked(5), func(g *fakeGitLab, w *workspace) {
		w.apply().ok()
		g.sim.MoveProject(2, "other/p2")
		w.with(on).apply("-refresh=false").ok().says("Projects have left group acme", "acme/p2.")
	})
}
