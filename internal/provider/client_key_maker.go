package provider

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

const (
	// mostPosts is how often a key is requested if answers are lost and no key
	// appears.
	mostPosts = 3
	// grace is how long a request for a key, and the search for a lost one, may
	// go on after the run was cancelled: otherwise a key that is in no state
	// would be left behind.
	grace = time.Minute
	// lookTime is how long to look for a key if the request's answer is lost.
	lookTime = 4 * time.Second
	// lateTime is how long GitLab may still work on a request that timed out.
	// GitLab gives a request one minute, half of which has passed at the
	// default time-out.
	lateTime = 30 * time.Second

	firstLookPause = 250 * time.Millisecond
	maxLookPause   = 4 * time.Second
)

// clientKeyAPI is the part of [gitlab.Client] that a keyMaker uses.
type clientKeyAPI interface {
	ClientKeys(ctx context.Context, project string) iter.Seq2[gitlab.ClientKey, error]
	CreateClientKey(ctx context.Context, project string) (gitlab.ClientKey, error)
}

// keyMaker makes client keys, one for each resource that asks.
//
// GitLab makes a key for every POST, whether its answer arrives or not, and
// does not say who asked for a key. But keys are interchangeable. So if an
// answer is lost, the maker takes a key that has appeared since it began and
// that no resource of this process has; only if there is none does it ask
// again. A resource whose own key was taken this way does the same. The two may
// share a project that one names by id and the other by path.
type keyMaker struct {
	api clientKeyAPI

	mu sync.Mutex
	// claimed holds the ids of keys that resources of this process took.
	claimed map[int64]bool
	// late is the time until which a key may appear that no answer names.
	late time.Time
}

func newKeyMaker(api clientKeyAPI) *keyMaker {
	return &keyMaker{api: api, claimed: map[int64]bool{}}
}

// inDoubtError reports that GitLab may have made a key that is in no state.
type inDoubtError struct {
	// post is why the request for a key failed.
	post error
	// look is why the keys could not be listed afterwards; nil if they could,
	// and none had appeared.
	look error
}

func (e *inDoubtError) Error() string {
	if e.look == nil {
		return e.post.Error()
	}
	return fmt.Sprintf("%v (then: %v)", e.post, e.look)
}

func (e *inDoubtError) Unwrap() error { return e.post }

var errTaken = errors.New("other resources have taken every key that GitLab made, which should not happen")

// create makes a key in a project. Once it has asked for a key, it goes on for
// a while even if ctx ends.
func (m *keyMaker) create(ctx context.Context, project string) (gitlab.ClientKey, error) {
	newest, err := m.newest(ctx, project)
	if err != nil {
		return gitlab.ClientKey{}, err
	}
	var lost error
	for range mostPosts {
		if ctx.Err() != nil {
			if gitlab.MayStillAct(lost) {
				return gitlab.ClientKey{}, &inDoubtError{post: lost}
			}
			return gitlab.ClientKey{}, context.Cause(ctx)
		}
		var key gitlab.ClientKey
		key, lost = m.post(ctx, project)
		switch {
		case lost == nil && m.claim(key.ID):
			return key, nil
		case lost == nil:
			lost = errTaken
		case !gitlab.MayHaveActed(lost):
			return gitlab.ClientKey{}, lost
		}
		if gitlab.MayStillAct(lost) {
			m.expectLate()
		}
		key, found, err := m.look(ctx, project, newest)
		if err != nil {
			return gitlab.ClientKey{}, &inDoubtError{lost, err}
		}
		if found {
			return key, nil
		}
	}
	if gitlab.MayStillAct(lost) {
		return gitlab.ClientKey{}, &inDoubtError{post: lost}
	}
	return gitlab.ClientKey{}, lost
}

// newest returns the highest id of a project's keys. Any key made later has a
// higher one.
func (m *keyMaker) newest(ctx context.Context, project string) (id int64, err error) {
	for key, err := range m.api.ClientKeys(ctx, project) {
		if err != nil {
			return 0, err
		}
		id = max(id, key.ID)
	}
	return id, nil
}

func (m *keyMaker) post(ctx context.Context, project string) (gitlab.ClientKey, error) {
	ctx, cancel := outlive(ctx, grace)
	defer cancel()
	return m.api.CreateClientKey(ctx, project)
}

// look waits for a free key that is newer than newest, and claims it.
func (m *keyMaker) look(ctx context.Context, project string, newest int64) (key gitlab.ClientKey, found bool, err error) {
	ctx, cancel := outlive(ctx, grace)
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
func (m *keyMaker) expectLate() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.late = time.Now().Add(lateTime)
}

// lookUntil returns enough, or later while a key may come late for any
// resource: by then that resource may have taken another's key.
func (m *keyMaker) lookUntil(enough time.Time) time.Time {
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
func (m *keyMaker) adopt(ctx context.Context, project string, newest int64) (key gitlab.ClientKey, found bool, err error) {
	for key, err := range m.api.ClientKeys(ctx, project) {
		if err != nil {
			return gitlab.ClientKey{}, false, err
		}
		if key.ID > newest && m.claim(key.ID) {
			return key, true, nil
		}
	}
	return gitlab.ClientKey{}, false, nil
}

// claim takes a key for one resource; it returns false if another has it.
func (m *keyMaker) claim(id int64) bool {
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
	return errors.Is(err, gitlab.ErrServer) || errors.Is(err, gitlab.ErrUnreachable)
}

// outlive returns a context that ends a while after ctx does.
func outlive(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(while):
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel()
	}
}
