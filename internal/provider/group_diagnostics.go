package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// groupFailed reports that a walk ended early.
func (c *connection) groupFailed(group string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("group"), "Cannot read the error tracking settings of group "+group, c.explain(err))
}

// groupGone warns that a resource leaves the state with its group.
func groupGone(group string, err error) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("group"), "Group "+group+" is gone",
		"GitLab cannot find the group: it was deleted or renamed, or the token can no longer see it. (GitLab does not redirect the former path of a group; and where an IP allowlist or an external authorization denies access, it says the same.) "+
			"Terraform removes the resource from the state, and plans to create it again as long as it is configured. No project is changed by that.\n\n"+exchange(err))
}

// groupNotFoundYet warns in the plan about a group that must exist by the apply.
func groupNotFoundYet(group string, err error) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("group"), "GitLab cannot find group "+group,
		"The apply will fail unless it creates the group first. If it does, refer to an attribute of the group's resource, such as gitlab_group.example.id. "+
			"Otherwise check the id or the full path, whether the group was renamed, and that the token's user is a member of the group.\n\n"+exchange(err))
}

// inaccessibleProjects is one warning for all projects left out by a walk.
func inaccessibleProjects(group string, paths []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("group"),
		"The token cannot read the error tracking settings of some projects in group "+group,
		"Error Tracking settings need the Maintainer role, or higher, in each project, and a fine-grained token must have been created for it. Left out: "+several(paths)+".")
}

// several lists the first paths, and counts the others.
func several(paths []string) string {
	const named = 20
	text := strings.Join(paths[:min(named, len(paths))], ", ")
	if len(paths) > named {
		text += fmt.Sprintf(", and %d more", len(paths)-named)
	}
	return text
}

// projectsWillChange says what a create changes, in words that are true before
// and after it.
func projectsWillChange(group string, before, after groupProjects, changes []string) diag.Diagnostic {
	var off, switched []string
	for _, path := range changes {
		switch {
		case !before[path].Active:
		case !after[path].Active:
			off = append(off, path)
		case before[path].Integrated != after[path].Integrated:
			switched = append(switched, path)
		}
	}
	text := fmt.Sprintf("When Terraform checked, %d of %d projects differed from this configuration.", len(changes), len(after))
	if off != nil {
		text += fmt.Sprintf("\n\nError tracking was in use in %d that it turns off: %s.", len(off), several(off))
	}
	if switched != nil {
		text += fmt.Sprintf("\n\nError tracking was in use in %d whose backend it changes: %s.", len(switched), several(switched))
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("group"), "Projects in group "+group+" had other error tracking settings",
		text+" To leave projects as they are, add them to exclude.")
}

func neverConfiguredProjects(group string, paths []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("active"), "Error tracking cannot be turned on yet in some projects of group "+group,
		"They never had Error Tracking settings, and GitLab's API can create them only for the integrated backend: "+several(paths)+". There are three ways out.\n\n"+
			"Add them to exclude. Or "+sentryLinkWay+"; then apply again. Or "+integratedWay+".")
}

func missingSentryLinks(group string, paths []string, hidden bool) diag.Diagnostic {
	text := "active = true without integrated = true needs a Sentry link. GitLab shows none for these projects, and will most likely refuse the change: " + several(paths) + ". " +
		"Either add them to exclude, or " + sentryLinkWay + ", or " + integratedWay + "."
	if hidden {
		text += " (If " + flagOff + ", GitLab hides whether the integrated backend is in use; where it is, the change succeeds.)"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("active"), "Sentry links in group "+group+" seem to be missing", text)
}

// projectsFailed is one error for all projects that could not be written: the
// first ones in full, the others by cause.
func projectsFailed(group string, failures map[string]problem) diag.Diagnostic {
	const inFull = 10
	paths := slices.Sorted(maps.Keys(failures))
	var text strings.Builder
	projects := "projects"
	if len(paths) == 1 {
		projects = "project"
	}
	fmt.Fprintf(&text, "%d %s could not be set as configured; the others have been. The next apply goes on with what is left.", len(paths), projects)
	causes := map[string][]string{}
	for i, path := range paths {
		if p := failures[path]; i < inFull {
			fmt.Fprintf(&text, "\n\n%s\n%s", p.Summary(), p.Detail())
		} else {
			causes[p.cause] = append(causes[p.cause], path)
		}
	}
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		fmt.Fprintf(&text, "\n\n%s: %s", strings.Join(causes[cause], ", "), cause)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("group"), "Cannot set error tracking for some projects of group "+group, text.String())
}
