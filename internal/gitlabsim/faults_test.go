package gitlabsim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// turnOff is the request that faults strike here: whether it was carried out
// shows in GitLab's record.
func turnOff() request {
	return request{method: "PATCH", path: linkedSettings, body: `{"active":false}`}
}

func carriedOut(g *gitlab) bool {
	stored, _ := g.Settings(linkedID)
	return !stored.Active
}

func unix(t *testing.T, got answer, header string) int64 {
	t.Helper()
	seconds, err := strconv.ParseInt(got.header.Get(header), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", header, err)
	}
	return seconds
}

func overBothProtocols(t *testing.T, test func(t *testing.T, g *gitlab)) {
	t.Helper()
	t.Run("over HTTP/1", func(t *testing.T) {
		t.Parallel()
		test(t, start(t, gitlabsim.Config{}))
	})
	t.Run("over HTTP/2", func(t *testing.T) {
		t.Parallel()
		test(t, startHTTP2(t, gitlabsim.Config{}))
	})
}

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		effect  gitlabsim.Effect
		status  int
		header  map[string]string
		body    string
		carries bool
	}{
		{
			name:   "Status answers with status, headers and body",
			effect: gitlabsim.Status(503, http.Header{"Content-Type": {"text/plain"}, "Retry-After": {"7"}}, "busy"),
			status: 503, header: map[string]string{"Content-Type": "text/plain", "Retry-After": "7"}, body: "busy",
		},
		{
			name:   "JSON answers as GitLab does to its own error",
			effect: gitlabsim.JSON(500, `{"message":"500 Internal Server Error"}`),
			status: 500, header: map[string]string{"Content-Type": "application/json"},
			body: `{"message":"500 Internal Server Error"}`,
		},
		{
			name:   "HTML answers as the proxy in front does",
			effect: gitlabsim.HTML(502, "<html>Bad Gateway</html>"),
			status: 502, header: map[string]string{"Content-Type": "text/html; charset=utf-8"},
			body: "<html>Bad Gateway</html>",
		},
		{
			name:   "Throttle answers as the rate limit does",
			effect: gitlabsim.Throttle(30 * time.Second),
			status: 429,
			header: map[string]string{
				"Content-Type": "text/plain", "Retry-After": "30", "RateLimit-Limit": "2000",
				"RateLimit-Observed": "2001", "RateLimit-Remaining": "0", "RateLimit-Name": "throttle_authenticated_api",
			},
			body: "Retry later\n",
		},
		{
			name:   "Forbidden gives a reason",
			effect: gitlabsim.Forbidden("Your account has been blocked."),
			status: 403, body: `{"message":"403 Forbidden - Your account has been blocked."}`,
		},
		{
			name:   "InsufficientGranularScope names the permission",
			effect: gitlabsim.InsufficientGranularScope("Error Tracking: Read"),
			status: 403,
			body: `{"error":"insufficient_granular_scope","error_description":"Access denied: This operation requires a fine-grained ` +
				`personal access token with the following project permissions: [Error Tracking: Read]."}`,
		},
		{
			name:   "BlockedURL refuses with 200",
			effect: gitlabsim.BlockedURL(),
			status: 200,
			body: `{"message":"Error tracking setting api url is blocked: Requests to the local network are not allowed",` +
				`"status":"error"}`,
		},
		{
			name:   "ReadOnly refuses JSON in words",
			effect: gitlabsim.ReadOnly(),
			status: 403, header: map[string]string{"Content-Type": "application/json", "Location": ""},
			body: `{"message":"You cannot perform write operations on a read-only instance"}`,
		},
		{
			name:   "Maintenance refuses JSON in words",
			effect: gitlabsim.Maintenance(),
			status: 503, body: `{"message":"GitLab Maintenance: system is in maintenance mode"}`,
		},
		{
			name:   "Delay answers as usual in the end",
			effect: gitlabsim.Delay(time.Millisecond),
			status: 200, header: map[string]string{"Content-Type": "application/json"},
			body: shown(false, link, false), carries: true,
		},
		{
			name: "a custom Effect need not give a status",
			effect: func(w http.ResponseWriter, _ *http.Request, _ func() gitlabsim.Answer) {
				_, _ = io.WriteString(w, "hello")
			},
			status: 200, body: "hello",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			overBothProtocols(t, func(t *testing.T, g *gitlab) {
				g.AddFault(gitlabsim.Fault{Effect: test.effect})
				got := g.ask(t, turnOff())
				expect(t, got, test.status, test.body)
				for name, value := range test.header {
					expectHeader(t, got, name, value)
				}
				if carriedOut(g) != test.carries {
					t.Errorf("the request was carried out: %t", !test.carries)
				}
				recorded := g.Requests()[0]
				if recorded.Status != test.status {
					t.Errorf("recorded as %d", recorded.Status)
				}
				expectHeader(t, got, "X-Request-Id", recorded.RequestID)
			})
		})
	}
}

func TestAReadOnlyGitLabReadsAndLeadsBareWritesToItsStartPage(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Root: "/gitlab"})
	g.AddFault(gitlabsim.Fault{Effect: gitlabsim.ReadOnly()})
	for _, test := range []struct {
		method, path, location string
		status                 int
	}{
		{"GET", linkedSettings, "", 200},
		{"POST", newKeys, g.url + "/gitlab/", 301},
		{"DELETE", newKeys + "/1", g.url + "/gitlab/", 301},
	} {
		got, err := g.tryOutsideAPI(t.Context(), request{method: test.method, path: test.path}, "/gitlab/api/v4")
		if err != nil {
			t.Fatal(err)
		}
		if got.status != test.status {
			t.Errorf("%s: got %d %s", test.method, got.status, got.body)
		}
		expectHeader(t, got, "Location", test.location)
	}
	if keys := g.ClientKeys(newID); len(keys) > 0 {
		t.Errorf("GitLab has %+v", keys)
	}
}

func TestThrottleSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddFault(gitlabsim.Fault{Effect: gitlabsim.Throttle(90 * time.Second)})
	before := time.Now().Unix()
	got := g.ask(t, turnOff())
	reset := unix(t, got, "RateLimit-Reset")
	if reset < before+90 || reset > time.Now().Unix()+90 {
		t.Errorf("RateLimit-Reset is %d s ahead, not 90", reset-before)
	}
	resetTime, err := http.ParseTime(got.header.Get("RateLimit-ResetTime"))
	if err != nil || resetTime.Unix() != reset {
		t.Errorf("RateLimit-ResetTime is %v, %v; RateLimit-Reset is %d", resetTime, err, reset)
	}
}

func TestDelayDoesNotCarryOutTheRequestOfAClientThatGoesAway(t *testing.T) {
	t.Parallel()
	overBothProtocols(t, func(t *testing.T, g *gitlab) {
		arrived, ended := make(chan struct{}), make(chan struct{})
		g.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
			defer close(ended)
			close(arrived)
			gitlabsim.Delay(20*time.Second)(w, r, answer)
		}})
		ctx, goAway := context.WithCancel(t.Context())
		defer goAway()
		failed := make(chan error, 1)
		go func() {
			_, err := g.try(ctx, turnOff())
			failed <- err
		}()
		wait(t, "the request arrives", arrived)
		goAway()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("the client got %v", err)
		}
		wait(t, "the delay ends", ended)
		if carriedOut(g) {
			t.Error("the request was carried out")
		}
		if status := g.Requests()[0].Status; status != 0 {
			t.Errorf("recorded as %d", status)
		}
	})
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		effect  gitlabsim.Effect
		carries bool
	}{
		{"ResetBefore leaves GitLab unchanged", gitlabsim.ResetBefore(), false},
		{"ResetAfter carries the request out", gitlabsim.ResetAfter(), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			overBothProtocols(t, func(t *testing.T, g *gitlab) {
				g.AddFault(gitlabsim.Fault{Times: 1, Effect: test.effect})
				if got, err := g.try(t.Context(), turnOff()); err == nil {
					t.Fatalf("answered with %d %s", got.status, got.body)
				}
				if carriedOut(g) != test.carries {
					t.Errorf("the request was carried out: %t", !test.carries)
				}
				if requests := g.Requests(); len(requests) != 1 || requests[0].Status != 0 {
					t.Errorf("recorded %v", requests)
				}
				got := g.ask(t, request{method: "GET", path: linkedSettings})
				expectJSON(t, got, 200, shown(!test.carries, link, false))
			})
		})
	}
}

func TestResetsOverHTTP1AreResetsOfTCP(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows names the error otherwise")
	}
	for name, effect := range map[string]gitlabsim.Effect{
		"ResetBefore": gitlabsim.ResetBefore(), "ResetAfter": gitlabsim.ResetAfter(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddFault(gitlabsim.Fault{Effect: effect})
			if _, err := g.try(t.Context(), turnOff()); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestCutOffCarriesTheRequestOutAndBreaksOffInMidBody(t *testing.T) {
	t.Parallel()
	overBothProtocols(t, func(t *testing.T, g *gitlab) {
		g.AddFault(gitlabsim.Fault{Effect: gitlabsim.CutOff()})
		whole := shown(false, link, false)
		got, err := g.try(t.Context(), turnOff())
		// HTTP/2 has an error of its own for a stream that breaks off.
		if err == nil || got.proto == 1 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the body ended with %v", err)
		}
		expectJSON(t, got, 200, whole[:len(whole)/2])
		expectHeader(t, got, "Content-Length", strconv.Itoa(len(whole)))
		if !carriedOut(g) {
			t.Error("the request was not carried out")
		}
		if status := g.Requests()[0].Status; status != 200 {
			t.Errorf("recorded as %d", status)
		}
	})
}

func TestFaultsChooseAndCountRequests(t *testing.T) {
	t.Parallel()
	get := request{method: "GET", path: linkedSettings}
	byPath := request{method: "GET", path: "/projects/g%2Flinked/error_tracking/settings"}
	project := request{method: "GET", path: "/projects/1"}
	e500, e502 := gitlabsim.JSON(500, "{}"), gitlabsim.JSON(502, "{}")
	for name, test := range map[string]struct {
		faults   []gitlabsim.Fault
		requests []request
		want     []int
	}{
		"without conditions, all":        {[]gitlabsim.Fault{{Effect: e500}}, []request{get, turnOff(), project, {method: "GET", path: "/none"}}, []int{500, 500, 500, 500}},
		"After and Times":                {[]gitlabsim.Fault{{After: 1, Times: 2, Effect: e500}}, []request{get, get, get, get}, []int{200, 500, 500, 200}},
		"Path is a part of the path":     {[]gitlabsim.Fault{{Path: "/error_tracking/", Effect: e500}}, []request{project, get}, []int{200, 500}},
		"Path is escaped":                {[]gitlabsim.Fault{{Path: "/projects/g%2Flinked/", Effect: e500}}, []request{get, byPath}, []int{200, 500}},
		"Path is what follows /api/v4":   {[]gitlabsim.Fault{{Path: "v4", Effect: e500}}, []request{get}, []int{200}},
		"Method and Path must both fit":  {[]gitlabsim.Fault{{Method: "GET", Path: "/error_tracking/", Effect: e500}}, []request{project, turnOff(), get}, []int{200, 200, 500}},
		"only what is chosen counts":     {[]gitlabsim.Fault{{Method: "PATCH", After: 1, Times: 1, Effect: e500}}, []request{get, turnOff(), get, turnOff(), turnOff()}, []int{200, 200, 200, 500, 200}},
		"the first of several strikes":   {[]gitlabsim.Fault{{Times: 1, Effect: e500}, {Effect: e502}}, []request{get, get}, []int{500, 502}},
		"the second does not count that": {[]gitlabsim.Fault{{Times: 1, Effect: e500}, {After: 1, Effect: e502}}, []request{get, get, get}, []int{500, 200, 502}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			for _, f := range test.faults {
				g.AddFault(f)
			}
			var got []int
			for _, r := range test.requests {
				got = append(got, g.ask(t, r).status)
			}
			if g.ClearFaults(); g.ask(t, get).status != http.StatusOK {
				t.Error("a fault strikes that was cleared")
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
