package provider

import (
	"context"
	"errors"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// errContradicted says that another resource has written something else.
var errContradicted = errors.New("another resource has written other settings in this run")

// notTakenError reports that GitLab accepted a change, and has something else.
type notTakenError struct {
	sent gitlab.SettingsUpdate
	now  gitlab.Settings
}

func (e *notTakenError) Error() string { return "GitLab has other settings than it was sent" }

func isNotTaken(err error) bool { return errors.As(err, new(*notTakenError)) }

// projectTurn is held by one write of a project at a time, and remembers what was
// written in this process.
//
// One run may both create and destroy the same project's resource: a shifted
// count, a renamed for_each key, -replace. GitLab has one record for both, so
// whichever comes last would win. Hence a destroy leaves alone what was written.
type projectTurn struct {
	held chan struct{}
	// sent is what resources have written, now what GitLab has since; nil if
	// they have not.
	sent *gitlab.SettingsUpdate
	now  gitlab.Settings
}

// takeTurn looks up the project, if need be, and waits for its turn. The caller
// must pass it on.
func (c *connection) takeTurn(ctx context.Context, project *managedProject) (*projectTurn, error) {
	if err := c.complete(ctx, project.managed()); err != nil {
		return nil, err
	}
	kept, _ := c.turns.LoadOrStore(project.ProjectID.ValueInt64(), &projectTurn{held: make(chan struct{}, 1)})
	turn, _ := kept.(*projectTurn)
	select {
	case turn.held <- struct{}{}:
		return turn, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t *projectTurn) pass() { <-t.held }

// set makes GitLab's settings of a project match update, see write.
func (c *connection) set(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (gitlab.Settings, error) {
	turn, err := c.takeTurn(ctx, &project)
	if err != nil {
		return gitlab.Settings{}, err
	}
	defer turn.pass()
	return c.write(ctx, turn, project.reference(), update)
}

// write sends an update in the project's turn, and returns what GitLab has then.
// If that differs, the error is a *notTakenError. What another resource has done
// already makes no request; if that contradicts, the error is errContradicted.
func (c *connection) write(ctx context.Context, turn *projectTurn, project string, update gitlab.SettingsUpdate) (gitlab.Settings, error) {
	switch {
	case turn.sent == nil:
	case !turn.sent.Agrees(update):
		return gitlab.Settings{}, errContradicted
	case update.TakenBy(turn.now):
		return turn.now, nil
	}
	now, err := c.client.SetSettings(ctx, project, update)
	if err != nil {
		return now, err
	}
	turn.sent, turn.now = &update, now
	if !update.TakenBy(now) {
		err = &notTakenError{update, now}
	}
	return now, err
}

// release makes the last change to a project that is destroyed. If another
// resource has taken charge of it in this run, that counts as made.
func (c *connection) release(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (gitlab.Settings, error) {
	turn, err := c.takeTurn(ctx, &project)
	if err != nil {
		return gitlab.Settings{}, err
	}
	defer turn.pass()
	if turn.sent != nil {
		return update.ApplyTo(turn.now), nil
	}
	return c.client.UpdateSettings(ctx, project.reference(), update)
}
