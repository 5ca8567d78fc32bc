package provider

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// groupSurvey is what a walk over a group has found.
type groupSurvey struct {
	groupID  int64
	projects groupProjects
	note     groupNote
}

// groupNote is what a plan needs to know of a group besides its state.
type groupNote struct {
	// Unlinked are the ids of the projects that have no Sentry link.
	Unlinked []int64 `json:"unlinked,omitempty"`
	// Excluded are the projects that exclude leaves out.
	Excluded []gitlab.Project `json:"excluded,omitempty"`
	// Inaccessible are the projects that the token cannot read.
	Inaccessible []gitlab.Project `json:"inaccessible,omitempty"`
}

// noneReadableError says that a token may read none of a group's projects.
type noneReadableError struct {
	projects int
	first    error
}

func (e *noneReadableError) Error() string {
	return fmt.Sprintf("none of %d projects can be read: %s", e.projects, e.first)
}

func (e *noneReadableError) Unwrap() error { return e.first }

// survey looks up the group, if need be, and walks over it.
func (r *groupSettingsResource) survey(ctx context.Context, s *groupScope) (groupSurvey, error) {
	if err := r.complete(ctx, s.managed()); err != nil {
		return groupSurvey{}, err
	}
	walked, err := r.client.Survey(ctx, s.scope())
	if err != nil {
		return groupSurvey{}, err
	}
	found := groupSurvey{groupID: s.GroupID.ValueInt64(), projects: groupProjects{}, note: groupNote{Excluded: walked.Excluded}}
	var first error
	for _, p := range walked.Projects {
		if p.Unreadable != nil {
			first = cmp.Or(first, p.Unreadable)
			found.note.Inaccessible = append(found.note.Inaccessible, p.Project)
			continue
		}
		if !p.Linked {
			found.note.Unlinked = append(found.note.Unlinked, p.ID)
		}
		found.projects[p.Path] = groupProject{p.ID, newWritableSettings(p.Settings)}
	}
	if n := len(found.note.Inaccessible); n > 0 && len(found.projects) == 0 {
		return groupSurvey{}, &noneReadableError{n, first}
	}
	return found, nil
}

// missing returns the paths of projects that the group had before, and that are
// not listed any more.
func (s groupSurvey) missing(before groupProjects) []string {
	listed := map[int64]bool{}
	for _, p := range s.projects {
		listed[p.ProjectID] = true
	}
	for _, p := range s.note.Inaccessible {
		listed[p.ID] = true
	}
	return before.paths(func(p groupProject) bool { return !listed[p.ProjectID] })
}

// paths returns the paths of some projects, in order.
func (p groupProjects) paths(some func(groupProject) bool) (paths []string) {
	for path, project := range p {
		if some(project) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// settings returns what the projects have. Those that never had settings have no
// link either.
func (p groupProjects) settings(note groupNote) iter.Seq2[string, gitlab.Settings] {
	unlinked := map[int64]bool{}
	for _, id := range note.Unlinked {
		unlinked[id] = true
	}
	return func(yield func(string, gitlab.Settings) bool) {
		for path, project := range p {
			now, linked := project.settings(), !unlinked[project.ProjectID]
			now.Configured, now.Linked = linked, linked
			if !yield(path, now) {
				return
			}
		}
	}
}

// applied returns what the projects that are still in scope are to have, and
// what changes. Those that cannot be turned on stay as they are.
func (s writableSettings) applied(scope gitlab.Scope, projects groupProjects, note groupNote) (groupProjects, outlook) {
	after := groupProjects{}
	for path, p := range projects {
		if !scope.Exclude.Exclude(gitlab.Project{ID: p.ProjectID, Path: path}) {
			after[path] = p
		}
	}
	update := s.settingsUpdate(s)
	o := foresee(update, after.settings(note))
	for _, path := range o.differing {
		p := after[path]
		after[path] = groupProject{p.ProjectID, newWritableSettings(update.ApplyTo(p.settings()))}
	}
	return after, o
}

// key names what a survey is about, as it is planned: the id may not be known.
func (s groupScope) key() string {
	return fmt.Sprint(s.GroupID, s.Group, s.IncludeSubgroups, s.Exclude)
}
