package acceptance_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	propertyProjects    = 4
	propertySteps       = 6
	propertySeeds       = 200
	propertyMisfortunes = 5 // which wait for retries
)

// wish is what the configuration says about one project.
type wish struct {
	reference  string
	active     bool
	integrated *bool
	onDestroy  string
}

func (w wish) block(id int64) string {
	arguments := []string{fmt.Sprintf("active = %t", w.active), fmt.Sprintf("on_destroy = %q", w.onDestroy)}
	if w.integrated != nil {
		arguments = append(arguments, fmt.Sprintf("integrated = %t", *w.integrated))
	}
	return settingsNamed(fmt.Sprintf("p%d", id), w.reference, arguments...)
}

// world is a GitLab and a configuration that both change at random.
type world struct {
	*fakeGitLab
	random *rand.Rand
	flag   bool
	paths  map[int64][]string // every path that a project had; the last is current
	wishes map[int64]wish
}

func (w *world) chance(percent int) bool { return w.random.IntN(100) < percent }

// someSettings returns a record that a project may come to have, or nil.
func (w *world) someSettings() *gitlabsim.Settings {
	s := gitlabsim.SentryLink(sentryURL)
	if w.chance(30) {
		s = &gitlabsim.Settings{Active: true, Integrated: true}
	}
	if w.chance(40) {
		s.Integrated = !s.Integrated
	}
	// GitLab's model does not accept active without a backend.
	if w.chance(50) || s.APIURL == "" && !s.Integrated {
		s.Active = false
	}
	if w.chance(15) {
		return nil
	}
	return s
}

// step changes the world before the next apply.
func (w *world) step() {
	if w.chance(15) {
		w.flag = !w.flag
		w.sim.SetIntegratedErrorTracking(w.flag)
	}
	for id := int64(1); id <= propertyProjects; id++ {
		if w.chance(20) {
			w.sim.SetSettings(id, w.someSettings())
		}
		if w.chance(10) {
			path := fmt.Sprintf("acme/p%d-%d", id, len(w.paths[id]))
			w.sim.MoveProject(id, path)
			w.paths[id] = append(w.paths[id], path)
		}
		// Whoever reads the error soon corrects the configuration.
		if w.chance(40) || w.impossible(id) && w.chance(80) {
			w.rewish(id)
		}
	}
}

// rewish changes what the configuration says about a project.
func (w *world) rewish(id int64) {
	if w.chance(25) {
		delete(w.wishes, id)
		return
	}
	references := append([]string{fmt.Sprint(id)}, w.paths[id]...)
	next := wish{
		reference: references[w.random.IntN(len(references))],
		active:    w.chance(60),
		onDestroy: []string{"disable", "keep", "restore"}[w.random.IntN(3)],
	}
	// Mostly what GitLab can do; the rest must fail, and leave no trace.
	if stored, ok := w.sim.Settings(id); w.chance(90) {
		switch {
		case w.flag && w.chance(50):
			next.integrated = new(true)
		case !ok || stored.APIURL == "":
			next.active = false
		case w.chance(50):
			next.integrated = new(false)
		}
	} else if w.chance(50) {
		next.integrated = new(w.chance(50))
	}
	w.wishes[id] = next
}

func (w *world) config() string {
	var text strings.Builder
	text.WriteString(w.persistent(""))
	for id := int64(1); id <= propertyProjects; id++ {
		if wish, ok := w.wishes[id]; ok {
			text.WriteString(wish.block(id))
		}
	}
	return text.String()
}

// TestAfterEachSuccessfulApplyGitLabIsAsConfigured changes configuration and
// settings, renames projects and switches the feature flag, all at random. With
// some seeds, connections break as well.
func TestAfterEachSuccessfulApplyGitLabIsAsConfigured(t *testing.T) {
	t.Parallel()
	m := newMisfortune(t)
	seeds := propertySeeds
	if allReal() {
		seeds = 5
	}
	var succeeded counter
	t.Cleanup(func() {
		if n := succeeded.n.Load(); n < int64(seeds*propertySteps/5) {
			t.Errorf("%d applies succeeded: too few to say anything", n)
		}
	})
	for i := range uint64(seeds) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			w := &world{
				fakeGitLab: newGitLab(t), flag: true,
				random: rand.New(rand.NewPCG(m.seed, i)),
				paths:  map[int64][]string{}, wishes: map[int64]wish{},
			}
			for id := int64(1); id <= propertyProjects; id++ {
				w.paths[id] = []string{fmt.Sprintf("acme/p%d", id)}
				w.sim.AddProject(gitlabsim.Project{ID: id, Path: w.paths[id][0], Settings: w.someSettings()})
			}
			succeeded.add(w.live(t, i < propertyMisfortunes, m))
		})
	}
}

// live takes the steps and counts the applies that succeed.
func (w *world) live(t *testing.T, unlucky bool, m *misfortune) (succeeded int64) {
	t.Helper()
	space := w.newWorkspace(t, w.config())
	for step := range propertySteps {
		w.step()
		if unlucky && w.chance(50) {
			w.sim.AddFault(m.fault())
		}
		space.write(w.config())
		out := space.apply().saysNot("inconsistent", "panic")
		w.sim.ClearFaults()
		if out.code != 0 {
			w.mayFail(t, step, out)
			continue
		}
		succeeded++
		w.checkGitLab(t, step)
		w.checkState(t, step, space)
		space.run("plan", "-detailed-exitcode").ok()
		if t.Failed() {
			t.Fatalf("step %d: %s", step, out.output)
		}
	}
	return succeeded
}

// mayFail wants a cause for a failed apply: a wish that GitLab cannot fulfil.
func (w *world) mayFail(t *testing.T, step int, out *outcome) {
	t.Helper()
	for id := range w.wishes {
		if w.impossible(id) {
			return
		}
	}
	t.Errorf("step %d fails for no reason:\n%s", step, out.output)
}

// impossible reports whether GitLab cannot fulfil the wish for a project.
func (w *world) impossible(id int64) bool {
	wish, wanted := w.wishes[id]
	stored, ok := w.sim.Settings(id)
	integrated := stored.Integrated
	if wish.integrated != nil {
		integrated = *wish.integrated
	}
	return wanted && (wish.integrated != nil && *wish.integrated && !w.flag ||
		wish.active && !integrated && (!ok || stored.APIURL == ""))
}

func (w *world) checkGitLab(t *testing.T, step int) {
	t.Helper()
	for id, wish := range w.wishes {
		stored, _ := w.sim.Settings(id)
		if stored.Active != wish.active || wish.integrated != nil && (stored.Integrated && w.flag) != *wish.integrated {
			t.Errorf("step %d: GitLab has %+v for project %d, want %s", step, stored, id, wish.block(id))
		}
	}
}

// checkState wants exactly the configured resources in the state.
func (w *world) checkState(t *testing.T, step int, space *workspace) {
	t.Helper()
	var state struct {
		Resources []struct{ Mode, Name string }
	}
	if err := json.Unmarshal([]byte(space.state()), &state); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, r := range state.Resources {
		got = append(got, r.Name)
	}
	for id := range w.wishes {
		want = append(want, fmt.Sprintf("p%d", id))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("step %d: the state has %v, want %v", step, got, want)
	}
}
