package gitlab

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// The pause before the next try doubles from firstPause to longestPause,
	// and is then up to a half shorter or longer, so that requests that failed
	// together do not come back together.
	firstPause   = 250 * time.Millisecond
	longestPause = 20 * time.Second
	jitter       = 0.5
)

// call makes a request, as often as it may, and follows the redirects of a GET.
// It returns the exchange if GitLab's answer is a success.
func (c *Client) call(ctx context.Context, method, path string, body any) (*exchange, error) {
	x := &exchange{client: c, method: method, path: path}
	if body != nil {
		var err error
		if x.payload, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encoding the body of %s %s: %w", method, path, err)
		}
	}
	t := &tries{exchange: x, left: c.config.Retries, patient: ctx.Value(patientKey{}) != nil, pauses: backoff.ExponentialBackOff{
		InitialInterval: firstPause, MaxInterval: longestPause, Multiplier: 2, RandomizationFactor: jitter,
	}}
	for {
		failure := t.try(ctx)
		if failure == nil {
			return x, nil
		}
		pause, again := t.next(failure)
		if !again || sleep(ctx, pause) != nil {
			return nil, t.end(ctx, failure)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *Client) get(ctx context.Context, path string) (*exchange, error) {
	return c.call(ctx, http.MethodGet, path, nil)
}

// tries are the tries of one call, counted over all its redirects.
type tries struct {
	*exchange
	// made is how many requests were sent.
	made int
	// left is how many more failures the call survives.
	left   int
	pauses backoff.ExponentialBackOff
	// waited is the time spent because GitLab asked for it.
	waited time.Duration
	// begins says that the last failure has begun an outage.
	begins bool
	// doubted says that a rejected token was tried once more.
	doubted bool
	// outcome is the least certain one of the tries.
	outcome Outcome
	// patient: see [Patiently].
	patient bool
	// redirectedFrom are the paths that the call was redirected from.
	redirectedFrom []string
}

// end returns the error of the call, from that of the last try.
func (t *tries) end(ctx context.Context, failure *Error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s %s: %w", t.method, t.path, context.Cause(ctx))
	}
	failure.Tries, failure.outcome = t.made, t.outcome
	failure.outage = failure.isOutage() && t.client.outage.concernsOthers(t)
	if failure.Kind == ErrUnauthorized {
		t.client.rejected.CompareAndSwap(nil, failure)
	}
	return failure
}

// try sends the request once, and once more for each redirect.
func (t *tries) try(ctx context.Context) *Error {
	c := t.client
	for {
		if failure := t.heldBack(); failure != nil {
			return failure
		}
		t.made++
		failure := t.send(ctx, t.made)
		if failure == nil {
			c.limit.observe(t.header)
			if !isRedirect(t.status) {
				break
			}
			failure = t.follow()
		}
		if failure != nil {
			return t.note(failure)
		}
	}
	if failure := t.judge(); failure != nil {
		return t.note(failure)
	}
	c.outage.end()
	c.accepted.Store(true)
	return nil
}

// heldBack returns why the request must not be sent now; nil if it may.
func (t *tries) heldBack() *Error {
	if rejected := t.client.rejected.Load(); rejected != nil {
		return new(*rejected)
	}
	t.status, t.header, t.body = 0, nil, nil
	if pause := t.client.limit.left(); pause > 0 {
		failure := t.fail(ErrRateLimited, "")
		failure.RetryAfter = pause
		return failure
	}
	return nil
}

// note notes what a failure shows of GitLab as a whole.
func (t *tries) note(failure *Error) *Error {
	t.outcome = max(t.outcome, failure.outcomeOfTry())
	t.begins = false
	switch {
	case failure.isOutage():
		t.begins = t.client.outage.begin(t)
	case failure.Status != 0 && failure.Kind != ErrProxy:
		t.client.outage.end()
	}
	return failure
}

// next returns the pause before the next try, and false if there is none.
func (t *tries) next(failure *Error) (pause time.Duration, again bool) {
	switch {
	case failure.Kind == ErrUnauthorized:
		// After accepted answers this may be one server that lags behind.
		again = t.client.rejected.Load() == nil && t.client.accepted.Load() && !t.doubted
		t.doubted = true
		return firstPause, again
	case !failure.isTemporary(), t.method == http.MethodPost && failure.Kind != ErrRateLimited && failure.outcomeOfTry() != NotSent:
		return 0, false
	case failure.Kind == ErrRateLimited:
		return t.wait(cmp.Or(failure.RetryAfter, rateLimitWindow))
	case failure.isOutage():
		return t.outlast(failure)
	}
	return t.spend()
}

// spend uses up one of the tries that are left.
func (t *tries) spend() (pause time.Duration, again bool) {
	if t.left == 0 {
		return 0, false
	}
	t.left--
	return t.pauses.NextBackOff(), true
}

// wait waits because GitLab asks for it, which costs no try.
func (t *tries) wait(asked time.Duration) (pause time.Duration, again bool) {
	if asked > maxWait-t.waited { // the sum of both may overflow
		return 0, false
	}
	t.waited += asked
	return asked, true
}

// outlast goes on while GitLab may only be restarting. The first failure of an
// outage costs a try as any other: it may be the request's own. So does each if
// nothing shows that there is a GitLab, since then base_url may be wrong: an
// answer before, an answer now, or that an apply asks, which a plan preceded.
func (t *tries) outlast(failure *Error) (pause time.Duration, again bool) {
	o := &t.client.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	var age time.Duration
	if !o.since.IsZero() { // another request may have ended it
		age = time.Since(o.since)
	}
	known := o.answered || failure.Status != 0 || t.patient
	switch asked := failure.RetryAfter; {
	case o.hopeless && !known, asked > 0 && asked > maxWait-age:
		return 0, false
	case asked > 0:
		return t.wait(asked)
	case t.begins || !known || t.client.config.Retries == 0:
		pause, again = t.spend()
		o.hopeless = o.hopeless || !again && !known
		return pause, again
	case age >= patience:
		return 0, false
	}
	return min(t.pauses.NextBackOff(), patience-age), true
}
