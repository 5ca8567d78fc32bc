package gitlab

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// keyRing is a GitLab with one project, in which requests fail as planned.
// Together with synctest's clock it shows how long the maker waits.
type keyRing struct {
	mu    sync.Mutex
	keys  []ClientKey
	posts int
	lists int
	// post and list carry out the n-th such request, counted from 1.
	post func(ctx context.Context, n int) (ClientKey, error)
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
		r.lists++
		n, keys := r.lists, r.keys
		r.mu.Unlock()
		if r.list != nil {
			if err := r.list(n); err != nil {
				yield(ClientKey{}, err)
				return
			}
		}
		for _, key := range keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (r *keyRing) CreateClientKey(ctx context.Context, _ string) (ClientKey, error) {
	r.mu.Lock()
	r.posts++
	n := r.posts
	r.mu.Unlock()
	return r.post(ctx, n)
}

func reset() error {
	return &Error{Kind: ErrUnreachable, Cause: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
}

func timeOut() error {
	return &Error{Kind: ErrUnreachable, Cause: context.DeadlineExceeded}
}

func status(code int, kind Kind) error { return &Error{Kind: kind, Status: code} }

// postEffect is how a POST may go: before fails without making a key, after
// fails once it is made, late times out and the key is made some time later.
type postEffect func(r *keyRing) (ClientKey, error)

func answered(r *keyRing) (ClientKey, error) { return r.add(), nil }

func before(err error) postEffect {
	return func(*keyRing) (ClientKey, error) { return ClientKey{}, err }
}

func after(err error) postEffect {
	return func(r *keyRing) (ClientKey, error) {
		r.add()
		return ClientKey{}, err
	}
}

func late(wait time.Duration) postEffect {
	return func(r *keyRing) (ClientKey, error) {
		time.AfterFunc(wait, func() { r.add() })
		return ClientKey{}, timeOut()
	}
}

func TestTheMakerEndsWithOneKey(t *testing.T) {
	t.Parallel()
	const short, long = lookTime, lateTime
	for name, c := range map[string]struct {
		posts []postEffect
		keys  int // in GitLab, in the end
		err   error
		doubt bool
		took  time.Duration
	}{
		"an answer":                                    {posts: []postEffect{answered}, keys: 1},
		"a lost answer, the key was made":              {posts: []postEffect{after(reset())}, keys: 1},
		"a lost answer, no key was made":               {posts: []postEffect{before(reset()), answered}, keys: 1, took: short},
		"500, the key was made":                        {posts: []postEffect{after(status(500, ErrServer))}, keys: 1},
		"502, no key was made":                         {posts: []postEffect{before(status(502, ErrServer)), answered}, keys: 1, took: short},
		"lost twice, made the second time":             {posts: []postEffect{before(reset()), after(reset())}, keys: 1, took: short},
		"lost three times and never made":              {posts: []postEffect{before(reset()), before(reset()), before(reset())}, err: ErrUnreachable, took: 3 * short},
		"a time-out, the key was made":                 {posts: []postEffect{after(timeOut())}, keys: 1},
		"a time-out, the key is made 20 seconds later": {posts: []postEffect{late(20 * time.Second)}, keys: 1, took: 23750 * time.Millisecond},
		"a time-out, no key was made":                  {posts: []postEffect{before(timeOut()), answered}, keys: 1, took: long},
		"504, the key is made 10 seconds later":        {posts: []postEffect{lateBehindProxy}, keys: 1, took: 11750 * time.Millisecond},
		"three time-outs and no key leave a doubt":     {posts: []postEffect{before(timeOut()), before(timeOut()), before(timeOut())}, err: ErrUnreachable, doubt: true, took: 3 * long},
		"403":                            {posts: []postEffect{before(status(403, ErrForbidden))}, err: ErrForbidden},
		"429 for good":                   {posts: []postEffect{before(status(429, ErrRateLimited))}, err: ErrRateLimited},
		"no connection":                  {posts: []postEffect{before(&Error{Kind: ErrUnreachable, Cause: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}})}, err: ErrUnreachable},
		"a lost answer, then 403":        {posts: []postEffect{before(reset()), before(status(403, ErrForbidden))}, err: ErrForbidden, took: short},
		"a web page in place of the key": {posts: []postEffect{after(status(http.StatusCreated, ErrNotGitLab))}, keys: 1},
		"a web page in place of the refusal is not a success": {posts: []postEffect{before(status(403, ErrNotGitLab))}, err: ErrNotGitLab},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ring := &keyRing{}
				ring.add()
				ring.post = func(_ context.Context, n int) (ClientKey, error) { return c.posts[n-1](ring) }
				start := time.Now()
				key, err := makeClientKey(t.Context(), ring, "1")
				var doubt *InDoubtError
				if !errors.Is(err, c.err) || errors.As(err, &doubt) != c.doubt {
					t.Errorf("got error %v, want %v, in doubt: %t", err, c.err, c.doubt)
				}
				if c.err == nil && key.ID != 2 {
					t.Errorf("got the key %d, want the new one, 2", key.ID)
				}
				if len(ring.keys) != 1+c.keys || ring.posts != len(c.posts) {
					t.Errorf("%d keys after %d requests, want %d after %d", len(ring.keys), ring.posts, 1+c.keys, len(c.posts))
				}
				if took := time.Since(start); took != c.took {
					t.Errorf("took %s, want %s", took, c.took)
				}
			})
		})
	}
}

func lateBehindProxy(r *keyRing) (ClientKey, error) {
	_, _ = late(10 * time.Second)(r)
	return ClientKey{}, status(http.StatusGatewayTimeout, ErrServer)
}

func TestTheMakerWhereKeysCannotBeListed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		list  func(n int) error
		posts int
		err   error
		doubt bool
	}{
		"before: nothing is asked for": {func(int) error { return status(500, ErrServer) }, 0, ErrServer, false},
		"after, for a moment": {func(n int) error {
			if n == 2 || n == 3 {
				return reset()
			}
			return nil
		}, 1, nil, false},
		"after, for good": {func(n int) error {
			if n > 1 {
				return status(502, ErrServer)
			}
			return nil
		}, 1, ErrUnreachable, true},
		"after, because the token was revoked": {func(n int) error {
			if n > 1 {
				return status(401, ErrUnauthorized)
			}
			return nil
		}, 1, ErrUnreachable, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ring := &keyRing{list: c.list}
				ring.post = func(context.Context, int) (ClientKey, error) { return after(reset())(ring) }
				_, err := makeClientKey(t.Context(), ring, "1")
				var doubt *InDoubtError
				if !errors.Is(err, c.err) || errors.As(err, &doubt) != c.doubt || ring.posts != c.posts {
					t.Errorf("got error %v after %d requests, want %v after %d, in doubt: %t", err, ring.posts, c.err, c.posts, c.doubt)
				}
			})
		})
	}
}

func TestTheMakerWhenTheRunIsCancelled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cancelled time.Duration // after the start; each POST takes 10 seconds
		post      postEffect
		keys      int
		posts     int
		err       error
	}{
		"before a key is asked for":                     {-1, answered, 0, 0, context.Canceled},
		"while the answer is under way":                 {time.Second, answered, 1, 1, nil},
		"while the answer is lost":                      {time.Second, after(reset()), 1, 1, nil},
		"while the request is lost: no second":          {time.Second, before(reset()), 0, 1, context.Canceled},
		"while GitLab is busy, a key comes late":        {time.Second, late(20 * time.Second), 1, 1, nil},
		"while the key of a lost request is looked for": {11 * time.Second, before(reset()), 0, 1, context.Canceled},
		"while a key that comes late is looked for":     {12 * time.Second, late(20 * time.Second), 1, 1, nil},
		"a refusal stays what it is":                    {time.Second, before(status(403, ErrForbidden)), 0, 1, ErrForbidden},
		"a time-out without a key leaves a doubt":       {time.Second, before(timeOut()), 0, 1, &InDoubtError{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.cancelled < 0 {
					cancel()
				} else {
					time.AfterFunc(c.cancelled, cancel)
				}
				ring := &keyRing{}
				ring.post = func(ctx context.Context, _ int) (ClientKey, error) {
					select {
					case <-time.After(10 * time.Second):
						return c.post(ring)
					case <-ctx.Done():
						t.Error("the request was given up")
						return ClientKey{}, ctx.Err()
					}
				}
				_, err := makeClientKey(ctx, ring, "1")
				var doubt *InDoubtError
				if want := errors.As(c.err, new(*InDoubtError)); want != errors.As(err, &doubt) || !want && !errors.Is(err, c.err) {
					t.Errorf("got error %v, want %v", err, c.err)
				}
				if len(ring.keys) != c.keys || ring.posts != c.posts {
					t.Errorf("%d keys after %d requests, want %d after %d: %v", len(ring.keys), ring.posts, c.keys, c.posts, err)
				}
			})
		})
	}
	t.Run("a request that never ends is given up after a minute", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			ring := &keyRing{}
			ring.post = func(ctx context.Context, _ int) (ClientKey, error) {
				<-ctx.Done()
				return ClientKey{}, fmt.Errorf("POST: %w", context.Cause(ctx))
			}
			start := time.Now()
			_, err := makeClientKey(ctx, ring, "1")
			// Then the key is looked for as long as it may come late.
			if took, want := time.Since(start), time.Second+grace+lateTime; !errors.As(err, new(*InDoubtError)) || took != want {
				t.Errorf("took %s, want %s: %v", took, want, err)
			}
		})
	})
}

// TestTheMakerServesManyInTurns lets resources of one project take turns, with
// requests that go wrong in every way: in the end each has a key of its own,
// and no key is left over.
func TestTheMakerServesManyInTurns(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			var mu sync.Mutex
			pick := func(n int) int {
				mu.Lock()
				defer mu.Unlock()
				return random.IntN(n)
			}
			ring := &keyRing{}
			ring.post = func(context.Context, int) (ClientKey, error) {
				time.Sleep(time.Duration(pick(3000)) * time.Millisecond)
				effects := []postEffect{answered, answered, before(reset()), after(reset()), late(time.Duration(pick(25)) * time.Second)}
				key, err := effects[pick(len(effects))](ring)
				time.Sleep(time.Duration(pick(3000)) * time.Millisecond)
				return key, err
			}
			ring.list = func(int) error {
				time.Sleep(time.Duration(pick(300)) * time.Millisecond)
				return nil
			}
			turn := make(chan struct{}, 1)
			owners := map[int64]int{}
			var wait sync.WaitGroup
			for i := range 2 + pick(6) {
				wait.Go(func() {
					time.Sleep(time.Duration(pick(5000)) * time.Millisecond)
					turn <- struct{}{}
					defer func() { <-turn }()
					key, err := makeClientKey(t.Context(), ring, "1")
					if err != nil {
						return // Three requests in a row were lost.
					}
					mu.Lock()
					defer mu.Unlock()
					if other, taken := owners[key.ID]; taken {
						t.Errorf("seed %d: %d and %d have the key %d", seed, other, i, key.ID)
					}
					owners[key.ID] = i
				})
			}
			wait.Wait()
			time.Sleep(time.Minute)
			if len(ring.keys) != len(owners) {
				t.Errorf("seed %d: GitLab has %d keys, resources have %d", seed, len(ring.keys), len(owners))
			}
		})
	}
}
