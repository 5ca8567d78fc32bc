package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// set makes GitLab's settings of a project match update, and reports what keeps
// it from that. Next to an error, err is nil if GitLab took something else: the
// settings returned.
func (c *connection) set(ctx context.Context, project managedProject, update gitlab.SettingsUpdate, diags *diag.Diagnostics) (settings gitlab.Settings, err error) {
	turn := c.claim(ctx, project, diags)
	if turn == nil {
		return settings, errTakenOver
	}
	defer turn.pass()
	settings, err = c.client.SetSettings(ctx, project.reference(), update)
	d := cannotSet(project.name(), update, settings, err)
	if d != nil {
		diags.Append(d)
	}
	turn.written = d == nil || err == nil
	return settings, err
}

// claim takes the project's turn for a resource that writes it. It returns nil,
// with an error, if another resource has written the project in this run.
func (c *connection) claim(ctx context.Context, project managedProject, diags *diag.Diagnostics) *projectTurn {
	turn, err := c.turns.take(ctx, project.ProjectID.ValueInt64())
	switch {
	case err != nil:
		diags.Append(failed("set error tracking for", project.name(), err))
		return nil
	case turn.written:
		turn.pass()
		diags.Append(managedTwice(project.name()))
		return nil
	}
	return turn
}

// errTakenOver says that another resource has taken charge of the project.
var errTakenOver = errors.New("another resource has written the project in this run")

// release makes the last change to a project that is destroyed, unless another
// resource has taken charge of it in this run.
func (r *settingsResource) release(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (gitlab.Settings, error) {
	if err := r.complete(ctx, &project); err != nil {
		return gitlab.Settings{}, err
	}
	turn, err := r.turns.take(ctx, project.ProjectID.ValueInt64())
	if err != nil {
		return gitlab.Settings{}, err
	}
	defer turn.pass()
	if turn.written {
		return gitlab.Settings{}, errTakenOver
	}
	return r.client.UpdateSettings(ctx, project.reference(), update)
}
