package gitlabsim

import (
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"
)

// rateLimit counts requests in windows aligned to the clock, as GitLab does.
type rateLimit struct {
	limit    int
	window   time.Duration
	end      time.Time
	observed int
}

// SetRateLimit allows that many requests, over all tokens, in each window of whole
// seconds. Those over the limit, which get 429, are counted, too; those that a fault
// keeps from GitLab are not. A limit of 0 enforces none.
func (s *Server) SetRateLimit(limit int, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = rateLimit{limit: limit, window: window}
}

// limited answers a call, with 429 over the limit. The caller holds s.mu.
func (s *Server) limited(c call) Answer {
	l, now := &s.limit, time.Now()
	if l.limit == 0 {
		return s.answer(c)
	}
	if !now.Before(l.end) {
		l.end, l.observed = now.Truncate(l.window).Add(l.window), 0
	}
	l.observed++
	if l.observed > l.limit {
		return l.exceeded()
	}
	a := s.answer(c)
	maps.Copy(a.Header, l.header())
	return a
}

// Throttle answers as the rate limit of GitLab.com does.
func Throttle(retryAfter time.Duration) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() Answer) {
		write(w, rateLimit{limit: 2000, observed: 2001, end: time.Now().Add(retryAfter)}.exceeded())
	}
}

// exceeded is the answer to a request over the limit.
func (l rateLimit) exceeded() Answer {
	header := l.header()
	header.Set("Content-Type", "text/plain")
	// Rounded up, so that no client comes back early.
	header.Set("Retry-After", strconv.Itoa(int(math.Ceil(time.Until(l.end).Seconds()))))
	header.Set("RateLimit-ResetTime", l.end.UTC().Format(http.TimeFormat))
	return Answer{http.StatusTooManyRequests, header, []byte("Retry later\n")}
}

// header comes with every answer; GitLab has it behind a feature flag.
func (l rateLimit) header() http.Header {
	return http.Header{
		"Ratelimit-Limit":     {strconv.Itoa(l.limit)},
		"Ratelimit-Name":      {"throttle_authenticated_api"},
		"Ratelimit-Observed":  {strconv.Itoa(l.observed)},
		"Ratelimit-Remaining": {strconv.Itoa(max(0, l.limit-l.observed))},
		"Ratelimit-Reset":     {strconv.FormatInt(l.end.Unix(), 10)},
	}
}
