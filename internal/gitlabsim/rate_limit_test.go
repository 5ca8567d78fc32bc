package gitlabsim_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// inMemory asks without the network, which would stop synctest's clock.
func inMemory(sim *gitlabsim.Server, method, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v4"+linkedSettings, strings.NewReader(body))
	r.Header.Set("Private-Token", "maintainer")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	return w
}

func limited(limit int, window time.Duration) *gitlabsim.Server {
	sim := gitlabsim.New(gitlabsim.Config{})
	sim.AddProject(gitlabsim.Project{ID: linkedID, Path: "g/linked", Settings: gitlabsim.SentryLink(sentryURL)})
	sim.AddToken("maintainer", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	sim.SetRateLimit(limit, window)
	return sim
}

// standing is what an answer says about the rate limit: status, limit,
// observed, remaining, seconds to the reset, seconds to wait.
func standing(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	reset := unix(t, answer{header: w.Header()}, "RateLimit-Reset") - time.Now().Unix()
	return fmt.Sprintf("%d: %s %s %s, reset in %d, retry after %q", w.Code,
		w.Header().Get("RateLimit-Limit"), w.Header().Get("RateLimit-Observed"), w.Header().Get("RateLimit-Remaining"),
		reset, w.Header().Get("Retry-After"))
}

func TestTheRateLimitCountsInClockWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// The bubble's clock begins at midnight.
		sim := limited(2, 10*time.Second)
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{3 * time.Second, `200: 2 1 1, reset in 7, retry after ""`},
			{0, `200: 2 2 0, reset in 7, retry after ""`},
			{0, `429: 2 3 0, reset in 7, retry after "7"`},
			{4500 * time.Millisecond, `429: 2 4 0, reset in 3, retry after "3"`},
			{2500*time.Millisecond - time.Nanosecond, `429: 2 5 0, reset in 1, retry after "1"`},
			{time.Nanosecond, `200: 2 1 1, reset in 10, retry after ""`},
			{65 * time.Second, `200: 2 1 1, reset in 5, retry after ""`},
		} {
			time.Sleep(step.after)
			if got := standing(t, inMemory(sim, "GET", "")); got != step.want {
				t.Errorf("after %s more: got %s, want %s", step.after, got, step.want)
			}
		}
	})
}

func TestTheRateLimitSeesOnlyWhatReachesGitLab(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		effect gitlabsim.Effect
		want   string
	}{
		"the proxy in front answers by itself": {gitlabsim.HTML(502, "down"), `200: 2 1 1, reset in 60, retry after ""`},
		"GitLab's answer arrives late":         {gitlabsim.Delay(0), `200: 2 2 0, reset in 60, retry after ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim := limited(2, time.Minute)
				sim.AddFault(gitlabsim.Fault{Times: 1, Effect: test.effect})
				inMemory(sim, "GET", "")
				if got := standing(t, inMemory(sim, "GET", "")); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			})
		})
	}
}
