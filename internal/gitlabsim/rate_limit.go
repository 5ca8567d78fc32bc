package gitlabsim

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// ordinaryLimit is what GitLab.com allows a user per minute.
const ordinaryLimit = 2000

// rateLimit counts requests in consecutive windows aligned to the clock, as
// GitLab does. The zero value enforces no limit.
type rateLimit struct {
	limit    int
	window   time.Duration
	end      time.Time
	observed int
}

// SetRateLimit allows that many requests in each window, over all tokens. A
// request over the limit is answered with 429 and not carried out, but is
// counted as observed. Windows are rounded up to whole seconds. A limit of 0
// enforces none. Requests that a fault keeps from GitLab are not observed.
func (s *Server) SetRateLimit(limit int, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = rateLimit{limit: limit, window: roundUp(window)}
}

// limited answers a call, with 429 if the rate limit is exhausted. The caller
// holds s.mu.
func (s *Server) limited(c call) Answer {
	l, now := &s.limit, time.Now()
	if l.limit == 0 {
		return s.answer(c)
	}
	if !now.Before(l.end) {
		l.end, l.observed = now.Truncate(l.window).Add(l.window), 0
	}
	l.observed++
	header := rateLimitHeader(l.limit, l.observed, l.end)
	if l.observed > l.limit {
		return throttled(header, l.end.Sub(now), l.end)
	}
	a := s.answer(c)
	maps.Copy(a.Header, header)
	return a
}

// Throttle answers as GitLab's rate limit does.
func Throttle(retryAfter time.Duration) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() Answer) {
		reset := time.Now().Add(retryAfter)
		write(w, throttled(rateLimitHeader(ordinaryLimit, ordinaryLimit+1, reset), retryAfter, reset))
	}
}

// throttled is the answer to a request over the limit.
func throttled(header http.Header, wait time.Duration, reset time.Time) Answer {
	header.Set("Content-Type", "text/plain")
	header.Set("Retry-After", strconv.Itoa(int(roundUp(wait).Seconds())))
	header.Set("RateLimit-ResetTime", reset.UTC().Format(http.TimeFormat))
	return Answer{http.StatusTooManyRequests, header, []byte("Retry later\n")}
}

// roundUp rounds up to whole seconds, all that the headers can express: a
// client that comes back when they say must not be early.
func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// rateLimitHeader returns the headers that come with every answer under a rate
// limit. GitLab has them behind a feature flag.
func rateLimitHeader(limit, observed int, reset time.Time) http.Header {
	return http.Header{
		"Ratelimit-Limit":     {strconv.Itoa(limit)},
		"Ratelimit-Name":      {"throttle_authenticated_api"},
		"Ratelimit-Observed":  {strconv.Itoa(observed)},
		"Ratelimit-Remaining": {strconv.Itoa(max(0, limit-observed))},
		"Ratelimit-Reset":     {strconv.FormatInt(reset.Unix(), 10)},
	}
}
