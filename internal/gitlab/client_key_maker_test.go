package gitlab

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// keyRing is a GitLab with one project, in which requests fail as planned.
// Together with synctest's clock it shows how long the maker waits.
type keyRing struct {
	mu    sync.Mutex
	keys  []ClientKey
	posts []postEffect
	// posted and listed are how many such requests came.
	posted, listed int
	// list carries out the n-th list, counted from 1.
	list func(n int) error
}

func (r *keyRing) add() ClientKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := ClientKey{ID: int64(len(r.keys) + 1)}
	r.keys = append(r.keys, key)
	return key
}

func (r *keyRing) ClientKeys(context.Context, string) iter.Seq2[ClientKey, error] {
	return func(yield func(ClientKey, error) bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.listed++
		if r.list != nil {
			if err := r.list(r.listed); err != nil {
				yield(ClientKey{}, err)
				return
			}
		}
		for _, key := range r.keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (r *keyRing) CreateClientKey(ctx context.Context, _ string) (ClientKey, error) {
	r.posted++
	return r.posts[r.posted-1](ctx, r)
}

func reset() error {
	return &Error{Kind: ErrUnreachable, cause: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
}

func timeOut() error {
	return &Error{Kind: ErrUnreachable, cause: context.DeadlineExceeded}
}

func status(code int, kind Kind) error { return &Error{Kind: kind, Status: code} }

// postEffect is how a POST may go: before fails without making a key, after
// fails once it is made, late fails and the key is made some time later.
type postEffect func(ctx context.Context, r *keyRing) (ClientKey, error)

func answered(_ context.Context, r *keyRing) (ClientKey, error) { return r.add(), nil }

func before(err error) postEffect {
	return func(context.Context, *keyRing) (ClientKey, error) { return ClientKey{}, err }
}

func after(err error) postEffect {
	return func(_ context.Context, r *keyRing) (ClientKey, error) {
		r.add()
		return ClientKey{}, err
	}
}

func late(err error, wait time.Duration) postEffect {
	return func(_ context.Context, r *keyRing) (ClientKey, error) {
		time.AfterFunc(wait, func() { r.add() })
		return ClientKey{}, err
	}
}

// slowly is a POST that takes ten seconds.
func slowly(effect postEffect) []postEffect {
	return []postEffect{func(ctx context.Context, r *keyRing) (ClientKey, error) {
		if err := sleep(ctx, 10*time.Second); err != nil {
			return ClientKey{}, err
		}
		return effect(ctx, r)
	}}
}

// endless is a POST that is never answered.
func endless(ctx context.Context, _ *keyRing) (ClientKey, error) {
	<-ctx.Done()
	return ClientKey{}, fmt.Errorf("POST: %w", context.Cause(ctx))
}

// failing is a list that fails from the n-th to the last time.
func failing(from, last int, err error) func(int) error {
	return func(n int) error {
		if n < from || n > last {
			return nil
		}
		return err
	}
}

func TestTheMakerEndsWithOneKey(t *testing.T) {
	t.Parallel()
	const short, long, always = lookTime, lateTime, 1000
	for name, c := range map[string]struct {
		posts     []postEffect
		list      func(n int) error
		cancelled time.Duration // after the start
		keys      int           // in GitLab, in the end
		err       error
		doubt     bool
		took      time.Duration
	}{
		"an answer":                                    {posts: []postEffect{answered}, keys: 1},
		"a lost answer, the key was made":              {posts: []postEffect{after(reset())}, keys: 1},
		"a lost answer, no key was made":               {posts: []postEffect{before(reset()), answered}, keys: 1, took: short},
		"502, no key was made":                         {posts: []postEffect{before(status(502, ErrServer)), answered}, keys: 1, took: short},
		"lost three times and never made":              {posts: slices.Repeat([]postEffect{before(reset())}, 3), err: ErrUnreachable, took: 3 * short},
		"a time-out, the key was made":                 {posts: []postEffect{after(timeOut())}, keys: 1},
		"a time-out, the key is made 20 seconds later": {posts: []postEffect{late(timeOut(), 20*time.Second)}, keys: 1, took: 23750 * time.Millisecond},
		"a time-out, no key was made":                  {posts: []postEffect{before(timeOut()), answered}, keys: 1, took: long},
		"504, the key is made 10 seconds later":        {posts: []postEffect{late(status(504, ErrServer), 10*time.Second)}, keys: 1, took: 11750 * time.Millisecond},
		"three time-outs and no key leave a doubt":     {posts: slices.Repeat([]postEffect{before(timeOut())}, 3), err: ErrUnreachable, doubt: true, took: 3 * long},
		"403":                            {posts: []postEffect{before(status(403, ErrForbidden))}, err: ErrForbidden},
		"no connection":                  {posts: []postEffect{before(&Error{Kind: ErrUnreachable, cause: &net.OpError{Op: "dial"}})}, err: ErrUnreachable},
		"a lost answer, then 403":        {posts: []postEffect{before(reset()), before(status(403, ErrForbidden))}, err: ErrForbidden, took: short},
		"a web page in place of the key": {posts: []postEffect{after(status(201, ErrNotGitLab))}, keys: 1},
		"a web page in place of the refusal is not a success": {posts: []postEffect{before(status(403, ErrNotGitLab))}, err: ErrNotGitLab},

		"keys cannot be listed: nothing is asked for":        {list: failing(1, always, status(500, ErrServer)), err: ErrServer},
		"they cannot be listed afterwards, for a moment":     {list: failing(2, 3, reset()), posts: []postEffect{after(reset())}, keys: 1, took: 750 * time.Millisecond},
		"they cannot be listed afterwards, for good":         {list: failing(2, always, status(502, ErrServer)), posts: []postEffect{after(reset())}, keys: 1, err: ErrUnreachable, doubt: true, took: short},
		"they cannot be listed, because the token is no use": {list: failing(2, always, status(401, ErrUnauthorized)), posts: []postEffect{after(reset())}, keys: 1, err: ErrUnreachable, doubt: true},

		"cancelled before a key is asked for":            {cancelled: -1, err: context.Canceled},
		"cancelled while the answer is under way":        {cancelled: time.Second, posts: slowly(answered), keys: 1, took: 10 * time.Second},
		"cancelled while the answer is lost":             {cancelled: time.Second, posts: slowly(after(reset())), keys: 1, took: 10 * time.Second},
		"cancelled while the request is lost: no second": {cancelled: time.Second, posts: slowly(before(reset())), err: context.Canceled, took: 10*time.Second + short},
		"cancelled while GitLab is busy":                 {cancelled: time.Second, posts: slowly(late(timeOut(), 20*time.Second)), keys: 1, took: 33750 * time.Millisecond},
		"cancelled while a lost key is looked for":       {cancelled: 11 * time.Second, posts: slowly(before(reset())), err: context.Canceled, took: 10*time.Second + short},
		"cancelled while a late key is looked for":       {cancelled: 12 * time.Second, posts: slowly(late(timeOut(), 20*time.Second)), keys: 1, took: 33750 * time.Millisecond},
		"cancelled, a refusal stays what it is":          {cancelled: time.Second, posts: slowly(before(status(403, ErrForbidden))), err: ErrForbidden, took: 10 * time.Second},
		"cancelled, a time-out without a key":            {cancelled: time.Second, posts: slowly(before(timeOut())), err: ErrUnreachable, doubt: true, took: 10*time.Second + long},
		"cancelled, a request that never ends":           {cancelled: time.Second, posts: []postEffect{endless}, err: context.Canceled, doubt: true, took: time.Second + grace + long},
	} {
		inBubble(t, name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			switch {
			case c.cancelled < 0:
				cancel()
			case c.cancelled > 0:
				time.AfterFunc(c.cancelled, cancel)
			}
			ring := &keyRing{posts: c.posts, list: c.list}
			ring.add()
			start := time.Now()
			key, err := makeClientKey(ctx, ring, "1")
			if !errors.Is(err, c.err) || errors.As(err, new(*InDoubtError)) != c.doubt {
				t.Errorf("got error %v, want %v, in doubt: %t", err, c.err, c.doubt)
			}
			if c.err == nil && key.ID != 2 {
				t.Errorf("got the key %d, want the new one, 2", key.ID)
			}
			if len(ring.keys) != 1+c.keys || ring.posted != len(c.posts) {
				t.Errorf("%d keys after %d requests, want %d after %d", len(ring.keys), ring.posted, 1+c.keys, len(c.posts))
			}
			if took := time.Since(start); took != c.took {
				t.Errorf("took %s, want %s", took, c.took)
			}
		})
	}
}
