package gitlab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// collect returns what a list yields up to its first error.
func collect[T any](all iter.Seq2[T, error]) (found []T, err error) {
	for one, err := range all {
		if err != nil {
			return found, err
		}
		found = append(found, one)
	}
	return found, nil
}

// startWithKeys is start with one project that has n keys.
func startWithKeys(t *testing.T, n int) (*gitlabsim.Server, *Client) {
	t.Helper()
	sim, c := start(t, gitlabsim.Config{}, web())
	for range n {
		sim.AddClientKey(1)
	}
	return sim, c
}

func TestAKeyIsLookedForInTheList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys     int
		id       int64
		requests int
		err      error
	}{
		"one on the first page needs no second": {150, 100, 1, nil},
		"one on the second page":                {150, 150, 2, nil},
		"a missing one is looked for twice":     {150, 151, 4, ErrClientKeyNotFound},
		"on one full page, too":                 {100, 101, 2, ErrClientKeyNotFound},
		"but once if the page is not full":      {99, 100, 1, ErrClientKeyNotFound},
		"and once if there is none":             {0, 1, 1, ErrClientKeyNotFound},
	} {
		sim, client := startWithKeys(t, c.keys)
		key, err := client.GetClientKey(t.Context(), "1", c.id)
		if !errors.Is(err, c.err) || err == nil && key.ID != c.id || len(sim.Requests()) != c.requests {
			t.Errorf("%s: got %+v, %v in %d requests", name, key, err, len(sim.Requests()))
		}
	}
	// One moves up to a page that was read already.
	sim, client := startWithKeys(t, 150)
	sim.AddFault(gitlabsim.Fault{Times: 1, Effect: gitlabsim.Then(func() { sim.RemoveClientKey(1, 1) })})
	if key, err := client.GetClientKey(t.Context(), "1", 101); err != nil || key.ID != 101 {
		t.Errorf("got %+v, %v", key, err)
	}
}

// withoutHeader is a proxy that drops X-Next-Page.
func withoutHeader(w http.ResponseWriter, _ *http.Request, answer func() gitlabsim.Answer) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer().Body)
}

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ keys, pages, withoutHeader int }{{0, 1, 1}, {1, 1, 1}, {99, 1, 1}, {100, 1, 2}, {101, 2, 2}, {205, 3, 3}} {
		sim, client := startWithKeys(t, c.keys)
		for _, pages := range []int{c.pages, c.withoutHeader} {
			before := len(sim.Requests())
			keys, err := collect(client.ClientKeys(t.Context(), "1"))
			if err != nil || len(keys) != c.keys || c.keys > 0 && keys[c.keys-1].ID != int64(c.keys) {
				t.Errorf("got %d keys, want %d: %v", len(keys), c.keys, err)
			}
			asked := sim.Requests()[before:]
			last := fmt.Sprintf("GET /projects/1/error_tracking/client_keys?page=%d&per_page=100", pages)
			if len(asked) != pages || asked[pages-1].String() != last {
				t.Errorf("%d keys: got the requests %v, want the last to be %s", c.keys, asked, last)
			}
			sim.AddFault(gitlabsim.Fault{Effect: withoutHeader})
		}
	}
	sim, client := startWithKeys(t, 250)
	sim.AddFault(gitlabsim.Fault{After: 1, Effect: gitlabsim.JSON(http.StatusInternalServerError, `{}`)})
	if keys, err := collect(client.ClientKeys(t.Context(), "1")); !errors.Is(err, ErrServer) || len(keys) != 100 {
		t.Errorf("got %d keys up to the error %v", len(keys), err)
	}
}

func TestANextPageThatCannotBeIsAnError(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"1", "0", "two", "99999999999999999999"} {
		sim, client := start(t, gitlabsim.Config{}, web())
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Status(http.StatusOK,
			http.Header{"Content-Type": {"application/json"}, "X-Next-Page": {next}}, `[{"id":1,"public_key":"glet_1"}]`)})
		if keys, err := collect(client.ClientKeys(t.Context(), "1")); !errors.Is(err, ErrNotGitLab) || len(keys) > 0 {
			t.Errorf("%s: got %+v, %v", next, keys, err)
		}
	}
}

// keyRing is a GitLab with one project, in which requests fail as planned.
// Together with synctest's clock it shows how long the maker waits.
type keyRing struct {
	mu    sync.Mutex
	keys  []string // as GitLab shows them
	posts []post
	lists listFailure
	// posted and listed are how many such requests came.
	posted, listed int
}

// post is how a POST goes: takes is its time, made says that there is a key then,
// or late, after that time. fails is a response or an error in place of GitLab's.
type post struct {
	made        bool
	fails       any
	late, takes time.Duration
}

// listFailure is of the lists from the n-th to the last one.
type listFailure struct {
	from, last int
	fails      any
}

func (r *keyRing) add() any {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := fmt.Sprintf(`{"id":%d,"public_key":"glet_1"}`, len(r.keys)+1)
	r.keys = append(r.keys, key)
	return respond(http.StatusCreated, key)
}

func (r *keyRing) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.listed++; r.lists.from <= r.listed && r.listed <= r.lists.last {
			return outcome(r.lists.fails)
		}
		return respond(http.StatusOK, "["+strings.Join(r.keys, ",")+"]"), nil
	}
	p := r.posts[r.posted]
	r.posted++
	if err := sleep(req.Context(), p.takes); err != nil {
		return nil, err
	}
	var answer any
	if p.made {
		answer = r.add()
	}
	if p.late > 0 {
		time.AfterFunc(p.late, func() { r.add() })
	}
	return outcome(cmp.Or(p.fails, answer))
}

func TestTheMakerEndsWithOneKey(t *testing.T) {
	t.Parallel()
	const short, long, ever = lookTime, lateTime, 1000
	status := func(code int) any { return respond(code, "") }
	webPage := func(code int) any { return respond(code, "<html>", "Content-Type", "text/html") }
	reset, timeOut := connectionReset(), context.DeadlineExceeded
	ok, lost, never := post{made: true}, post{made: true, fails: reset}, post{fails: reset}
	slowly := func(p post) []post {
		p.takes = 10 * time.Second
		return []post{p}
	}
	for name, c := range map[string]struct {
		posts     []post
		lists     listFailure
		cancelled time.Duration // after the start
		keys      int           // in GitLab, in the end
		err       error
		doubt     bool
		took      time.Duration
	}{
		"an answer":                                    {posts: []post{ok}, keys: 1},
		"a lost answer, the key was made":              {posts: []post{lost}, keys: 1},
		"a lost answer, no key was made":               {posts: []post{never, ok}, keys: 1, took: short},
		"502, no key was made":                         {posts: []post{{fails: status(502)}, ok}, keys: 1, took: short},
		"lost three times and never made":              {posts: []post{never, never, never}, err: ErrUnreachable, took: 3 * short},
		"a time-out, the key was made":                 {posts: []post{{made: true, fails: timeOut}}, keys: 1},
		"a time-out, the key is made 20 seconds later": {posts: []post{{fails: timeOut, late: 20 * time.Second}}, keys: 1, took: 23750 * time.Millisecond},
		"a time-out, no key was made":                  {posts: []post{{fails: timeOut}, ok}, keys: 1, took: long},
		"504, the key is made 10 seconds later":        {posts: []post{{fails: status(504), late: 10 * time.Second}}, keys: 1, took: 11750 * time.Millisecond},
		"three time-outs and no key leave a doubt":     {posts: []post{{fails: timeOut}, {fails: timeOut}, {fails: timeOut}}, err: ErrUnreachable, doubt: true, took: 3 * long},
		"403":                            {posts: []post{{fails: status(403)}}, err: ErrForbidden},
		"no connection":                  {posts: []post{{fails: refused()}}, err: ErrUnreachable},
		"a lost answer, then 403":        {posts: []post{never, {fails: status(403)}}, err: ErrForbidden, took: short},
		"a web page in place of the key": {posts: []post{{made: true, fails: webPage(201)}}, keys: 1},
		"a web page in place of the refusal is not a success": {posts: []post{{fails: webPage(403)}}, err: ErrNotGitLab},

		"keys cannot be listed: nothing is asked for":        {lists: listFailure{1, ever, status(500)}, err: ErrServer},
		"they cannot be listed afterwards, for a moment":     {lists: listFailure{2, 3, reset}, posts: []post{lost}, keys: 1, took: 750 * time.Millisecond},
		"they cannot be listed afterwards, for good":         {lists: listFailure{2, ever, status(502)}, posts: []post{lost}, keys: 1, err: ErrUnreachable, doubt: true, took: short},
		"they cannot be listed, because the token is no use": {lists: listFailure{2, ever, status(401)}, posts: []post{lost}, keys: 1, err: ErrUnreachable, doubt: true, took: firstPause},

		"cancelled before a key is asked for":            {cancelled: -1, err: context.Canceled},
		"cancelled while the answer is under way":        {cancelled: time.Second, posts: slowly(ok), keys: 1, took: 10 * time.Second},
		"cancelled while the answer is lost":             {cancelled: time.Second, posts: slowly(lost), keys: 1, took: 10 * time.Second},
		"cancelled while the request is lost: no second": {cancelled: time.Second, posts: slowly(never), err: context.Canceled, took: 10*time.Second + short},
		"cancelled while GitLab is busy":                 {cancelled: time.Second, posts: slowly(post{fails: timeOut, late: 20 * time.Second}), keys: 1, took: 33750 * time.Millisecond},
		"cancelled while a lost key is looked for":       {cancelled: 11 * time.Second, posts: slowly(never), err: context.Canceled, took: 10*time.Second + short},
		"cancelled while a late key is looked for":       {cancelled: 12 * time.Second, posts: slowly(post{fails: timeOut, late: 20 * time.Second}), keys: 1, took: 33750 * time.Millisecond},
		"cancelled, a refusal stays what it is":          {cancelled: time.Second, posts: slowly(post{fails: status(403)}), err: ErrForbidden, took: 10 * time.Second},
		"cancelled, a time-out without a key":            {cancelled: time.Second, posts: slowly(post{fails: timeOut}), err: ErrUnreachable, doubt: true, took: 10*time.Second + long},
		"cancelled, a request that never ends":           {cancelled: time.Second, posts: []post{{takes: time.Hour}}, err: context.Canceled, doubt: true, took: time.Second + grace + long},
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
			ring := &keyRing{posts: c.posts, lists: c.lists}
			ring.add()
			start := time.Now()
			client := clientOf(ring, 0)
			client.config.RequestTimeout = time.Hour
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
