package acceptance_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// Whatever happens between plan and apply, Terraform never says that the plan
// or the result is inconsistent.
func TestASavedPlanOfAGroupWhoseProjectsChangeMeanwhile(t *testing.T) {
	t.Parallel()
	linkedAndIntegrated := turnedOff()
	linkedAndIntegrated.Integrated = true
	for name, c := range map[string]struct {
		meanwhile func(*gitlabsim.Server)
		updated   []string // PATCHes of the update
		fails     string
		created   []string // PATCHes of the create
	}{
		"nothing": {func(*gitlabsim.Server) {}, []string{"1", "2"}, "", []string{"1", "2"}},
		"one is renamed": {func(s *gitlabsim.Server) { s.MoveProject(1, "acme/site") },
			[]string{"1", "2"}, "", []string{"1", "2"}},
		"one leaves the group": {func(s *gitlabsim.Server) { s.MoveProject(1, "other/p1") },
			[]string{"2"}, "", []string{"2"}},
		"one moves to a subgroup that is excluded": {func(s *gitlabsim.Server) { s.MoveProject(1, "acme/out/p1") },
			[]string{"2"}, "", []string{"2"}},
		"its group is archived": {func(s *gitlabsim.Server) {
			s.MoveProject(1, "acme/old/p1")
			s.AddGroup(gitlabsim.Group{ID: 70, Path: "acme/old", Archived: true})
		}, []string{"2"}, "", []string{"2"}},
		"one is about to be deleted, with its own name": {func(s *gitlabsim.Server) {
			s.AddProject(gitlabsim.Project{ID: 1, Path: "acme/p1", MarkedForDeletion: true, Settings: turnedOff()})
		}, []string{"2"}, "", []string{"2"}},
		"one is turned on": {func(s *gitlabsim.Server) { s.SetSettings(1, gitlabsim.SentryLink(sentryURL)) },
			[]string{"1", "2"}, "", []string{"2"}},
		"one has another backend": {func(s *gitlabsim.Server) { s.SetSettings(1, linkedAndIntegrated) },
			[]string{"1", "2"}, "", []string{"1", "2"}},
		"one that was as configured has another backend": {func(s *gitlabsim.Server) {
			s.SetSettings(3, &gitlabsim.Settings{Active: true, Integrated: true})
		}, []string{"1", "2"}, "", []string{"1", "2"}},
		"one more appears": {func(s *gitlabsim.Server) {
			s.AddProject(gitlabsim.Project{ID: 4, Path: "acme/p4", Settings: turnedOff()})
		}, []string{"1", "2"}, "", []string{"1", "2", "4"}},
		"one is out of reach": {func(s *gitlabsim.Server) {
			s.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: map[int64]gitlabsim.Role{1: gitlabsim.Developer}, Scopes: []string{"api"}})
		}, []string{"1", "2"}, "acme/p1", []string{"2"}},
		"another takes the path of one": {func(s *gitlabsim.Server) {
			s.MoveProject(1, "acme/site")
			s.AddProject(gitlabsim.Project{ID: 4, Path: "acme/p1", Settings: turnedOff()})
		}, []string{"1", "2"}, "", []string{"1", "2", "4"}},
		"one loses its Sentry link": {func(s *gitlabsim.Server) { s.SetSettings(1, &gitlabsim.Settings{}) },
			[]string{"1", "2"}, "acme/p1", []string{"2"}},
	} {
		inconsistent := []string{"inconsistent", "bug in the provider", "tainted"}
		config := groupSettings("acme", "active = true", `exclude = ["acme/out"]`)
		story(t, name+", before an update", config, linked(3), func(g *fakeGitLab, w *workspace) {
			w.apply().ok()
			g.turnOff(1, 2)
			w.run("plan", "-out=saved.tfplan").ok()
			c.meanwhile(g.sim)
			out := w.run("apply", "saved.tfplan").saysNot(inconsistent...).writes(turnedOn(c.updated)...)
			switch {
			case c.fails != "":
				out.fails().says("1 of 2 projects could not be set", c.fails)
			case len(c.updated) == 1:
				out.says("Projects have left group acme since the plan", "acme/p1")
				fallthrough
			default:
				out.ok()
			}
			w.apply().ok().saysNot("tainted")
			w.run("plan", "-detailed-exitcode").ok()
		})
		story(t, name+", before a create", config, append(off(2), linked(3)[2]), func(g *fakeGitLab, w *workspace) {
			w.run("plan", "-out=saved.tfplan").ok()
			c.meanwhile(g.sim)
			w.run("apply", "saved.tfplan").ok().saysNot(inconsistent...).writes(turnedOn(c.created)...)
			w.apply().ok().saysNot("tainted")
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

func TestAGroupOfWhichSomethingIsKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	later := func(value string) string {
		return "resource \"terraform_data\" \"later\" {\n  input = " + value + "\n}\n"
	}
	plain := groupSettings("acme", "active = true")
	for name, c := range map[string]struct{ before, value, after string }{
		"exclude":             {plain, `["acme/p1"]`, "active = true\n  exclude = terraform_data.later.output"},
		"a path in exclude":   {plain, `"acme/p1"`, "active = true\n  exclude = [terraform_data.later.output]"},
		"active":              {plain, "true", "active = terraform_data.later.output"},
		"integrated":          {plain, "false", "active = true\n  integrated = terraform_data.later.output"},
		"include_subgroups":   {plain, "true", "active = true\n  include_subgroups = terraform_data.later.output"},
		"a scope that shifts": {groupSettings("acme", "active = true", `exclude = ["acme/p2"]`), `["acme/p1"]`, "active = true\n  exclude = terraform_data.later.output"},
	} {
		story(t, name, later(c.value)+groupSettings("acme", c.after), off(3), func(g *fakeGitLab, w *workspace) {
			w.run("plan").ok().asked()
			w.apply().ok().saysNot("inconsistent")
			w.run("plan", "-detailed-exitcode").ok()
			w.run("destroy", "-auto-approve").ok()
			w.with(c.before).apply().ok()
			g.turnOff(3)
			w.with(later(c.value) + groupSettings("acme", c.after)).apply().ok().saysNot("inconsistent").says("1 changed")
			g.has(w.t, 3, *gitlabsim.SentryLink(sentryURL))
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
	story(t, "the group, and the provider", "", off(2), func(g *fakeGitLab, w *workspace) {
		for _, config := range []string{
			g.config(later(`"acme"`) + strings.Replace(plain, `"acme"`, "terraform_data.later.output", 1)),
			later(strconv.Quote(g.url)) + strings.Replace(g.config(plain), strconv.Quote(g.url), "terraform_data.later.output", 1),
		} {
			g.turnOff(1, 2)
			w.write(config)
			w.run("plan").ok().asked()
			w.apply().ok().writes(patch("1", bodyOn), patch("2", bodyOn))
			w.run("plan", "-detailed-exitcode").ok()
			w.run("destroy", "-auto-approve").ok()
		}
	})
	story(t, "its projects, which come with another block", settingsNamed("maker", "1", "active = true")+
		groupSettings("acme", "active = true", `exclude = ["acme/p1"]`, "depends_on = [errortracking_settings.maker]"), off(2), func(g *fakeGitLab, w *workspace) {
		// Writing project 1 stands for what makes project 3.
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1/", Times: 1, Effect: gitlabsim.Then(func() {
			g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/p3", Settings: turnedOff()})
		})})
		w.apply().ok().says("2 added").writes(patch("1", bodyOn), patch("2", bodyOn), patch("3", bodyOn))
		w.run("plan", "-detailed-exitcode").ok()
	})
}
