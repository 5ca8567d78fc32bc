package provider_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// groupWorld is a group and its block, which both change at random.
type groupWorld struct {
	world
	projects map[int64]gitlabsim.Project // without settings, which GitLab has
	last     int64
	scope    gitlab.Scope
	update   gitlab.SettingsUpdate
	managed  bool
}

func (w *groupWorld) somePath(id int64) string {
	groups := []string{"acme", "acme/a", "acme/a/b", "acme/ab", "acme", "other"}
	return fmt.Sprintf("%s/p%d-%d", groups[w.random.IntN(len(groups))], id, w.random.IntN(100))
}

func (w *groupWorld) add() {
	w.last++
	p := gitlabsim.Project{ID: w.last, Path: w.somePath(w.last), Archived: w.chance(10)}
	w.projects[p.ID] = p
	p.Settings = w.someSettings()
	w.sim.AddProject(p)
}

// happen changes GitLab.
func (w *groupWorld) happen() {
	for len(w.projects) < 8 || w.chance(30) {
		w.add()
	}
	for id, p := range w.projects {
		switch {
		case w.chance(15):
			w.sim.SetSettings(id, w.someSettings())
		case w.chance(8):
			p.Path = w.somePath(id)
			w.sim.MoveProject(id, p.Path)
			w.projects[id] = p
		case w.chance(5):
			w.sim.RemoveProject(id)
			delete(w.projects, id)
		case w.chance(6):
			p.Archived = !p.Archived
			w.projects[id] = p
			if s, ok := w.sim.Settings(id); ok {
				p.Settings = &s
			}
			w.sim.AddProject(p)
		}
	}
}

// rewishGroup changes the configuration. What cannot be turned on is mostly
// excluded, as the error says.
func (w *groupWorld) rewishGroup() {
	w.managed = !w.chance(10)
	if w.chance(40) {
		w.update = gitlab.SettingsUpdate{Active: w.chance(70)}
		if w.chance(60) {
			w.update.Integrated = new(w.chance(60))
		}
	}
	if w.chance(30) {
		w.scope.Subgroups = w.chance(70)
	}
	if w.chance(40) {
		w.scope.Exclude = nil
		for _, p := range w.projects {
			if w.chance(15) {
				w.scope.Exclude = append(w.scope.Exclude, strings.ToUpper(p.Path))
			}
		}
		if w.chance(30) {
			w.scope.Exclude = append(w.scope.Exclude, "acme/A")
		}
	}
	if w.chance(80) {
		for id, p := range w.projects {
			if w.covers(p) && w.cannot(id) {
				w.scope.Exclude = append(w.scope.Exclude, p.Path)
			}
		}
	}
}

// covers reports whether the block is about the project.
func (w *groupWorld) covers(p gitlabsim.Project) bool {
	rest, within := strings.CutPrefix(p.Path, "acme/")
	return w.managed && within && !p.Archived && (w.scope.Subgroups || !strings.Contains(rest, "/")) && !w.scope.Excludes(p.Path)
}

// cannot reports whether GitLab refuses the block's settings for a project.
func (w *groupWorld) cannot(id int64) bool {
	s, _ := w.sim.Settings(id)
	integrated := s.Integrated
	if w.update.Integrated != nil {
		integrated = *w.update.Integrated
	}
	return w.update.Active && !integrated && s.APIURL == ""
}

func (w *groupWorld) block() string {
	if !w.managed {
		return w.fakeGitLab.config("")
	}
	arguments := []string{fmt.Sprintf("active = %t", w.update.Active), fmt.Sprintf("include_subgroups = %t", w.scope.Subgroups)}
	if w.update.Integrated != nil {
		arguments = append(arguments, fmt.Sprintf("integrated = %t", *w.update.Integrated))
	}
	if w.scope.Exclude != nil {
		arguments = append(arguments, `exclude = ["`+strings.Join(w.scope.Exclude, `", "`)+`"]`)
	}
	return w.fakeGitLab.config(groupSettings("acme", arguments...))
}

// check compares GitLab with what it had before an apply.
func (w *groupWorld) check(t *testing.T, out *outcome, before map[int64]gitlabsim.Settings) (possible bool) {
	t.Helper()
	possible = true
	for id, p := range w.projects {
		got, _ := w.sim.Settings(id)
		want := before[id]
		if w.covers(p) {
			possible = possible && !w.cannot(id)
			want.Active = w.update.Active
			if w.update.Integrated != nil {
				want.Integrated = *w.update.Integrated
			}
		}
		if got != want && (out.code == 0 || got != before[id]) {
			t.Errorf("project %d at %s had %+v and has %+v, want %+v", id, p.Path, before[id], got, want)
		}
	}
	return possible
}

func TestAfterEachSuccessfulApplyAGroupIsAsConfigured(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t)
			g.sim.AddGroup(gitlabsim.Group{ID: 1, Path: "acme"})
			w := &groupWorld{world: world{fakeGitLab: g, random: rand.New(rand.NewPCG(seed, 1))}, projects: map[int64]gitlabsim.Project{}}
			space := g.newWorkspace(t, g.config(""))
			failed := 0
			for step := range 15 {
				w.happen()
				w.rewishGroup()
				space.write(w.block())
				before := map[int64]gitlabsim.Settings{}
				for id := range w.projects {
					before[id], _ = w.sim.Settings(id)
				}
				saved := w.chance(30)
				var out *outcome
				if saved {
					if out = space.run("plan", "-out=saved.tfplan"); out.code == 0 {
						out = space.run("apply", "saved.tfplan")
					}
				} else {
					out = space.apply()
				}
				out.saysNot("inconsistent", "bug in the provider", "tainted", "is managed twice")
				if possible := w.check(t, out, before); possible != (out.code == 0) {
					t.Errorf("exit code %d, but the configuration is possible: %t\n%s", out.code, possible, out.output)
				}
				if out.code == 0 {
					space.run("plan", "-detailed-exitcode").ok()
				} else {
					failed++
				}
				if t.Failed() {
					t.Fatalf("at step %d with\n%s", step, w.block())
				}
			}
			t.Logf("%d of 15 applies failed, as they had to", failed)
		})
	}
}
