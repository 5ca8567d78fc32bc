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
	// maxWait is how long one request waits for rate limits, all together.
	maxWait = 5 * time.Minute
	// minWait keeps a "Retry-After: 0" that is repeated for ever from spinning.
	minWait = time.Second
	// maxReset is longer than any window of a rate limit.
	maxReset = 24 * time.Hour
)

// rateLimit holds requests back while GitLab says that none are left.
type rateLimit struct {
	mu    sync.Mutex
	until time.Time
}

// observe notes when the next request is welcome.
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

// wait returns when the next request is welcome, or an error when that is
// further away than the request may still wait.
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

// askedToWait says how long GitLab, or the proxy in front, wants to be left
// alone.
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
	// What is out of range reads as the nearest number that is within.
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		return max(0, time.Duration(seconds)*time.Second), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(clock(header))), true
	}
	return 0, false
}

// untilReset reads RateLimit-Reset, a Unix time of GitLab's clock. What is more
// than a day away is none: a proxy that counts in milliseconds, for example.
func untilReset(header http.Header) (time.Duration, bool) {
	seconds, err := strconv.ParseInt(header.Get("RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	reset := max(0, time.Unix(seconds, 0).Sub(clock(header)))
	return reset, reset <= maxReset
}

// clock is GitLab's time, so that a wrong clock on this side does no harm.
func clock(header http.Header) time.Time {
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}
