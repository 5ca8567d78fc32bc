package acceptance_test

import (
	"net/http"
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
		"one is deleted": {func(s *gitlabsim.Server) { s.RemoveProject(1) },
			[]string{"2"}, "", []string{"2"}},
		"one is archived": {func(s *gitlabsim.Server) {
			s.AddProject(gitlabsim.Project{ID: 1, Path: "acme/p1", Archived: true, Settings: turnedOff()})
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
		three := func() []gitlabsim.Project {
			projects := off(3)
			projects[2].Settings = gitlabsim.SentryLink(sentryURL)
			return projects
		}
		patches := func(ids []string) (writes []string) {
			for _, id := range ids {
				writes = append(writes, patch(id, bodyOn))
			}
			return writes
		}
		inconsistent := []string{"inconsistent", "bug in the provider", "tainted"}
		t.Run(name+", before an update", func(t *testing.T) {
			t.Parallel()
			g, w := applied(t, groupSettings("acme", "active = true", `exclude = ["acme/out"]`), linked(3)...)
			for _, id := range []int64{1, 2} {
				g.sim.SetSettings(id, turnedOff())
			}
			w.run("plan", "-out=saved.tfplan").ok()
			c.meanwhile(g.sim)
			out := w.run("apply", "saved.tfplan").saysNot(inconsistent...).writes(patches(c.updated)...)
			if c.fails == "" {
				out.ok()
				if len(c.updated) == 1 {
					out.says("Projects have left group acme since the plan", "acme/p1")
				}
			} else {
				out.fails().says("1 of 2 projects could not be set", c.fails)
			}
			settled(g, w)
		})
		t.Run(name+", before a create", func(t *testing.T) {
			t.Parallel()
			g, w := begun(t, groupSettings("acme", "active = true", `exclude = ["acme/out"]`), three()...)
			w.run("plan", "-out=saved.tfplan").ok()
			c.meanwhile(g.sim)
			out := w.run("apply", "saved.tfplan").saysNot(inconsistent...)
			out.ok().writes(patches(c.created)...)
			settled(g, w)
		})
	}
}

// settled applies until the plan is empty, at most once more, once every
// project can be turned on.
func settled(g *fakeGitLab, w *workspace) {
	w.t.Helper()
	if s, ok := g.sim.Settings(1); ok && s.APIURL == "" && !s.Integrated {
		g.sim.SetSettings(1, turnedOff())
	}
	w.apply().ok().saysNot("tainted")
	w.run("plan", "-detailed-exitcode").ok()
}

func TestAGroupWhoseScopeIsKnownOnlyAfterApply(t *testing.T) {
	t.Parallel()
	later := func(value string) string {
		return "resource \"terraform_data\" \"later\" {\n  input = " + value + "\n}\n"
	}
	for name, c := range map[string]struct{ before, value, after string }{
		"exclude":             {"active = true", `["acme/p1"]`, "active = true\n  exclude = terraform_data.later.output"},
		"a path in exclude":   {"active = true", `"acme/p1"`, "active = true\n  exclude = [terraform_data.later.output]"},
		"active":              {"active = true", "true", "active = terraform_data.later.output"},
		"integrated":          {"active = true", "false", "active = true\n  integrated = terraform_data.later.output"},
		"include_subgroups":   {"active = true", "true", "active = true\n  include_subgroups = terraform_data.later.output"},
		"a scope that shifts": {"active = true\n  exclude = [\"acme/p2\"]", `["acme/p1"]`, "active = true\n  exclude = terraform_data.later.output"},
	} {
		t.Run(name+" in a create", func(t *testing.T) {
			t.Parallel()
			_, w := begun(t, later(c.value)+groupSettings("acme", c.after), off(3)...)
			w.run("plan").ok().asked()
			w.apply().ok().saysNot("inconsistent")
			w.run("plan", "-detailed-exitcode").ok()
		})
		t.Run(name+" in an update", func(t *testing.T) {
			t.Parallel()
			g, w := applied(t, groupSettings("acme", c.before), off(3)...)
			g.sim.SetSettings(3, turnedOff())
			w.with(later(c.value) + groupSettings("acme", c.after)).apply().ok().saysNot("inconsistent").says("1 changed")
			g.has(t, 3, *gitlabsim.SentryLink(sentryURL))
			w.run("plan", "-detailed-exitcode").ok()
		})
	}
}

func TestAGroupThatDependsOnWhatMakesItsProjects(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, off(2)...)
	// Writing project 1 stands for what makes project 3.
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Path: "/projects/1/", Times: 1, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		g.sim.AddProject(gitlabsim.Project{ID: 3, Path: "acme/p3", Settings: turnedOff()})
		gitlabsim.Delay(0)(w, r, answer)
	}})
	w := g.newWorkspace(t, g.config(settingsNamed("maker", "1", "active = true")+
		groupSettings("acme", "active = true", `exclude = ["acme/p1"]`, "depends_on = [errortracking_settings.maker]")))
	w.apply().ok().says("2 added").writes(patch("1", bodyOn), patch("2", bodyOn), patch("3", bodyOn))
	w.run("plan", "-detailed-exitcode").ok()
}
