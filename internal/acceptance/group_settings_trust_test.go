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
	sub := func(arguments ...string) string {
		return strings.Replace(groupSettings("acme/sub", arguments...), `"test"`, `"sub"`, 1)
	}
	alone := func(reference string, arguments ...string) string {
		return settingsNamed("alone", reference, arguments...)
	}
	again := func(reference string, arguments ...string) string {
		return settingsNamed("again", reference, arguments...)
	}
	group := groupSettings("acme", "active = true")
	for name, c := range map[string]struct {
		blocks string
		says   []string // nil if they agree
	}{
		"two groups that agree":                    {group + sub("active = true"), nil},
		"two groups, one of which sets integrated": {group + sub("active = true", "integrated = true"), nil},
		"two groups that contradict":               {group + sub("active = false"), []string{"acme/sub/p2", "errortracking_group_settings of group acme wants active = true", "of group acme/sub wants active = false"}},
		"two groups, on the backend":               {groupSettings("acme", "active = true", "integrated = false") + sub("active = true", "integrated = true"), []string{"acme/sub/p2", "integrated = false", "integrated = true"}},
		"two groups of which one excludes":         {groupSettings("acme", "active = true", `exclude = ["ACME/Sub"]`) + sub("active = false"), nil},
		"a group and a project that agree":         {group + alone("acme/p1", "active = true"), nil},
		"a group and a project by its path":        {group + alone("ACME/p1", "active = false"), []string{"acme/p1", "errortracking_settings for ACME/p1 wants active = false"}},
		"a group and a project by its id":          {group + alone("1", "active = false"), []string{"project 1 wants active = false"}},
		"a group and a project that excludes it":   {groupSettings("acme", "active = true", `exclude = ["1"]`) + alone("acme/p1", "active = false"), nil},
		"two resources that agree":                 {alone("acme/p1", "active = true") + again("acme/p1", "active = true", "integrated = false"), nil},
		"two resources that contradict":            {alone("acme/p1", "active = true") + again("Acme/P1", "active = false"), []string{"acme/p1"}},
		"two resources, by the id":                 {alone("1", "active = true") + again("1", "active = false"), []string{"project 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t,
				gitlabsim.Project{ID: 1, Path: "acme/p1", Settings: turnedOff()},
				gitlabsim.Project{ID: 2, Path: "acme/sub/p2", Settings: turnedOff()},
			)
			w := g.newWorkspace(t, g.config(c.blocks))
			if c.says != nil {
				w.run("plan").fails().says("Two blocks contradict each other about", "undo each other's work").says(c.says...).writes()
				return
			}
			w.apply().ok()
			w.run("plan", "-detailed-exitcode").ok()
			// After drift, too, both find what they want.
			for _, id := range []int64{1, 2} {
				g.sim.SetSettings(id, turnedOff())
			}
			w.apply().ok()
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
	t.Run("what both would write is written once", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, group+alone("acme/p2", "active = true"), off(3)...)
		w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn), patch("3", bodyOn))
	})
	t.Run("a contradiction that comes later is an error at plan, too", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, group+alone("acme/p2", "active = true"), off(3)...)
		w.with(group+alone("acme/p2", "active = false")).run("plan", "-refresh=false").fails().says("contradict each other about")
		w.apply().fails().writes()
		w.with(groupSettings("acme", "active = false") + alone("acme/p2", "active = false")).apply().ok().says("2 changed")
		w.run("destroy", "-auto-approve").ok()
	})
	t.Run("beyond a score of projects they are counted", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, group+strings.Replace(groupSettings("1001", "active = false"), `"test"`, `"other"`, 1), off(30)...)
		w.run("plan").fails().says("acme/p1, acme/p10, acme/p11", "and 10 more")
	})
	t.Run("a new block in place of one that wanted something else is no contradiction", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, group, off(3)...)
		w.with(alone("2", "active = false")).apply().ok().says("1 added, 0 changed, 1 destroyed").writes(patch("2", bodyOff))
		w.with(alone("2", "active = true", "lifecycle {\n ignore_changes = [active]\n}")).apply("-replace=errortracking_settings.alone").ok().writes(patch("2", bodyOn))
	})
}

func TestWhatExcludeTakes(t *testing.T) {
	t.Parallel()
	projects := func() []gitlabsim.Project {
		return []gitlabsim.Project{
			{ID: 1, Path: "acme/p1", Settings: turnedOff()},
			{ID: 2, Path: "acme/sandbox", Settings: turnedOff()},
			{ID: 3, Path: "acme/web/sandbox", Settings: turnedOff()},
			{ID: 4, Path: "acme/web/deep/test-1", Settings: turnedOff()},
			{ID: 5, Path: "acme/old/p5", Archived: true, Settings: turnedOff()},
		}
	}
	for exclude, c := range map[string]struct {
		written []string
		unfit   string
	}{
		`"2", "3"`:                           {[]string{"1", "4"}, ""},
		`"acme/*/sandbox"`:                   {[]string{"1", "2", "4"}, ""},
		`"acme/**/sandbox"`:                  {[]string{"1", "4"}, ""},
		`"acme/**/test-?"`:                   {[]string{"1", "2", "3"}, ""},
		`"ACME/W*"`:                          {[]string{"1", "2"}, ""},
		`"acme/{p1,sandbox}"`:                {[]string{"3", "4"}, ""},
		`"acme/p11", "acme/web"`:             {[]string{"1", "2"}, "acme/p11."},
		`"99", "acme/*/none", "acme/old/p5"`: {[]string{"1", "2", "3", "4"}, "99, acme/*/none, acme/old/p5."},
	} {
		t.Run(exclude, func(t *testing.T) {
			t.Parallel()
			_, w := begun(t, groupSettings("acme", "active = true", "exclude = ["+exclude+"]"), projects()...)
			var writes []string
			for _, id := range c.written {
				writes = append(writes, patch(id, bodyOn))
			}
			w.apply().ok().writes(writes...)
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
		"test-*": `write "**/test-*"`, "acme/[": "not closed", "/acme/*": `write "acme/*"`, "0": "greater than zero",
	} {
		t.Run("not "+exclude, func(t *testing.T) {
			t.Parallel()
			_, w := begun(t, groupSettings("acme", "active = true", fmt.Sprintf("exclude = [%q]", exclude)), withSentry())
			w.run("validate").fails().says("Invalid exclude", says, "group/*/sandbox")
		})
	}
	t.Run("a typo is told when exclude grows, and until it is mended", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true"), linked(3)...)
		typo := g.config(groupSettings("acme", "active = true", `exclude = ["acme/p22"]`))
		w.write(typo)
		w.run("plan").ok().warns(1).says("fit no project", "acme/p22.")
		w.apply().ok().says("fit no project")
		w.run("plan", "-detailed-exitcode").ok().warns(1).says("acme/p22.")
		w.with(groupSettings("acme", "active = true", `exclude = ["acme/p2"]`)).apply().ok().saysNot("fit no project")
		w.run("plan", "-detailed-exitcode").ok().warns(0)
	})
	t.Run("what a growing scope turns off is told", func(t *testing.T) {
		t.Parallel()
		_, w := applied(t, groupSettings("acme", "active = false", `exclude = ["acme/p1", "2", "acme/p[34]"]`), linked(6)...)
		w.with(groupSettings("acme", "active = false")).run("plan").ok().says("4 of 6 projects differed", "in use in 4 that it turns off: acme/p1, acme/p2, acme/p3, acme/p4.")
		w.apply().ok().writes(patch("1", bodyOff), patch("2", bodyOff), patch("3", bodyOff), patch("4", bodyOff))
	})
}

func TestOneProjectThatGitLabCannotAnswerForIsNamed(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]gitlabsim.Effect{
		"500":       gitlabsim.JSON(500, `{"message":"500 Internal Server Error"}`),
		"a page":    gitlabsim.HTML(200, "<html>"),
		"no answer": gitlabsim.ResetBefore(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, linked(5)...)
			g.sim.AddFault(gitlabsim.Fault{Path: "/projects/4/", Effect: effect})
			w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
			w.run("apply", "-auto-approve").fails().says("no usable answer for the project acme/p4", "add this one to exclude")
			w.with(groupSettings("acme", "active = true", `exclude = ["acme/p4"]`)).apply().ok()
		})
	}
}

// The lists of a group are in pages, which begin later when a project leaves.
func TestAProjectThatLeavesWhileAGroupIsReadHidesNoOther(t *testing.T) {
	t.Parallel()
	g, w := applied(t, groupSettings("acme", "active = true"), linked(105)...)
	g.sim.SetSettings(101, turnedOff())
	g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", Times: 1, Effect: gitlabsim.Then(func() {
		g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/p3", Archived: true})
	})})
	w.apply().ok().says("Projects have left group acme", "acme/p3.").writes(patch("101", bodyOn))

	// Before an update writes, too.
	g.sim.SetSettings(102, turnedOff())
	w.run("plan", "-out=saved.tfplan").ok()
	g.sim.ClearFaults()
	g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", Times: 1, Effect: gitlabsim.Then(func() {
		g.sim.AddProject(gitlabsim.Project{ID: 4, Path: "acme/p4", Archived: true})
		g.sim.AddProject(gitlabsim.Project{ID: 5, Path: "acme/p5", Archived: true})
	})})
	w.run("apply", "saved.tfplan").ok().saysNot("since the plan").writes(patch("102", bodyOn))
}
