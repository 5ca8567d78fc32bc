package gitlab

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitsAsLongAsGitLabAsks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header func(now time.Time) []string
		want   time.Duration
	}{
		"Retry-After in seconds": {func(time.Time) []string { return []string{"Retry-After", "42"} }, 42 * time.Second},
		"Retry-After as a date": {func(now time.Time) []string {
			return []string{"Retry-After", now.Add(90 * time.Second).UTC().Format(http.TimeFormat)}
		}, 90 * time.Second},
		"RateLimit-Reset": {func(now time.Time) []string {
			return []string{"RateLimit-Reset", strconv.FormatInt(now.Add(30*time.Second).Unix(), 10)}
		}, 30 * time.Second},
		"RateLimit-Reset by GitLab's clock, which is an hour ahead": {func(now time.Time) []string {
			ahead := now.Add(time.Hour)
			return []string{"Date", ahead.UTC().Format(http.TimeFormat), "RateLimit-Reset", strconv.FormatInt(ahead.Add(30*time.Second).Unix(), 10)}
		}, 30 * time.Second},
		"a date in the past waits a moment": {func(now time.Time) []string {
			return []string{"Retry-After", now.Add(-time.Hour).UTC().Format(http.TimeFormat)}
		}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []any{respond(http.StatusTooManyRequests, "Retry later", c.header(time.Now())...)}}
				if _, err := s.client(0).GetSettings(t.Context(), "1"); err != nil {
					t.Fatal(err)
				}
				if got := s.asked[1].Sub(s.asked[0]); got != c.want {
					t.Errorf("waited %s, want %s", got, c.want)
				}
			})
		})
	}
}

func TestAWaitOfOverFiveMinutesIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	inTenMinutes := func() string { return strconv.FormatInt(time.Now().Add(10*time.Minute).Unix(), 10) }
	for name, c := range map[string]struct {
		answer func() any
		kind   Kind
		wait   time.Duration
	}{
		"429 with Retry-After": {func() any { return respond(http.StatusTooManyRequests, "Retry later", "Retry-After", "301") }, ErrRateLimited, 301 * time.Second},
		"429 with RateLimit-Reset alone": {func() any {
			return respond(http.StatusTooManyRequests, "Retry later", "RateLimit-Reset", inTenMinutes())
		}, ErrRateLimited, 10 * time.Minute},
		"429 with a Retry-After out of range": {func() any {
			return respond(http.StatusTooManyRequests, "Retry later", "Retry-After", "99999999999")
		}, ErrRateLimited, (1<<31 - 1) * time.Second},
		"503 with Retry-After": {func() any { return respond(http.StatusServiceUnavailable, "down", "Retry-After", "3600") }, ErrServer, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []any{c.answer()}}
				_, err := s.client(6).GetSettings(t.Context(), "1")
				var failure *Error
				if !errors.As(err, &failure) || failure.Kind != c.kind || failure.RetryAfter != c.wait {
					t.Errorf("got %#v, want %q with %s", failure, c.kind, c.wait)
				}
				if len(s.asked) != 1 {
					t.Errorf("%d tries, want 1", len(s.asked))
				}
			})
		})
	}
}

func TestAnImplausibleResetIsIgnored(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]func() int64{
		"in milliseconds":       func() int64 { return time.Now().UnixMilli() },
		"more than a day ahead": func() int64 { return time.Now().Add(25 * time.Hour).Unix() },
		"in the past":           func() int64 { return time.Now().Add(-time.Hour).Unix() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []any{respond(http.StatusOK, `{"active":true}`, "RateLimit-Remaining", "0", "RateLimit-Reset", strconv.FormatInt(reset(), 10))}}
				c := s.client(0)
				for range 2 {
					if _, err := c.GetSettings(t.Context(), "1"); err != nil {
						t.Error(err)
					}
				}
				if waited := s.asked[1].Sub(s.asked[0]); waited != 0 {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

func TestNoRequestsLeftHoldsBackAllOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reset := strconv.FormatInt(time.Now().Add(20*time.Second).Unix(), 10)
		s := &script{answers: []any{
			respond(http.StatusOK, `{"active":true}`, "RateLimit-Remaining", "0", "RateLimit-Reset", reset),
		}}
		c := s.client(6)
		start := time.Now()
		if _, err := c.GetSettings(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for range 5 {
			wait.Go(func() {
				if _, err := c.GetSettings(t.Context(), "2"); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		for i, at := range s.asked[1:] {
			if got := at.Sub(start); got != 20*time.Second {
				t.Errorf("request %d was made after %s, want 20s", i+2, got)
			}
		}
	})
}

func TestAResetTooFarAwayIsAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reset := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
		s := &script{answers: []any{respond(http.StatusOK, `{"active":true}`, "RateLimit-Remaining", "0", "RateLimit-Reset", reset)}}
		c := s.client(6)
		if _, err := c.GetSettings(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.GetSettings(t.Context(), "1"); !errors.Is(err, ErrRateLimited) {
			t.Errorf("got error %v, want %v", err, ErrRateLimited)
		}
	})
}
