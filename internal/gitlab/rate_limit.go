package gitlab

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
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
func askedToWait(resp *http.Response) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		if wait, ok := retryAfter(resp.Header); ok {
			return wait, true
		}
		return untilReset(resp.Header)
	case http.StatusServiceUnavailable:
		return retryAfter(resp.Header)
	}
	return 0, false
}

// retryAfter reads Retry-After, which is a number of seconds or a date.
func retryAfter(header http.Header) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(clock(header))), true
	}
	return 0, false
}

// untilReset reads RateLimit-Reset, a Unix time of GitLab's clock.
func untilReset(header http.Header) (time.Duration, bool) {
	seconds, err := strconv.ParseInt(header.Get("RateLimit-Reset"), 10, 64)
	if err != nil {
		return 0, false
	}
	return max(0, time.Unix(seconds, 0).Sub(clock(header))), true
}

// clock is GitLab's time, so that a wrong clock on this side does no harm.
func clock(header http.Header) time.Time {
	if at, err := http.ParseTime(header.Get("Date")); err == nil {
		return at
	}
	return time.Now()
}
