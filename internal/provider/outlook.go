package provider

import (
	"iter"
	"slices"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// sight is what a plan sees of a project.
type sight struct {
	Active, Integrated bool
	// Configured says that the project has a record of settings, Linked that it
	// has a Sentry link.
	Configured, Linked bool
}

// outlook is what a plan foresees, as the names of projects.
type outlook struct {
	// differing will be changed.
	differing []string
	// turnedOff and switched were in use before: their error tracking is turned
	// off, or gets another backend.
	turnedOff, switched []string
	// unconfigured and unlinked cannot be turned on: they have no record, which
	// GitLab's API can create for the integrated backend only, or no Sentry link.
	unconfigured, unlinked []string
}

// foresee tells what sending update to these projects will do.
func foresee(update gitlab.SettingsUpdate, projects iter.Seq2[string, sight]) (o outlook) {
	for name, now := range projects {
		integrated := now.Integrated
		if update.Integrated != nil {
			integrated = *update.Integrated
		}
		switch {
		case update.Active == now.Active && integrated == now.Integrated:
			continue
		case update.Active && !integrated && !now.Configured:
			o.unconfigured = append(o.unconfigured, name)
		case update.Active && !integrated && !now.Linked:
			o.unlinked = append(o.unlinked, name)
		default:
			o.differing = append(o.differing, name)
		}
		switch {
		case !now.Active:
		case !update.Active:
			o.turnedOff = append(o.turnedOff, name)
		case integrated != now.Integrated:
			o.switched = append(o.switched, name)
		}
	}
	for _, names := range [][]string{o.differing, o.turnedOff, o.switched, o.unconfigured, o.unlinked} {
		slices.Sort(names)
	}
	return o
}

// overwrites says what a configuration does to a project that is in use; "" if
// it leaves that alone.
func (o outlook) overwrites(update gitlab.SettingsUpdate) string {
	switch {
	case o.turnedOff != nil:
		return "turns it off"
	case o.switched != nil && *update.Integrated:
		return "switches it to the integrated backend"
	case o.switched != nil:
		return "switches it to Sentry"
	}
	return ""
}

// withoutBackend returns the projects that cannot be turned on yet.
func (o outlook) withoutBackend() []string {
	names := slices.Concat(o.unconfigured, o.unlinked)
	slices.Sort(names)
	return names
}
