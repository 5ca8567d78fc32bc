package acceptance_test

import (
	"fmt"
	"net/http"
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
		"two groups, over what both leave alone":   {groupSettings("acme", "active = true", `exclude = ["acme/sub/p2"]`) + sub("active = false", `exclude = ["acme/sub/p2"]`), nil},
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
				gitlabsim.Project{ID: 3, Path: "acme/sub/tomorrow"},
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
		g, w := begun(t, group+alone("acme/p2", "active = true"), off(3)...)
		// Project 2 is held until the group, which has been read by then, is written.
		writes := make(chan struct{})
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1/", Times: 1, Effect: gitlabsim.Then(func() { close(writes) })})
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/2/", Times: 1, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
			select {
			case <-writes:
			case <-r.Context().Done():
			}
			gitlabsim.Delay(0)(w, r, answer)
		}})
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
	t.Run("a new block beside one that is in the state", func(t *testing.T) {
		t.Parallel()
		for first, second := range map[string]string{"acme/p1": "ACME/P1", "1": "1", "acme/old": "1"} {
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/old", Settings: turnedOff()})
			g.sim.MoveProject(1, "acme/p1")
			w := g.newWorkspace(t, g.config(alone(first, "active = true")))
			w.apply().ok()
			w.with(alone(first, "active = true") + again(second, "active = false", "depends_on = [errortracking_settings.alone]")).run("plan").fails().says("contradict each other about")
		}
	})
	t.Run("a former path in the state is not mistaken for the project that has it now", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, alone("acme/old", "active = true"), gitlabsim.Project{ID: 1, Path: "acme/old", Settings: turnedOff()})
		g.sim.MoveProject(1, "acme/p1")
		g.sim.AddProject(gitlabsim.Project{ID: 2, Path: "acme/old", Settings: gitlabsim.SentryLink(sentryURL)})
		w.with(alone("acme/old", "active = true") + again("acme/old", "active = false")).apply().ok().writes(patch("2", bodyOff))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("an integrated that is known only after apply contradicts nothing yet", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(2)...)
		w := g.newWorkspace(t, g.config("resource \"terraform_data\" \"later\" {\n  input = true\n}\n"+
			groupSettings("acme", "active = true", "integrated = true")+alone("acme/p1", "active = true", "integrated = terraform_data.later.output")))
		w.run("plan").ok().saysNot("switches it to Sentry")
		w.apply().ok()
	})
	t.Run("a group that has another's former path does not take its survey", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(2)...)
		g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true", `exclude = ["1"]`)))
		w.apply().ok()
		g.sim.MoveGroup(7, "apex")
		g.sim.AddProject(gitlabsim.Project{ID: 9, Path: "acme/stranger", Settings: gitlabsim.SentryLink(sentryURL)})
		w.with(group + strings.Replace(groupSettings("acme", "active = false"), `"test"`, `"other"`, 1)).apply().ok().writes(patch("9", bodyOff))
	})
	t.Run("a block that agrees with both hides no contradiction", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, group+alone("acme/p2", "active = true", "integrated = false", "depends_on = [errortracking_group_settings.test]")+
			again("acme/p2", "active = true", "integrated = true", "depends_on = [errortracking_group_settings.test]"), off(3)...)
		w.run("plan").fails().says("contradict each other about")
	})
	t.Run("nor does a group that leaves the project as it is for now", func(t *testing.T) {
		t.Parallel()
		_, w := begun(t, group+alone("acme/web", "active = false"), neverConfigured())
		w.run("plan").fails().says("contradict each other about")
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
		"test-*": `write "**/test-*"`, "acme/[": "not closed", "/acme/*": "begins or ends with a slash", "0": "greater than zero",
		"https://gitlab.com/acme/*": "it is a URL", "acme/ *": "a space", "acme//*": "double slash", "acme/%2F*": "percent-encoded",
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
	t.Run("what the token cannot read, and what is hidden by another entry, is no typo", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, append(linked(3), gitlabsim.Project{ID: 5, Path: "acme/sub/p5", Settings: turnedOff()})...)
		g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: map[int64]gitlabsim.Role{2: gitlabsim.Reporter}, Scopes: []string{"api"}})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok()
		for _, exclude := range []string{`"acme/p2"`, `"acme/p2", "5"`, `"acme/p2", "5", "acme/sub"`} {
			w.with(groupSettings("acme", "active = true", "exclude = ["+exclude+"]")).apply().ok().saysNot("fit no project")
		}
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

func TestWhatChangesHandsWhileAGroupIsRead(t *testing.T) {
	t.Parallel()
	t.Run("a path", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(105)...)
		g.sim.SetSettings(105, turnedOff())
		g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", Times: 1, After: 6, Effect: gitlabsim.Then(func() {
			g.sim.MoveProject(1, "acme/former")
			g.sim.MoveProject(105, "acme/p1")
		})})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().ok().writes(patch("105", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
	t.Run("a reading that is empty does not count alone", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true"), linked(3)...)
		g.sim.AddFault(gitlabsim.Fault{Path: "/groups/", After: 1, Times: 1, Effect: gitlabsim.JSON(200, `[]`)})
		w.run("plan").ok().saysNot("have left")
	})
	t.Run("a list that keeps losing projects is an error that says so", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, linked(30)...)
		next := int64(0)
		g.sim.AddFault(gitlabsim.Fault{Path: "/groups/1001/projects", Effect: gitlabsim.Then(func() {
			next++
			g.sim.RemoveProject(next)
		})})
		w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true")))
		w.apply().fails().says("during each of ten readings").saysNot("please report")
	})
	t.Run("what has left a growing scope is told without a refresh, too", func(t *testing.T) {
		t.Parallel()
		g, w := applied(t, groupSettings("acme", "active = true", `exclude = ["acme/p1"]`), linked(5)...)
		g.sim.MoveProject(2, "other/p2")
		w.with(groupSettings("acme", "active = true")).apply("-refresh=false").ok().says("Projects have left group acme", "acme/p2.")
	})
}

func TestErrorsOfAThousandProjectsStayReadable(t *testing.T) {
	t.Parallel()
	projects := off(1000)
	for i := range projects {
		projects[i].Settings = gitlabsim.SentryLink(fmt.Sprintf("https://sentry.example.com/api/0/projects/acme/p%d/", i))
	}
	for name, c := range map[string]struct {
		fault gitlabsim.Fault
		says  []string
		most  int
	}{
		"each in its own way":     {gitlabsim.Fault{Path: "none"}, []string{"1000 of 1000 projects could not be set", "and 970 more: GitLab has other settings"}, 1000},
		"an outage in between":    {gitlabsim.Fault{Method: "PATCH", After: 50, Effect: gitlabsim.ResetBefore()}, []string{"No further change was begun", "and"}, 80},
		"a proxy's own failure":   {gitlabsim.Fault{Method: "PATCH", After: 50, Effect: gitlabsim.HTML(520, "<html>")}, []string{"1000 of 1000 projects", "more: GitLab failed."}, 1000},
		"a token that is revoked": {gitlabsim.Fault{Method: "PATCH", After: 50, Effect: gitlabsim.JSON(401, `{"message":"401 Unauthorized"}`)}, []string{"No further change was begun"}, 80},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLabAs(t, gitlabsim.Config{}, projects...)
			g.sim.AddFault(c.fault)
			w := g.newWorkspace(t, g.config(groupSettings("acme", "active = true", "integrated = true")))
			out := w.apply().fails().says(c.says...).saysNot("As in another error")
			if len(out.output) > 15_000 {
				t.Errorf("%d bytes of output", len(out.output))
			}
			writes := 0
			for _, r := range out.requests {
				if strings.HasPrefix(r, "PATCH") {
					writes++
				}
			}
			if writes > c.most {
				t.Errorf("%d writes, want %d at most", writes, c.most)
			}
		})
	}
}
