package provider

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// clientKeyFailed is failed for operations on client keys.
func (c *connection) clientKeyFailed(what, project string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("project"), "Cannot "+what+" "+called(project), c.explainKey(project, err))
}

// explainKey is explain for operations on client keys.
func (c *connection) explainKey(project string, err error) string {
	if e, ok := errors.AsType[*gitlab.Error](err); ok && e.Kind == gitlab.ErrNoRoute && strings.Contains(e.Path, "/client_keys") {
		return "GitLab does not know client keys: either it is older than 14.3, or base_url is not GitLab's own URL.\n\n" + exchange(err)
	}
	if inDoubt, ok := errors.AsType[*gitlab.InDoubtError](err); ok {
		return c.explain(err) + "\n\n" + keyInDoubt(project, inDoubt)
	}
	return c.explain(err)
}

// keyInDoubt says what to do about a key that may exist.
func keyInDoubt(project string, e *gitlab.InDoubtError) string {
	why := "no new key had appeared when Terraform stopped looking."
	if e.Look != nil {
		why = "its keys could not be listed afterwards: " + explainInFull(e.Look)
	}
	return fmt.Sprintf("GitLab may still have created a key in %s, which would not be in any state; %s\n\n"+
		"Before the next apply, list the project's keys, for example with the data source errortracking_client_keys. "+
		"Take over a key that nothing uses with terraform import ADDRESS %s:KEY_ID.", called(project), why, project)
}

func noSuchClientKey(project string, id int64) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("key_id"), fmt.Sprintf("Project %s has no client key %d", project, id),
		"It cannot be imported. The data source errortracking_client_keys lists the keys that exist.")
}

func (c *connection) cannotDeleteClientKey(project string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot delete the client key of "+called(project),
		c.explainKey(project, err)+"\n\nTo stop managing the key without deleting it, run terraform state rm.")
}
