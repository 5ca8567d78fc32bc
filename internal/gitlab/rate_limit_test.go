package gitlab

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// resetIn is a RateLimit-Reset.
func resetIn(d time.Duration) []string {
	return []string{"RateLimit-Reset", strconv.FormatInt(time.Now().Add(d).Unix(), 10)}
}

// dateIn is a header whose value is a date.
func dateIn(name string, d time.Duration) []string {
	return []string{name, time.Now().Add(d).UTC().Format(http.TimeFormat)}
}

func TestHowLongGitLabAsksToWait(t *testing.T) {
	t.Parallel()
	const most = 5 * time.Minute
	for name, c := range map[string]struct {
		status int
		header func() []string
		want   time.Duration // an error, if it is longer than five minutes
	}{
		"Retry-After in seconds":            {429, func() []string { return []string{"Retry-After", "42"} }, 42 * time.Second},
		"Retry-After as a date":             {429, func() []string { return dateIn("Retry-After", 90*time.Second) }, 90 * time.Second},
		"a date in the past waits a moment": {429, func() []string { return dateIn("Retry-After", -time.Hour) }, time.Second},
		"RateLimit-Reset":                   {429, func() []string { return resetIn(30 * time.Second) }, 30 * time.Second},
		"RateLimit-Reset by GitLab's clock, which is an hour ahead": {429, func() []string {
			return append(dateIn("Date", time.Hour), resetIn(time.Hour+30*time.Second)...)
		}, 30 * time.Second},
		"503 with Retry-After":           {503, func() []string { return []string{"Retry-After", "42"} }, 42 * time.Second},
		"five minutes":                   {429, func() []string { return []string{"Retry-After", "300"} }, most},
		"over five minutes":              {429, func() []string { return []string{"Retry-After", "301"} }, 301 * time.Second},
		"a Retry-After out of range":     {429, func() []string { return []string{"Retry-After", "99999999999"} }, (1<<31 - 1) * time.Second},
		"a reset over five minutes away": {429, func() []string { return resetIn(10 * time.Minute) }, 10 * time.Minute},
		"503 for an hour":                {503, func() []string { return []string{"Retry-After", "3600"} }, time.Hour},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{respond(c.status, "Retry later", c.header()...)}}
			_, err := s.client(6).GetSettings(t.Context(), "1")
			if c.want <= most {
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
		reset func() []string
		waits time.Duration
		kind  error
	}{
		"in seconds":                {func() []string { return resetIn(20 * time.Second) }, 20 * time.Second, nil},
		"in an hour":                {func() []string { return resetIn(time.Hour) }, 0, ErrRateLimited},
		"in a day":                  {func() []string { return resetIn(24 * time.Hour) }, 0, ErrRateLimited},
		"implausible: after a day":  {func() []string { return resetIn(24*time.Hour + time.Second) }, 0, nil},
		"implausible: in the past":  {func() []string { return resetIn(-time.Hour) }, 0, nil},
		"implausible: milliseconds": {func() []string { return []string{"RateLimit-Reset", strconv.FormatInt(time.Now().UnixMilli(), 10)} }, 0, nil},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{respond(http.StatusOK, `{"active":true}`, append(c.reset(), "RateLimit-Remaining", "0")...)}}
			client := s.client(6)
			if _, err := client.GetSettings(t.Context(), "1"); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			var wait sync.WaitGroup
			for range 5 {
				wait.Go(func() {
					if _, err := client.GetSettings(t.Context(), "2"); !errors.Is(err, c.kind) {
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
