package gitlab

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// maxWait limits how long one request waits for rate limits in total.
	maxWait = 5 * time.Minute
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
	if strings.TrimSpace(header.Get("RateLimit-Remaining")) != "0" {
		return
	}
	reset, ok := untilReset(header)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(reset); until.After(l.until) {
		l.until = until
	}
}

// wait returns when the next request is allowed, or an error if that is further
// away than the request may still wait.
func (l *rateLimit) wait(ctx context.Context, tries *tries) error {
	for {
		l.mu.Lock()
		pause := time.Until(l.until)
		l.mu.Unlock()
		if pause <= 0 {
			return nil
		}
		if !tries.mayWait(pause) {
			return &Error{Kind: ErrRateLimited, RetryAfter: pause}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// askedToWait returns how long GitLab, or a proxy in front of it, asks the
// client to wait, if it does.
func askedToWait(status int, header http.Header) (time.Duration, bool) {
	switch status {
	case http.StatusTooManyRequests:
		if wait, ok := retryAfter(header); ok {
			return wait, true
		}
		return untilReset(header)
	case http.StatusServiceUnavailable:
		return retryAfter(header)
	}
	return 0, false
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
