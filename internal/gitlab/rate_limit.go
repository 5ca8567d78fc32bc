package gitlab

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// maxWait limits how long one call waits in total because GitLab asks for it.
	maxWait = 5 * time.Minute
	// rateLimitWindow is how long a 429 without any hint is waited for.
	rateLimitWindow = time.Minute
	// minWait keeps a repeated "Retry-After: 0" from causing a busy loop.
	minWait = time.Second
	// maxReset is longer than the window of any rate limit.
	maxReset = 24 * time.Hour
)

// rateLimit holds requests back while GitLab says that none are left.
type rateLimit struct {
	mu    sync.Mutex
	until time.Time
}

// observe notes when requests are allowed again.
func (l *rateLimit) observe(header http.Header) {
	reset, ok := untilReset(header)
	if !ok || header.Get("RateLimit-Remaining") != "0" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(reset); until.After(l.until) {
		l.until = until
	}
}

// left returns how long requests must wait; 0 or less if they need not.
func (l *rateLimit) left() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until)
}

// askedToWait returns how long GitLab, or a proxy in front of it, asks the
// client to wait; 0 if it does not.
func askedToWait(status int, header http.Header) time.Duration {
	throttled := status == http.StatusTooManyRequests
	wait, asked := retryAfter(header)
	if !asked && throttled {
		wait, asked = untilReset(header)
	}
	if asked && (throttled || status == http.StatusServiceUnavailable) {
		return max(wait, minWait)
	}
	return 0
}

// retryAfter reads Retry-After, which is a number of seconds or a date.
func retryAfter(header http.Header) (time.Duration, bool) {
	value := header.Get("Retry-After")
	// On ErrRange, seconds is the nearest number in range.
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return max(0, time.Duration(seconds)*time.Second), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(clock(header))), true
	}
	return 0, false
}

// untilReset reads RateLimit-Reset, a Unix time by GitLab's clock. It ignores a
// time more than a day away: a proxy may count in milliseconds, for example.
func untilReset(header http.Header) (time.Duration, bool) {
	seconds, err := strconv.ParseInt(header.Get("RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	reset := max(0, time.Unix(seconds, 0).Sub(clock(header)))
	return reset, reset <= maxReset
}

// clock returns GitLab's time, so that a wrong clock on this side does no harm.
func clock(header http.Header) time.Time {
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}
