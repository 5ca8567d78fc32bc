package gitlab

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

const (
	// mostPosts is how often a key is requested if answers are lost and no key
	// appears.
	mostPosts = 3
	// lookTime is how long to look for a key if the request's answer is lost.
	lookTime = 4 * time.Second
	// lateTime is how long GitLab may still work on a request that timed out.
	// GitLab gives a request one minute, half of which has passed at the
	// default time-out.
	lateTime = 30 * time.Second

	firstLookPause = 250 * time.Millisecond
	maxLookPause   = 4 * time.Second
)

// clientKeyAPI is the part of [Client] that a ClientKeyMaker uses.
type clientKeyAPI interface {
	ClientKeys(ctx context.Context, project string) iter.Seq2[ClientKey, error]
	CreateClientKey(ctx context.Context, project string) (ClientKey, error)
}

// ClientKeyMaker makes client keys, one for each resource that asks. Those of
// one project must ask one after the other. If an answer is lost, the maker
// takes a key that has appeared since it began and that no resource of this
// process has; only if there is none does it ask again. A resource that is given
// a key which an earlier one took, because it was made late, does the same.
type ClientKeyMaker struct {
	api clientKeyAPI

	mu sync.Mutex
	// claimed holds the ids of keys that resources of this process took.
	claimed map[int64]bool
	// late is the time until which a key may appear that no answer names.
	late time.Time
}

// NewClientKeyMaker returns a maker that has claimed no key yet.
func NewClientKeyMaker(api clientKeyAPI) *ClientKeyMaker {
	return &ClientKeyMaker{api: api, claimed: map[int64]bool{}}
}

// InDoubtError reports that GitLab may have made a key that is in no state.
type InDoubtError struct {
	// Post is why the request for a key failed.
	Post error
	// Look is why the keys could not be listed afterwards; nil if they could,
	// and none had appeared.
	Look error
}

// Error implements error.
func (e *InDoubtError) Error() string {
	if e.Look == nil {
		return e.Post.Error()
	}
	return fmt.Sprintf("%v (then: %v)", e.Post, e.Look)
}

// Unwrap gives errors.Is and errors.As the reason of the first failure.
func (e *InDoubtError) Unwrap() error { return e.Post }

var errTaken = errors.New("other resources have taken every key that GitLab made, which should not happen")

// Create makes a key in a project. Once it has asked for a key, it goes on for
// a while even if ctx ends. The error is an [*InDoubtError] if GitLab may have
// made a key nevertheless.
func (m *ClientKeyMaker) Create(ctx context.Context, project string) (ClientKey, error) {
	newest, err := m.newest(ctx, project)
	if err != nil {
		return ClientKey{}, err
	}
	var lost error
	for range mostPosts {
		if ctx.Err() != nil {
			if mayStillAct(lost) {
				return ClientKey{}, &InDoubtError{Post: lost}
			}
			return ClientKey{}, context.Cause(ctx)
		}
		var key ClientKey
		key, lost = m.post(ctx, project)
		switch {
		case lost == nil && m.claim(key.ID):
			return key, nil
		case lost == nil:
			lost = errTaken
		case !MayHaveActed(lost):
			return ClientKey{}, lost
		}
		if mayStillAct(lost) {
			m.expectLate()
		}
		key, found, err := m.look(ctx, project, newest)
		if err != nil {
			return ClientKey{}, &InDoubtError{lost, err}
		}
		if found {
			return key, nil
		}
	}
	if mayStillAct(lost) {
		return ClientKey{}, &InDoubtError{Post: lost}
	}
	return ClientKey{}, lost
}

// newest returns the highest id of a project's keys. Any key made later has a
// higher one.
func (m *ClientKeyMaker) newest(ctx context.Context, project string) (id int64, err error) {
	for key, err := range m.api.ClientKeys(ctx, project) {
		if err != nil {
			return 0, err
		}
		id = max(id, key.ID)
	}
	return id, nil
}

func (m *ClientKeyMaker) post(ctx context.Context, project string) (ClientKey, error) {
	ctx, cancel := Outlive(ctx)
	defer cancel()
	return m.api.CreateClientKey(ctx, project)
}

// look waits for a free key that is newer than newest, and claims it.
func (m *ClientKeyMaker) look(ctx context.Context, project string, newest int64) (key ClientKey, found bool, err error) {
	ctx, cancel := Outlive(ctx)
	defer cancel()
	enough := time.Now().Add(lookTime)
	for pause := firstLookPause; ; pause = min(2*pause, maxLookPause) {
		left := time.Until(m.lookUntil(enough))
		key, found, err = m.adopt(ctx, project, newest)
		if found || left <= 0 || err != nil && !passes(err) {
			return key, found, err
		}
		select {
		case <-time.After(min(pause, left)):
		case <-ctx.Done():
			return key, false, context.Cause(ctx)
		}
	}
}

// expectLate notes that a key may appear that no answer names.
func (m *ClientKeyMaker) expectLate() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.late = time.Now().Add(lateTime)
}

// lookUntil returns enough, or later while a key may come late for any
// resource: by then that resource may have taken another's key.
func (m *ClientKeyMaker) lookUntil(enough time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.late.After(enough) {
		return m.late
	}
	return enough
}

// adopt claims the oldest free key that is newer than newest. A key that it
// leaves is then newer than the one that it takes, so that a resource that has
// to look for another key can see it.
func (m *ClientKeyMaker) adopt(ctx context.Context, project string, newest int64) (key ClientKey, found bool, err error) {
	for key, err := range m.api.ClientKeys(ctx, project) {
		if err != nil {
			return ClientKey{}, false, err
		}
		if key.ID > newest && m.claim(key.ID) {
			return key, true, nil
		}
	}
	return ClientKey{}, false, nil
}

// claim takes a key for one resource; it returns false if another has it.
func (m *ClientKeyMaker) claim(id int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.claimed[id] {
		return false
	}
	m.claimed[id] = true
	return true
}

// passes reports whether the next look may succeed after this error.
func passes(err error) bool {
	return errors.Is(err, ErrServer) || errors.Is(err, ErrUnreachable)
}
