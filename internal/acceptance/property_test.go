package acceptance_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
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
	reference string
	gitlab.SettingsUpdate
	onDestroy string
}

func (w wish) block(id int64) string {
	return settingsNamed(fmt.Sprintf("p%d", id), w.reference, append(updateArguments(w.SettingsUpdate), fmt.Sprintf("on_destroy = %q", w.onDestroy))...)
}

func updateArguments(update gitlab.SettingsUpdate) []string {
	arguments := []string{fmt.Sprintf("active = %t", update.Active)}
	if update.Integrated != nil {
		arguments = append(arguments, fmt.Sprintf("integrated = %t", *update.Integrated))
	}
	return arguments
}

func changed(s gitlabsim.Settings, update gitlab.SettingsUpdate) gitlabsim.Settings {
	s.Active = update.Active
	if update.Integrated != nil {
		s.Integrated = *update.Integrated
	}
	return s
}

// refuses reports whether GitLab refuses an update of such settings.
func refuses(s gitlabsim.Settings, update gitlab.SettingsUpdate) bool {
	return update.Active && !changed(s, update).Integrated && s.APIURL == ""
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
		references[w.random.IntN(len(references))], gitlab.SettingsUpdate{Active: w.chance(60)},
		[]string{"disable", "keep", "restore"}[w.random.IntN(3)],
	}
	// Mostly what GitLab can do; the rest must fail, and leave no trace.
	if stored, ok := w.sim.Settings(id); w.chance(90) {
		switch {
		case w.flag && w.chance(50):
			next.Integrated = new(true)
		case !ok || stored.APIURL == "":
			next.Active = false
		case w.chance(50):
			next.Integrated = new(false)
		}
	} else if w.chance(50) {
		next.Integrated = new(w.chance(50))
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
	var succeeded atomic.Int64
	t.Cleanup(func() {
		if n := succeeded.Load(); n < int64(seeds*propertySteps/5) {
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
			succeeded.Add(w.live(t, i < propertyMisfortunes, m))
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
			if !slices.ContainsFunc(slices.Collect(maps.Keys(w.wishes)), w.impossible) {
				t.Errorf("step %d fails for no reason:\n%s", step, out.output)
			}
			continue
		}
		succeeded++
		w.checkGitLab(t, step)
		space.run("plan", "-detailed-exitcode").ok() // so the state has what is configured, no more
		if t.Failed() {
			t.Fatalf("step %d: %s", step, out.output)
		}
	}
	return succeeded
}

// impossible reports whether GitLab cannot fulfil the wish for a project.
func (w *world) impossible(id int64) bool {
	wish, wanted := w.wishes[id]
	stored, _ := w.sim.Settings(id)
	return wanted && (wish.Integrated != nil && *wish.Integrated && !w.flag || refuses(stored, wish.SettingsUpdate))
}

func (w *world) checkGitLab(t *testing.T, step int) {
	t.Helper()
	for id, wish := range w.wishes {
		shown, _ := w.sim.Settings(id)
		shown.Integrated = shown.Integrated && w.flag
		if shown != changed(shown, wish.SettingsUpdate) {
			t.Errorf("step %d: GitLab has %+v for project %d, want %s", step, shown, id, wish.block(id))
		}
	}
}
