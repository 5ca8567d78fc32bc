package gitlab

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// GitLab's clock in these tests is synctest's, which begins at 946684800, or
// Sat, 01 Jan 2000 00:00:00 GMT.

func TestHowLongGitLabAsksToWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header []string
		want   time.Duration // an error, if it is longer than five minutes
	}{
		"Retry-After in seconds":                                    {429, []string{"Retry-After", "42"}, 42 * time.Second},
		"Retry-After as a date":                                     {429, []string{"Retry-After", "Sat, 01 Jan 2000 00:01:30 GMT"}, 90 * time.Second},
		"a date in the past waits a moment":                         {429, []string{"Retry-After", "Fri, 31 Dec 1999 23:00:00 GMT"}, time.Second},
		"RateLimit-Reset":                                           {429, []string{"RateLimit-Reset", "946684830"}, 30 * time.Second},
		"RateLimit-Reset by GitLab's clock, which is an hour ahead": {429, []string{"Date", "Sat, 01 Jan 2000 01:00:00 GMT", "RateLimit-Reset", "946688430"}, 30 * time.Second},
		"503 with Retry-After":                                      {503, []string{"Retry-After", "42"}, 42 * time.Second},
		"five minutes":                                              {429, []string{"Retry-After", "300"}, 5 * time.Minute},
		"over five minutes":                                         {429, []string{"Retry-After", "301"}, 301 * time.Second},
		"a Retry-After out of range":                                {429, []string{"Retry-After", "99999999999"}, (1<<31 - 1) * time.Second},
		"a negative Retry-After":                                    {429, []string{"Retry-After", "-99999999999"}, time.Second},
		"a reset over five minutes away":                            {429, []string{"RateLimit-Reset", "946685400"}, 10 * time.Minute},
		"503 for an hour":                                           {503, []string{"Retry-After", "3600"}, time.Hour},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{respond(c.status, "Retry later", c.header...)}}
			err := read(t.Context(), clientOf(s, 6))
			if c.want <= maxWait {
				if err != nil || len(s.asked) != 2 || s.asked[1].Sub(s.asked[0]) != c.want {
					t.Errorf("asked at %v, want %s between: %v", s.asked, c.want, err)
				}
				return
			}
			if failure, ok := errors.AsType[*Error](err); !ok || failure.Status != c.status || failure.RetryAfter != c.want || len(s.asked) != 1 {
				t.Errorf("got %#v after %d tries, want one that names %s", err, len(s.asked), c.want)
			}
		})
	}
}

func TestNoRequestsLeftHoldsBackAllOthersUntilTheReset(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reset string
		waits time.Duration
		kind  error
	}{
		"in seconds":                     {"946684820", 20 * time.Second, nil},
		"in an hour":                     {"946688400", 0, ErrRateLimited},
		"in a day":                       {"946771200", 0, ErrRateLimited},
		"implausible: after a day":       {"946771201", 0, nil},
		"implausible: in the past":       {"946681200", 0, nil},
		"implausible: milliseconds":      {"946684800000", 0, nil},
		"implausible: as far as it gets": {"9223372036854775807", 0, nil},
		"implausible: before all times":  {"-9223372036854775808", 0, nil},
		"no number":                      {"soon", 0, nil},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{respond(http.StatusOK, `{"active":true}`, "RateLimit-Reset", c.reset, "RateLimit-Remaining", "0")}}
			client := clientOf(s, 6)
			if err := read(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			var wait sync.WaitGroup
			for range 5 {
				wait.Go(func() {
					if err := read(t.Context(), client); !errors.Is(err, c.kind) {
						t.Errorf("got error %v, want %v", err, c.kind)
					}
				})
			}
			wait.Wait()
			for _, at := range s.asked[1:] {
				if got := at.Sub(start); got != c.waits {
					t.Errorf("a request was made after %s, want %s", got, c.waits)
				}
			}
		})
	}
}
