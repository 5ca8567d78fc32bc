package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// keyRing is a GitLab with one project, in which requests fail as planned.
// Together with synctest's clock it shows how long the maker waits.
type keyRing struct {
	mu    sync.Mutex
	keys  []string // as GitLab shows them
	posts []postEffect
	// posted and listed are how many such requests came.
	posted, listed int
	// list returns how the n-th list fails, counted from 1; nil if it does not.
	list func(n int) any
}

func (r *keyRing) add() any {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fmt.Sprintf(`{"id":%d,"public_key":"glet_1"}`, len(r.keys)+1)
	r.keys = append(r.keys, key)
	return respond(http.StatusCreated, key)
}

func (r *keyRing) RoundTrip(req *http.Request) (*http.Response, error) {
	var answer any
	if req.Method == http.MethodPost {
		r.posted++
		answer = r.posts[r.posted-1](req.Context(), r)
	} else if r.listed++; r.list != nil {
		answer = r.list(r.listed)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer == nil {
		answer = respond(http.StatusOK, "["+strings.Join(r.keys, ",")+"]")
	}
	err, _ := answer.(error)
	resp, _ := answer.(*http.Response)
	return resp, err
}

func timeOut() any { return context.DeadlineExceeded }

func status(code int) any { return respond(code, "") }

func webPage(code int) any { return respond(code, "<html>", "Content-Type", "text/html") }

// postEffect is how a POST may go: before fails without making a key, after
// fails once it is made, late fails and the key is made some time later. Failures
// are responses or errors.
type postEffect func(ctx context.Context, r *keyRing) any

func answered(_ context.Context, r *keyRing) any { return r.add() }

func before(failure any) postEffect {
	return func(context.Context, *keyRing) any { return failure }
}

func after(failure any) postEffect {
	return func(_ context.Context, r *keyRing) any {
		r.add()
		return failure
	}
}

func late(failure any, wait time.Duration) postEffect {
	return func(_ context.Context, r *keyRing) any {
		time.AfterFunc(wait, func() { r.add() })
		return failure
	}
}

// slowly is a POST that takes ten seconds.
func slowly(effect postEffect) []postEffect {
	return []postEffect{func(ctx context.Context, r *keyRing) any {
		if err := sleep(ctx, 10*time.Second); err != nil {
			return err
		}
		return effect(ctx, r)
	}}
}

// endless is a POST that is never answered.
func endless(ctx context.Context, _ *keyRing) any {
	<-ctx.Done()
	return ctx.Err()
}

// failing is a list that fails from the n-th to the last time.
func failing(from, last int, failure any) func(int) any {
	return func(n int) any {
		if n < from || n > last {
			return nil
		}
		return failure
	}
}

func TestTheMakerEndsWithOneKey(t *testing.T) {
	t.Parallel()
	const short, long, always = lookTime, lateTime, 1000
	for name, c := range map[string]struct {
		posts     []postEffect
		list      func(n int) any
		cancelled time.Duration // after the start
		keys      int           // in GitLab, in the end
		err       error
		doubt     bool
		took      time.Duration
	}{
		"an answer":                                    {posts: []postEffect{answered}, keys: 1},
		"a lost answer, the key was made":              {posts: []postEffect{after(connectionReset())}, keys: 1},
		"a lost answer, no key was made":               {posts: []postEffect{before(connectionReset()), answered}, keys: 1, took: short},
		"502, no key was made":                         {posts: []postEffect{before(status(502)), answered}, keys: 1, took: short},
		"lost three times and never made":              {posts: slices.Repeat([]postEffect{before(connectionReset())}, 3), err: ErrUnreachable, took: 3 * short},
		"a time-out, the key was made":                 {posts: []postEffect{after(timeOut())}, keys: 1},
		"a time-out, the key is made 20 seconds later": {posts: []postEffect{late(timeOut(), 20*time.Second)}, keys: 1, took: 23750 * time.Millisecond},
		"a time-out, no key was made":                  {posts: []postEffect{before(timeOut()), answered}, keys: 1, took: long},
		"504, the key is made 10 seconds later":        {posts: []postEffect{late(status(504), 10*time.Second)}, keys: 1, took: 11750 * time.Millisecond},
		"three time-outs and no key leave a doubt":     {posts: slices.Repeat([]postEffect{before(timeOut())}, 3), err: ErrUnreachable, doubt: true, took: 3 * long},
		"403":                            {posts: []postEffect{before(status(403))}, err: ErrForbidden},
		"no connection":                  {posts: []postEffect{before(&net.OpError{Op: "dial", Err: errors.New("refused")})}, err: ErrUnreachable},
		"a lost answer, then 403":        {posts: []postEffect{before(connectionReset()), before(status(403))}, err: ErrForbidden, took: short},
		"a web page in place of the key": {posts: []postEffect{after(webPage(201))}, keys: 1},
		"a web page in place of the refusal is not a success": {posts: []postEffect{before(webPage(403))}, err: ErrNotGitLab},

		"keys cannot be listed: nothing is asked for":        {list: failing(1, always, status(500)), err: ErrServer},
		"they cannot be listed afterwards, for a moment":     {list: failing(2, 3, connectionReset()), posts: []postEffect{after(connectionReset())}, keys: 1, took: 750 * time.Millisecond},
		"they cannot be listed afterwards, for good":         {list: failing(2, always, status(502)), posts: []postEffect{after(connectionReset())}, keys: 1, err: ErrUnreachable, doubt: true, took: short},
		"they cannot be listed, because the token is no use": {list: failing(2, always, status(401)), posts: []postEffect{after(connectionReset())}, keys: 1, err: ErrUnreachable, doubt: true, took: firstPause},

		"cancelled before a key is asked for":            {cancelled: -1, err: context.Canceled},
		"cancelled while the answer is under way":        {cancelled: time.Second, posts: slowly(answered), keys: 1, took: 10 * time.Second},
		"cancelled while the answer is lost":             {cancelled: time.Second, posts: slowly(after(connectionReset())), keys: 1, took: 10 * time.Second},
		"cancelled while the request is lost: no second": {cancelled: time.Second, posts: slowly(before(connectionReset())), err: context.Canceled, took: 10*time.Second + short},
		"cancelled while GitLab is busy":                 {cancelled: time.Second, posts: slowly(late(timeOut(), 20*time.Second)), keys: 1, took: 33750 * time.Millisecond},
		"cancelled while a lost key is looked for":       {cancelled: 11 * time.Second, posts: slowly(before(connectionReset())), err: context.Canceled, took: 10*time.Second + short},
		"cancelled while a late key is looked for":       {cancelled: 12 * time.Second, posts: slowly(late(timeOut(), 20*time.Second)), keys: 1, took: 33750 * time.Millisecond},
		"cancelled, a refusal stays what it is":          {cancelled: time.Second, posts: slowly(before(status(403))), err: ErrForbidden, took: 10 * time.Second},
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
			client := (&script{}).client(0)
			client.config.RequestTimeout, client.transport = time.Hour, ring
			key, err := client.MakeClientKey(ctx, "1")
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
