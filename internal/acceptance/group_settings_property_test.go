package acceptance_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const groupSeeds = 12

// groupWorld is a group, a block for it and one for one of its projects, which
// all change at random.
type groupWorld struct {
	world
	root     string                      // the path of the group, whose id is 7
	projects map[int64]gitlabsim.Project // without settings, which GitLab has
	last     int64
	scope    gitlab.Scope // with the name in the configuration
	update   gitlab.SettingsUpdate
	managed  bool
	applied  bool  // the state is as configured
	single   int64 // the project of the other block; 0 for none
	wish     gitlab.SettingsUpdate
}

func (w *groupWorld) somePath(id int64) string {
	groups := []string{w.root, w.root + "/a", w.root + "/a/b", w.root + "/ab", w.root, "other"}
	return fmt.Sprintf("%s/p%d-%d", groups[w.random.IntN(len(groups))], id, w.random.IntN(100))
}

func (w *groupWorld) add() {
	w.last++
	p := gitlabsim.Project{ID: w.last, Path: w.somePath(w.last), Archived: w.chance(10), MarkedForDeletion: w.chance(5)}
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
	if w.chance(10) {
		from := w.root
		w.root = fmt.Sprintf("acme%d", w.random.IntN(1000))
		w.sim.MoveGroup(7, w.root)
		for id, p := range w.projects {
			if below, found := strings.CutPrefix(p.Path, from+"/"); found {
				p.Path = w.root + "/" + below
				w.projects[id] = p
			}
		}
	}
}

// rewishGroup changes the configuration.
func (w *groupWorld) rewishGroup() {
	// A former path leads to the group only once the state has its id.
	if w.managed = !w.chance(10); !w.applied || w.chance(10) {
		w.scope.Group = []string{w.root, strings.ToUpper(w.root), "7"}[w.random.IntN(3)]
	}
	if w.chance(40) {
		w.update = w.someUpdate()
	}
	if w.chance(30) {
		w.scope.Subgroups = w.chance(70)
	}
	if w.chance(40) {
		w.scope.Exclude = nil
		for id, p := range w.projects {
			if w.chance(15) {
				entries := []string{p.Path, strings.ToUpper(p.Path), fmt.Sprint(id), "**/p" + fmt.Sprint(id) + "-*", w.root + "/*/p" + fmt.Sprint(id) + "-?"}
				w.scope.Exclude = append(w.scope.Exclude, entries[w.random.IntN(len(entries))])
			}
		}
		if w.chance(30) {
			w.scope.Exclude = append(w.scope.Exclude, []string{w.root + "/A", w.root + "/{a,c}", "**/b", "99999"}[w.random.IntN(4)])
		}
	}
	if _, there := w.projects[w.single]; w.chance(30) || !there {
		w.single = 0
		for id := range w.projects {
			if s, _ := w.sim.Settings(id); w.chance(20) && !refuses(s, w.update) {
				w.single, w.wish = id, w.update
				if w.chance(30) {
					w.wish = w.someUpdate()
				}
			}
		}
	}
}

func (w *groupWorld) someUpdate() gitlab.SettingsUpdate {
	update := gitlab.SettingsUpdate{Active: w.chance(70)}
	if w.chance(60) {
		update.Integrated = new(w.chance(60))
	}
	return update
}

// covers reports whether the block is about the project.
func (w *groupWorld) covers(p gitlabsim.Project) bool {
	rest, within := strings.CutPrefix(p.Path, w.root+"/")
	return w.managed && within && !p.Archived && !p.MarkedForDeletion && (w.scope.Subgroups || !strings.Contains(rest, "/")) &&
		!w.scope.Exclude.Exclude(gitlab.Project{ID: p.ID, Path: p.Path})
}

// contradicts reports whether the two blocks cannot both be fulfilled.
func (w *groupWorld) contradicts() bool {
	mine, other := w.update.Integrated, w.wish.Integrated
	return w.single != 0 && w.covers(w.projects[w.single]) &&
		(w.update.Active != w.wish.Active || mine != nil && other != nil && *mine != *other)
}

func (w *groupWorld) block() string {
	var blocks string
	if w.managed {
		arguments := append(updateArguments(w.update), fmt.Sprintf("include_subgroups = %t", w.scope.Subgroups))
		if w.scope.Exclude != nil {
			arguments = append(arguments, `exclude = ["`+strings.Join(w.scope.Exclude, `", "`)+`"]`)
		}
		blocks = groupSettings(w.scope.Group, arguments...)
	}
	if w.single != 0 {
		blocks += settingsNamed(fmt.Sprintf("p%d", w.single), fmt.Sprint(w.single), updateArguments(w.wish)...)
	}
	return w.fakeGitLab.config(blocks)
}

// check compares GitLab with what it had before an apply. What cannot be turned
// on stays as it is, without an error, unless a block names it.
func (w *groupWorld) check(t *testing.T, out *outcome, before map[int64]gitlabsim.Settings) {
	t.Helper()
	refused := w.single != 0 && refuses(before[w.single], w.wish)
	// The group may come first, and make possible what the other block wants.
	lucky := refused && w.covers(w.projects[w.single]) && !refuses(before[w.single], w.update)
	if possible := !w.contradicts() && !refused; possible != (out.code == 0) && !lucky {
		t.Errorf("exit code %d, but the configuration is possible: %t\n%s", out.code, possible, out.output)
	}
	for id, p := range w.projects {
		got, _ := w.sim.Settings(id)
		want := before[id]
		if w.covers(p) && !refuses(before[id], w.update) {
			want = changed(want, w.update)
		}
		half := want
		if id == w.single {
			want = changed(want, w.wish)
		}
		if got != want && (out.code == 0 || got != before[id] && got != half) {
			t.Errorf("project %d at %s had %+v and has %+v, want %+v", id, p.Path, before[id], got, want)
		}
	}
}

func TestAfterEachSuccessfulApplyAGroupIsAsConfigured(t *testing.T) {
	t.Parallel()
	for seed := range uint64(groupSeeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t)
			g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
			w := &groupWorld{world: world{fakeGitLab: g, random: rand.New(rand.NewPCG(seed, 1+*faultSeed))}, root: "acme", projects: map[int64]gitlabsim.Project{}}
			space := g.newWorkspace(t, g.config(""))
			for step := range 15 {
				w.happen()
				w.rewishGroup()
				space.write(w.block())
				before := map[int64]gitlabsim.Settings{}
				for id := range w.projects {
					before[id], _ = w.sim.Settings(id)
				}
				out := space.run("plan", "-out=saved.tfplan")
				if out.code == 0 && w.chance(30) {
					out = space.run("apply", "saved.tfplan")
				} else {
					out = space.apply()
				}
				out.saysNot("inconsistent", "tainted", "is managed twice")
				w.check(t, out, before)
				w.applied = w.managed && out.code == 0
				if out.code == 0 {
					space.run("plan", "-detailed-exitcode").ok()
				}
				if t.Failed() {
					t.Fatalf("at step %d with\n%s", step, w.block())
				}
			}
		})
	}
}
