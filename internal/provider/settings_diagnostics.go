package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

func describe(s gitlab.Settings) string {
	switch {
	case s.Active && s.Integrated:
		return "active with the integrated backend"
	case s.Active && s.SentryExternalURL != nil:
		return "active with Sentry at " + *s.SentryExternalURL
	case s.Active:
		return "active"
	case s.Integrated:
		return "inactive, with the integrated backend chosen"
	}
	return "inactive"
}

func noRecord(project string) diag.Diagnostic {
	return newProblem("active", "Error tracking for "+called(project)+" cannot be turned on yet",
		"The project has no Error Tracking settings, and GitLab's API can create them only for the integrated backend. There are two ways out: either "+
			sentryLinkWay+", and apply again; or "+integratedWay+". (Until then, terraform destroy needs -refresh=false.)")
}

// missingSentryLink warns that GitLab will refuse the change. If integrated is
// not configured, this is only likely: a flag that is off hides a stored one.
func (c *connection) missingSentryLink(project string, managesIntegrated bool) diag.Diagnostic {
	likely, unless := "", ""
	if !managesIntegrated {
		likely, unless = "most likely ", " ("+hiddenBackend+")"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("active"),
		c.summaries.of("The Sentry link of … seems to be missing", called(project), "The Sentry links of more projects seem to be missing"),
		"active = true without integrated = true needs a Sentry link. GitLab shows none for this project, and will "+likely+"refuse the change. Either "+
			sentryLinkWay+", or "+integratedWay+"."+unless)
}

// cannotSet reports what kept a write from taking effect.
func (c *connection) cannotSet(project string, err error) diag.Diagnostic {
	other, _ := errors.AsType[*notTakenError](err)
	switch {
	case other != nil:
		return notTaken(project, other)
	case errors.Is(err, errContradicted):
		return newProblem("project", "Project "+project+" is managed twice",
			"Another resource has written other settings of this project in this run. GitLab has one record for each project, so the two would overwrite each other in every apply. "+
				"Let both want the same, remove one, or exclude the project from the group.")
	case errors.Is(err, gitlab.ErrSettingsNotFound):
		return noRecord(project)
	case errors.Is(err, gitlab.ErrFlagOff):
		return cannotCreateRecord(project, flagOff+". An administrator of a self-managed GitLab can turn the flag on (Feature.enable(:integrated_error_tracking)), and then this works", err)
	case errors.Is(err, gitlab.ErrTooOldToCreate):
		return cannotCreateRecord(project, "GitLab is older than 15.10, whose API cannot", err)
	}
	return c.failed(ofProject, "set error tracking for", project, err)
}

func cannotCreateRecord(project, why string, err error) diag.Diagnostic {
	return newProblem("integrated", "Cannot turn on the integrated backend of "+called(project),
		"The project has no Error Tracking settings, and this GitLab does not let the API create them: "+why+". "+
			"Otherwise remove integrated = true and "+sentryLinkWay+".", requestOf(err))
}

func notTaken(project string, e *notTakenError) diag.Diagnostic {
	if e.now.Active != e.sent.Active || e.now.Integrated {
		return newProblem("project", "GitLab did not apply the error tracking settings of "+called(project),
			fmt.Sprintf("GitLab accepted the change, but answered that error tracking is %s. Something else may have changed it at the same time. Apply again.", describe(e.now)))
	}
	return newProblem("integrated", "GitLab does not use the integrated backend in "+called(project),
		"GitLab accepted integrated = true, but answered that error tracking is "+describe(e.now)+", with integrated = false: either "+flagOff+", or GitLab is older than 14.2. "+
			"An administrator of a self-managed GitLab can turn the flag on (Feature.enable(:integrated_error_tracking)). Otherwise set integrated = false. "+
			"(If the flag is off, GitLab has stored true anyway, and will use it once the flag is on.)")
}

// cannotDestroy reports a last change that failed. what completes "Cannot …".
func (c *connection) cannotDestroy(what, project string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot "+what+" "+called(project),
		"To stop managing the project without changing it, set on_destroy = \"keep\" and apply before destroying, or run terraform state rm.\n\n"+c.explain(err))
}

func notRestored(project, why string) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Error tracking for "+called(project)+" was not restored",
		"The original settings were not put back, and the project was left as it is. "+why)
}

func (c *connection) willNotRestore(project string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("on_destroy"),
		c.summaries.of("Error tracking for … cannot be restored later", called(project), "Error tracking for more projects cannot be restored later"),
		"The original settings were not recorded, because on_destroy was not \"restore\" when Terraform took charge of the project. Destroying will leave the project as it is.")
}
