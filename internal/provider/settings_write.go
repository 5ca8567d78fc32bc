package provider

import (
	"context"
	"errors"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// errTakenOver says that another resource has taken charge of the project.
var errTakenOver = errors.New("another resource has written the project in this run")

// notTakenError reports that GitLab accepted a change, and has something else.
type notTakenError struct {
	sent gitlab.SettingsUpdate
	now  gitlab.Settings
}

// Error implements error.
func (e *notTakenError) Error() string { return "GitLab has other settings than it was sent" }

func isNotTaken(err error) bool { return errors.As(err, new(*notTakenError)) }

// set makes GitLab's settings of a project match update, see write.
func (c *connection) set(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (record, error) {
	turn, err := c.takeTurn(ctx, &project)
	if err != nil {
		return record{}, err
	}
	defer turn.pass()
	now, err := c.write(ctx, project.reference(), update)
	if err == nil || isNotTaken(err) {
		turn.fate = written
	}
	return now, err
}

// takeTurn completes the project and takes its turn, unless another resource has
// written it in this run: then the error is errTakenOver.
func (c *connection) takeTurn(ctx context.Context, project *managedProject) (*projectTurn, error) {
	if err := c.complete(ctx, project); err != nil {
		return nil, err
	}
	turn, err := c.turns.take(ctx, project.ProjectID.ValueInt64())
	if err == nil && turn.fate == written {
		turn.pass()
		return nil, errTakenOver
	}
	return turn, err
}

// write sends an update in the project's turn, and returns what GitLab has then.
// If that differs, the error is a *notTakenError. A project without a record is
// inactive, so that turning it off needs none.
func (c *connection) write(ctx context.Context, project string, update gitlab.SettingsUpdate) (record, error) {
	settings, err := c.client.SetSettings(ctx, project, update)
	if errors.Is(err, gitlab.ErrSettingsNotFound) && update.Active {
		return record{}, err
	}
	now, err := newRecord(settings, err)
	if err == nil && !update.TakenBy(now.Settings) {
		err = &notTakenError{update, now.Settings}
	}
	return now, err
}

// release makes the last change to a project that is destroyed, unless another
// resource has taken charge of it in this run.
func (c *connection) release(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (gitlab.Settings, error) {
	turn, err := c.takeTurn(ctx, &project)
	if err != nil {
		return gitlab.Settings{}, err
	}
	defer turn.pass()
	if turn.fate == kept {
		return gitlab.Settings{}, errTakenOver
	}
	turn.fate = released
	return c.client.UpdateSettings(ctx, project.reference(), update)
}
