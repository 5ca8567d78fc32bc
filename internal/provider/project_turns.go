package provider

import (
	"context"
	"sync"
)

// projectTurns makes the writes to a project take turns, and remembers which
// projects were written in this process: a destroy leaves alone what was
// written, or what a group found as configured.
type projectTurns struct {
	mu       sync.Mutex
	projects map[int64]*projectTurn
}

// projectTurn is held by one write of a project at a time.
type projectTurn struct {
	held chan struct{}
	fate fate
}

// fate is what this process has done to the settings of a project.
type fate int

const (
	untouched fate = iota
	// kept: a group resource found them as configured.
	kept
	// written: a resource wrote them, and another must not.
	written
	// released: a destroy made its last change.
	released
)

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

// keep protects a project from a destroy. It returns false if one was faster.
func (t *projectTurns) keep(ctx context.Context, id int64) bool {
	turn, err := t.take(ctx, id)
	if err != nil {
		return true // cancelled
	}
	defer turn.pass()
	if turn.fate == untouched {
		turn.fate = kept
	}
	return turn.fate != released
}
