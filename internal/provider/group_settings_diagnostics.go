package provider

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// warnOfInaccessible is one warning for all projects left out by a walk.
func warnOfInaccessible(group string, projects []gitlab.Project, diags *diag.Diagnostics) {
	var paths []string
	for _, p := range projects {
		paths = append(paths, p.Path)
	}
	if paths == nil {
		return
	}
	diags.AddAttributeWarning(path.Root("group"),
		"The token cannot read the error tracking settings of some projects in group "+group,
		"Error Tracking settings need the Maintainer role, or higher, in each project, and a fine-grained token must have been created for it. They are left as they are, and are not in the attribute projects. Left out: "+several(paths)+".")
}

func several(paths []string) string {
	const named = 20
	text := strings.Join(paths[:min(named, len(paths))], ", ")
	if len(paths) > named {
		text += fmt.Sprintf(", and %d more", len(paths)-named)
	}
	return text
}

func projectsLeft(group string, paths []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("group"), "Projects have left group "+group,
		"They are no longer among the projects that this resource is about: moved, archived, being deleted, deleted, or hidden from the token. "+
			"Nothing is changed in them, and what uses the attribute projects, such as a for_each, loses them: "+several(paths)+".")
}

func projectsLeftSincePlan(group string, paths []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("group"), "Projects have left group "+group+" since the plan",
		"They were to be changed, and are left as they are. The next refresh removes them from the state: "+several(paths)+".")
}

func unfitEntries(group string, entries []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("exclude"), "Entries of exclude fit no project of group "+group,
		"Is it a typo, or has the project been renamed, archived or deleted? A renamed project is no longer excluded by its former path. These entries exclude nothing: "+several(entries)+".")
}

// projectsWillChange says what a walk has found to differ, in words that are
// true before and after the apply.
func projectsWillChange(group string, projects int, o outlook) diag.Diagnostic {
	text := fmt.Sprintf("When Terraform checked, %d of %d projects differed from this configuration.", len(o.differing), projects)
	if o.turnedOff != nil {
		text += fmt.Sprintf("\n\nError tracking was in use in %d that it turns off: %s.", len(o.turnedOff), several(o.turnedOff))
	}
	if o.switched != nil {
		text += fmt.Sprintf("\n\nError tracking was in use in %d whose backend it changes: %s.", len(o.switched), several(o.switched))
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("group"), "Projects in group "+group+" had other error tracking settings",
		text+" To leave projects as they are, add them to exclude.")
}

// projectsWithoutBackend warns of projects that are left as they are, because
// GitLab would refuse to turn them on. unmanaged says that their backends are
// not managed.
func projectsWithoutBackend(group string, paths []string, unmanaged bool) diag.Diagnostic {
	hidden := ""
	if unmanaged {
		hidden = " (" + hiddenBackend + ")"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("active"), "Some projects of group "+group+" cannot be turned on yet",
		"They never had Error Tracking settings, or have no Sentry link, and are left as they are until they have a backend: "+several(paths)+". "+
			"To turn them on, "+sentryLinkWay+", or "+integratedWay+". To silence this, add them to exclude."+hidden)
}

// projectsFailed is one error for all projects that could not be written: what
// ended the writes once, then the first of the others in full, and the rest by
// cause.
func (c *connection) projectsFailed(group string, planned int, failed []groupWrite, end *groupWrite) diag.Diagnostic {
	inFull := 10
	var notDone []string
	causes := map[string][]string{}
	text := []string{fmt.Sprintf("%d of %d projects could not be set as configured; the next apply goes on with them.", len(failed), planned)}
	for _, w := range failed {
		failure, ok := errors.AsType[*gitlab.Error](w.err)
		switch {
		case gitlab.ConcernsAll(w.err):
			notDone = append(notDone, w.path)
		case inFull > 0:
			// A new connection has told nothing yet.
			p := new(connection).cannotSet(w.path, w.err)
			text = append(text, p.Summary()+"\n"+p.Detail())
			inFull--
		case ok:
			causes[string(failure.Kind)] = append(causes[string(failure.Kind)], w.path)
		default:
			causes[w.err.Error()] = append(causes[w.err.Error()], w.path)
		}
	}
	if end != nil {
		text = slices.Insert(text, 1, c.explain(end.err),
			fmt.Sprintf("No further change was begun after this answer for %s. Not done: %s.", end.path, several(notDone)))
	}
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		text = append(text, several(causes[cause])+": "+cause+".")
	}
	return newProblem("group", "Cannot set error tracking for some projects of group "+group, text...)
}
