package gitlab

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
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
	t := &tries{exchange: x, left: c.config.Retries, pauses: backoff.ExponentialBackOff{
		InitialInterval: firstPause, MaxInterval: longestPause, Multiplier: 2, RandomizationFactor: jitter,
	}}
	_, err := backoff.Retry(ctx, func() (any, error) {
		err := t.try(ctx)
		if err == nil {
			return nil, nil
		}
		if pause, again := t.next(err); again {
			return nil, &backoff.RetryAfterError{Duration: pause}
		}
		return nil, backoff.Permanent(err)
	}, backoff.WithMaxElapsedTime(0))
	var failure *Error
	switch {
	case err == nil:
		return x, nil
	case ctx.Err() != nil:
		return nil, x.cancelled(ctx)
	case errors.As(err, &failure):
		failure.Tries, failure.mayHaveActed = t.made, t.mayHaveActed
		if failure.Kind == ErrUnauthorized {
			c.rejected.CompareAndSwap(nil, failure)
		}
	}
	return nil, err
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
	// mayHaveActed says that GitLab may have carried out one of the tries.
	mayHaveActed bool
	redirects    redirects
}

// try sends the request once, and once more for each redirect.
func (t *tries) try(ctx context.Context) error {
	c := t.client
	for {
		if err := t.heldBack(); err != nil {
			return err
		}
		t.made++
		err := t.send(ctx, t.made)
		if err == nil {
			c.limit.observe(t.header)
			if !isRedirect(t.status) {
				break
			}
			err = t.redirects.follow(t.exchange)
		}
		if err != nil {
			return t.note(err)
		}
	}
	failure := t.judge()
	switch {
	case failure == nil:
		c.outage.end()
		c.accepted.Store(true)
		return nil
	case t.redirects.followed():
		failure.redirectedTo = t.path
	}
	return t.note(failure)
}

// heldBack returns why the request must not be sent now; nil if it may.
func (t *tries) heldBack() error {
	if rejected := t.client.rejected.Load(); rejected != nil {
		return new(*rejected)
	}
	t.status, t.header = 0, nil
	if pause := t.client.limit.left(); pause > 0 {
		failure := t.fail(ErrRateLimited, "")
		failure.RetryAfter = pause
		return failure
	}
	return nil
}

// note notes what a failure shows of GitLab as a whole.
func (t *tries) note(err error) error {
	var failure *Error
	if !errors.As(err, &failure) {
		return err // cancelled
	}
	t.mayHaveActed = t.mayHaveActed || failure.answerIsLost()
	t.begins = false
	switch {
	case failure.isOutage():
		t.begins = t.client.outage.begin()
	case failure.Status != 0 && failure.Kind != ErrProxy:
		t.client.outage.end()
	}
	return failure
}

// next returns the pause before the next try, and false if there is none.
func (t *tries) next(err error) (pause time.Duration, again bool) {
	var failure *Error
	switch {
	case !errors.As(err, &failure): // cancelled
		return 0, false
	case failure.Kind == ErrUnauthorized:
		// After accepted answers this may be one server that lags behind.
		again = t.client.rejected.Load() == nil && t.client.accepted.Load() && !t.doubted
		t.doubted = true
		return firstPause, again
	case !failure.isTemporary(), t.method == http.MethodPost && failure.mayHaveArrived():
		return 0, false
	case failure.Kind == ErrRateLimited:
		return t.wait(cmp.Or(failure.RetryAfter, rateLimitWindow))
	case failure.isOutage():
		return t.outlast(failure.RetryAfter)
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
// GitLab has not answered yet, since then base_url may be wrong.
func (t *tries) outlast(asked time.Duration) (pause time.Duration, again bool) {
	o := &t.client.outage
	age, answered, hopeless := o.state()
	switch {
	case hopeless:
		return 0, false
	case asked > 0 && asked > maxWait-age:
		return 0, false
	case asked > 0:
		return t.wait(asked)
	case t.begins || !answered || t.client.config.Retries == 0:
		pause, again = t.spend()
		if !again && !answered {
			o.giveUp()
		}
		return pause, again
	case age >= patience:
		return 0, false
	}
	return min(t.pauses.NextBackOff(), patience-age), true
}
