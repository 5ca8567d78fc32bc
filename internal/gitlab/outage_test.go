package gitlab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// restarting is a GitLab that answers nobody for a time.
type restarting struct {
	from, until time.Time
	failure     func() any
	// always fails whatever the time is, if it returns true.
	always func(*http.Request) bool
}

func (r *restarting) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(20 * time.Millisecond)
	now := time.Now()
	if down := !now.Before(r.from) && now.Before(r.until); !down && (r.always == nil || !r.always(req)) {
		return respond(http.StatusOK, `{"active":true}`), nil
	}
	return outcome(r.failure())
}

// update changes n projects, ten at a time, and returns how many failed.
func update(ctx context.Context, c *Client, n int) int {
	var failures atomic.Int32
	var group sync.WaitGroup
	slots := make(chan struct{}, 10)
	for id := range n {
		slots <- struct{}{}
		group.Go(func() {
			if _, err := c.UpdateSettings(ctx, strconv.Itoa(id+1), SettingsUpdate{}); err != nil {
				failures.Add(1)
			}
			<-slots
		})
	}
	group.Wait()
	return int(failures.Load())
}

func TestAnOutageIsOneEventForAllRequests(t *testing.T) {
	t.Parallel()
	const ever = 24 * time.Hour
	few, all := func(n int) bool { return n > 80 && n < 200 }, func(n int) bool { return n == 200 }
	none := func(n int) bool { return n == 0 }
	for failureName, failure := range map[string]func() any{
		"connections refused":            refused,
		"connections cut":                connectionReset,
		"a proxy with nothing behind it": nothingBehindTheProxy,
		"a proxy that finds no GitLab":   func() any { return &proxyRefusal{http.StatusServiceUnavailable} },
	} {
		for name, c := range map[string]struct {
			retries int
			// begins is when GitLab goes down, and lasts for how long.
			begins, lasts time.Duration
			failures      func(int) bool
			most          time.Duration
		}{
			"45 seconds in the middle of a run harm nobody": {6, 200 * time.Millisecond, 45 * time.Second, none, 62 * time.Second},
			"one that does not end costs a minute in all":   {6, 200 * time.Millisecond, ever, few, 65 * time.Second},
			"without retries there is no patience":          {0, 200 * time.Millisecond, ever, few, 10 * time.Second},
			"a GitLab that never answers gets the retries":  {6, 0, ever, all, 25 * time.Second},
			"and so does one that answers late":             {6, 0, 5 * time.Second, none, 20 * time.Second},
			"an apply waits for one that was there to plan": {6, 0, 45 * time.Second, none, 62 * time.Second},
			"an apply without any ends after a minute":      {6, 0, ever, all, 65 * time.Second},
		} {
			inBubble(t, name+", with "+failureName, func(t *testing.T) {
				ctx := t.Context()
				if strings.HasPrefix(name, "an apply") {
					ctx = Patiently(ctx)
				}
				if _, answers := failure().(*http.Response); answers && strings.HasPrefix(name, "a GitLab that never") {
					c.most = 65 * time.Second // there is something, which may be a GitLab
				}
				start := time.Now()
				gitlab := &restarting{from: start.Add(c.begins), until: start.Add(c.begins + c.lasts), failure: failure}
				failures := update(ctx, clientOf(gitlab, c.retries), 200)
				if took := time.Since(start); !c.failures(failures) || took > c.most {
					t.Errorf("%d failures of 200 after %s, want %s at most", failures, took, c.most)
				}
			})
		}
	}
}

func TestOneProjectThatAlwaysFailsHasItsOwnTriesOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		client := clientOf(&restarting{failure: nothingBehindTheProxy, always: func(r *http.Request) bool {
			bad := r.URL.Path == "/api/v4/projects/7/error_tracking/settings"
			if bad {
				tries++
			}
			return bad
		}}, 6)
		ctx, cancel := context.WithCancel(t.Context())
		var others sync.WaitGroup
		others.Go(func() {
			for ctx.Err() == nil {
				_ = read(ctx, client)
			}
		})
		failures := update(t.Context(), client, 20)
		cancel()
		others.Wait()
		if failures != 1 || tries != 7 {
			t.Errorf("%d failures, %d tries of the bad one", failures, tries)
		}
	})
}

func TestA503ThatSaysWhenIsWaitedForFiveMinutesInAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		gitlab := &restarting{until: start.Add(24 * time.Hour), failure: throttled(503, "Retry-After", "60")}
		failures := update(t.Context(), clientOf(gitlab, 6), 200)
		if took := time.Since(start); failures != 200 || took > maxWait+10*time.Second {
			t.Errorf("%d failures of 200 after %s", failures, took)
		}
	})
}

func TestOnlyGitLabsAnswerEndsAnOutage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limited time.Duration
		answer  any
		kind    error
		ends    bool
	}{
		"a success":                         {0, respond(200, `{"active":true}`), nil, true},
		"a refusal":                         {0, roleTooLow(), ErrForbidden, true},
		"a failure of GitLab itself":        {0, serverError(), ErrServer, true},
		"nothing behind the proxy":          {0, nothingBehindTheProxy(), ErrServer, false},
		"a proxy that wants a password":     {0, respond(407, ""), ErrProxy, false},
		"a certificate that is not trusted": {0, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, ErrUnreachable, false},
		"a request that is held back":       {time.Hour, nil, ErrRateLimited, false},
	} {
		inBubble(t, name, func(t *testing.T) {
			client := clientOf(&script{answers: []any{c.answer}}, 0)
			client.outage.begin(nil)
			client.limit.until = time.Now().Add(c.limited)
			if err := read(t.Context(), client); !errors.Is(err, c.kind) || client.outage.begin(nil) != c.ends {
				t.Errorf("got error %v, want %v and an outage that ends: %t", err, c.kind, c.ends)
			}
		})
	}
}
