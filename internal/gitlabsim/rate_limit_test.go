package gitlabsim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// standing is what an answer says about the rate limit: status, limit, observed,
// remaining, seconds to the reset, seconds to wait. It asks without the network,
// which would stop synctest's clock.
func standing(t *testing.T, sim *gitlabsim.Server) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v4/user", nil)
	r.Header = http.Header{"Private-Token": {"maintainer"}}
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	header := w.Header()
	reset, _ := strconv.ParseInt(header.Get("RateLimit-Reset"), 10, 64)
	date, name := time.Unix(reset, 0).UTC().Format(http.TimeFormat), header.Get("RateLimit-Name")
	if w.Code == http.StatusTooManyRequests && (header.Get("RateLimit-ResetTime") != date || name != "throttle_authenticated_api") {
		t.Errorf("the reset is not at %s, or the name is not %s: %v", date, name, header)
	}
	return fmt.Sprintf("%d: %s %s %s, reset in %d, retry after %q", w.Code, header.Get("RateLimit-Limit"),
		header.Get("RateLimit-Observed"), header.Get("RateLimit-Remaining"), reset-time.Now().Unix(), header.Get("Retry-After"))
}

func TestTheRateLimitCountsInClockWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The bubble's clock begins at midnight.
		sim := gitlabsim.New(gitlabsim.Config{})
		sim.AddToken("maintainer", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
		sim.SetRateLimit(2, 10*time.Second)
		for _, step := range []struct {
			after  time.Duration
			effect gitlabsim.Effect
			want   string
		}{
			{3 * time.Second, nil, `200: 2 1 1, reset in 7, retry after ""`},
			{0, nil, `200: 2 2 0, reset in 7, retry after ""`},
			{0, nil, `429: 2 3 0, reset in 7, retry after "7"`},
			{4500 * time.Millisecond, nil, `429: 2 4 0, reset in 3, retry after "3"`},
			{2500*time.Millisecond - time.Nanosecond, nil, `429: 2 5 0, reset in 1, retry after "1"`},
			{time.Nanosecond, nil, `200: 2 1 1, reset in 10, retry after ""`},
			{65 * time.Second, nil, `200: 2 1 1, reset in 5, retry after ""`},
			{0, gitlabsim.Throttle(90 * time.Second), `429: 2000 2001 0, reset in 90, retry after "90"`}, // which keeps it from GitLab
			{0, gitlabsim.Delay(0), `200: 2 2 0, reset in 5, retry after ""`},
		} {
			time.Sleep(step.after)
			if sim.ClearFaults(); step.effect != nil {
				sim.AddFault(gitlabsim.Fault{Effect: step.effect})
			}
			if got := standing(t, sim); got != step.want {
				t.Errorf("after %s more: got %s, want %s", step.after, got, step.want)
			}
		}
	})
}
