package gitlab

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	firstPause = 250 * time.Millisecond
	maxPause   = 30 * time.Second
	// maxTries leaves counting to tries, which knows what costs a try.
	maxTries = math.MaxInt32
)

// tries decides whether and when one request is tried again.
//
// A wait that GitLab asks for costs no try: the request waits as long as it is
// told, at most maxWait in total. Every other failure costs one.
type tries struct {
	method string
	// down says that GitLab could not be reached by an earlier request.
	down bool
	// left is the number of further tries.
	left int
	// made is the number of tries begun.
	made int
	// failed is the number of failures that cost a try.
	failed int
	// waited is the time spent on rate limits.
	waited time.Duration
	// next is the pause before the next try.
	next time.Duration
}

type triesKey struct{}

func contextWithTries(ctx context.Context, t *tries) context.Context {
	return context.WithValue(ctx, triesKey{}, t)
}

// triesFrom returns the tries that send has put into ctx.
func triesFrom(ctx context.Context) *tries {
	t, _ := ctx.Value(triesKey{}).(*tries)
	return t
}

// again is a [retryablehttp.CheckRetry].
func (t *tries) again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	var final *Error
	if errors.As(err, &final) {
		return false, nil
	}
	retry, _ := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	if !retry || !t.repeatable(resp, err) || speaksNoTLS(err) || t.down && unreachable(resp, err) {
		return false, nil
	}
	if resp != nil {
		if wait, asked := askedToWait(resp.StatusCode, resp.Header); asked {
			t.next = max(wait, minWait)
			return t.mayWait(t.next), nil
		}
	}
	if t.left == 0 {
		return false, nil
	}
	t.left--
	t.next = backOff(t.failed)
	t.failed++
	return true, nil
}

// pause is a [retryablehttp.Backoff]; again has already set the pause.
func (t *tries) pause(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	return t.next
}

// mayWait reports whether the request may wait so long, and if so counts it.
func (t *tries) mayWait(wait time.Duration) bool {
	if wait > maxWait-t.waited { // the sum of both may overflow
		return false
	}
	t.waited += wait
	return true
}

// repeatable reports whether the request may be sent again. A POST that may
// have arrived is not repeated; every other write is idempotent.
func (t *tries) repeatable(resp *http.Response, err error) bool {
	if t.method != http.MethodPost {
		return true
	}
	if resp != nil {
		return resp.StatusCode == http.StatusTooManyRequests
	}
	return neverArrived(err)
}

// neverArrived reports whether no connection was made, so nothing was sent.
func neverArrived(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}

// speaksNoTLS reports whether the server answered without TLS: it will again.
func speaksNoTLS(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// unreachable reports whether GitLab as a whole seems to be down: no
// connection, or a proxy with nothing behind it. While it is, further requests
// get one try, so that hundreds of resources do not wait one after the other.
func unreachable(resp *http.Response, err error) bool {
	if err != nil {
		var own *Error
		return !errors.As(err, &own)
	}
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// backOff doubles from firstPause to maxPause. Half of it is random, so that
// requests that failed together do not come back together.
func backOff(failed int) time.Duration {
	pause := maxPause
	if failed < 7 {
		pause = min(maxPause, firstPause<<failed)
	}
	return pause/2 + rand.N(pause/2)
}
