package provider

import (
	"context"
	"errors"
	"sync"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// record is the row that GitLab stores of a project's settings. The zero record
// stands for none, which counts as inactive.
type record struct {
	gitlab.Settings
	exists bool
}

// newRecord returns what an answer about settings shows.
func newRecord(settings gitlab.Settings, err error) (record, error) {
	if errors.Is(err, gitlab.ErrSettingsNotFound) {
		return record{}, nil
	}
	return record{settings, err == nil}, err
}

// read returns the record of a project.
func (c *connection) read(ctx context.Context, project string) (record, error) {
	return newRecord(c.client.GetSettings(ctx, project))
}

// errContradicted says that another resource has written something else.
var errContradicted = errors.New("another resource has written other settings in this run")

// notTakenError reports that GitLab accepted a change, and has something else.
type notTakenError struct {
	sent gitlab.SettingsUpdate
	now  gitlab.Settings
}

// Error implements error.
func (e *notTakenError) Error() string { return "GitLab has other settings than it was sent" }

func isNotTaken(err error) bool { return errors.As(err, new(*notTakenError)) }

// projectTurns makes the writes to a project take turns, and remembers what was
// written in this process.
//
// One run may both create and destroy the same project's resource: a shifted
// count, a renamed for_each key, -replace. GitLab has one record for both, so
// whichever comes last would win. Hence a destroy leaves alone what was written.
type projectTurns struct {
	mu       sync.Mutex
	projects map[int64]*projectTurn
}

// projectTurn is held by one write of a project at a time.
type projectTurn struct {
	held chan struct{}
	// sent is what resources have written, now what GitLab has since; nil if
	// they have not.
	sent *gitlab.SettingsUpdate
	now  record
}

func newProjectTurns() *projectTurns {
	return &projectTurns{projects: map[int64]*projectTurn{}}
}

// take waits for the project's turn. The caller must pass it on.
func (t *projectTurns) take(ctx context.Context, id int64) (*projectTurn, error) {
	t.mu.Lock()
	turn, ok := t.projects[id]
	if !ok {
		turn = &projectTurn{held: make(chan struct{}, 1)}
		t.projects[id] = turn
	}
	t.mu.Unlock()
	select {
	case turn.held <- struct{}{}:
		return turn, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t *projectTurn) pass() { <-t.held }

// takeTurn looks up the project, if need be, and takes its turn.
func (c *connection) takeTurn(ctx context.Context, project *managedProject) (*projectTurn, error) {
	if err := c.complete(ctx, project.managed()); err != nil {
		return nil, err
	}
	return c.turns.take(ctx, project.ProjectID.ValueInt64())
}

// set makes GitLab's settings of a project match update, see write.
func (c *connection) set(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (record, error) {
	turn, err := c.takeTurn(ctx, &project)
	if err != nil {
		return record{}, err
	}
	defer turn.pass()
	return c.write(ctx, turn, project.reference(), update)
}

// write sends an update in the project's turn, and returns what GitLab has then.
// If that differs, the error is a *notTakenError. A project without a record is
// inactive, so that turning it off needs none. What another resource has done
// already makes no request; if that contradicts, the error is errContradicted.
func (c *connection) write(ctx context.Context, turn *projectTurn, project string, update gitlab.SettingsUpdate) (record, error) {
	switch {
	case turn.sent == nil:
	case !turn.sent.Agrees(update):
		return record{}, errContradicted
	case update.TakenBy(turn.now.Settings):
		return turn.now, nil
	}
	settings, err := c.client.SetSettings(ctx, project, update)
	if errors.Is(err, gitlab.ErrSettingsNotFound) && update.Active {
		return record{}, err
	}
	now, err := newRecord(settings, err)
	if err != nil {
		return now, err
	}
	turn.sent, turn.now = &update, now
	if !update.TakenBy(now.Settings) {
		err = &notTakenError{update, now.Settings}
	}
	return now, err
}

// release makes the last change to a project that is destroyed, unless another
// resource has taken charge of it in this run: then done is false.
func (c *connection) release(ctx context.Context, project managedProject, update gitlab.SettingsUpdate) (now gitlab.Settings, done bool, err error) {
	turn, err := c.takeTurn(ctx, &project)
	if err != nil {
		return now, false, err
	}
	defer turn.pass()
	if turn.sent != nil {
		return now, false, nil
	}
	now, err = c.client.UpdateSettings(ctx, project.reference(), update)
	return now, err == nil, err
}
