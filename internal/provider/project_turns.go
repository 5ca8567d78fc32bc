package provider

import (
	"context"
	"errors"
	"strings"
	"sync"
)

// projectTurns makes the writes to a project take turns, and remembers which
// projects were written in this process.
//
// One run may both create and destroy the same project's resource: a shifted
// count, a renamed for_each key, -replace. GitLab has one record for both, so
// whichever comes last would win. Hence a destroy leaves a written project
// alone.
//
// A project is known by its reference; an id and a path of the same project are
// two projects here.
type projectTurns struct {
	mu       sync.Mutex
	projects map[string]*projectTurn
}

// projectTurn is held by one write of a project at a time.
type projectTurn struct {
	held chan struct{}
	// written says that a resource wrote the settings in this process.
	written bool
}

// errWrittenAnew says that a resource has written a renamed project under its
// new path in this process.
var errWrittenAnew = errors.New("the project was written under its new path in this run")

func newProjectTurns() *projectTurns {
	return &projectTurns{projects: map[string]*projectTurn{}}
}

// take waits for the project's turn. The caller must pass it on.
func (t *projectTurns) take(ctx context.Context, project string) (*projectTurn, error) {
	key := strings.ToLower(project)
	t.mu.Lock()
	turn, ok := t.projects[key]
	if !ok {
		turn = &projectTurn{held: make(chan struct{}, 1)}
		t.projects[key] = turn
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
