package gitlabsim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// turnOff is the request that faults strike here: whether it was carried out
// shows in GitLab's record.
const turnOff = "PATCH " + linkedSettings + ` {"active":false}`

// expectStruck compares what has become of the first request.
func (g *gitlab) expectStruck(t *testing.T, status int, carriedOut bool) {
	t.Helper()
	if stored, _ := g.Settings(linkedID); stored.Active == carriedOut {
		t.Errorf("the request was carried out: %t", !carriedOut)
	}
	if requests := g.Requests(); len(requests) != 1 || requests[0].Status != status {
		t.Errorf("recorded %q, want one with the status %d", lines(requests), status)
	}
}

func overBothProtocols(t *testing.T, test func(t *testing.T, g *gitlab)) {
	t.Helper()
	for name, start := range map[string]func(*testing.T, gitlabsim.Config) *gitlab{"over HTTP/1": start, "over HTTP/2": startHTTP2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, gitlabsim.Config{}))
		})
	}
}

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	const jsonType = "application/json"
	for name, test := range map[string]struct {
		effect      gitlabsim.Effect
		want        string
		contentType string
	}{
		"Status answers with status, headers and body":   {gitlabsim.Status(503, http.Header{"Content-Type": {"text/x"}}, "busy"), "503 busy", "text/x"},
		"JSON answers as GitLab does to its own error":   {gitlabsim.JSON(500, `{"message":"500 Internal Server Error"}`), `500 {"message":"500 Internal Server Error"}`, jsonType},
		"HTML answers as the proxy in front does":        {gitlabsim.HTML(502, "<html>Bad Gateway</html>"), "502 <html>Bad Gateway</html>", "text/html; charset=utf-8"},
		"Throttle answers as the rate limit does":        {gitlabsim.Throttle(30 * time.Second), "429 Retry later\n", "text/plain"},
		"Forbidden gives a reason":                       {gitlabsim.Forbidden("Your account has been blocked."), `403 {"message":"403 Forbidden - Your account has been blocked."}`, jsonType},
		"InsufficientGranularScope names the permission": {gitlabsim.InsufficientGranularScope("Error Tracking: Read"), `403 {"error":"insufficient_granular_scope","error_description":"Access denied: This operation requires a fine-grained personal access token with the following project permissions: [Error Tracking: Read]."}`, jsonType},
		"BlockedURL refuses with 200":                    {gitlabsim.BlockedURL(), `200 {"message":"Error tracking setting api url is blocked: Requests to the local network are not allowed","status":"error"}`, jsonType},
		"ReadOnly refuses JSON in words":                 {gitlabsim.ReadOnly(), `403 {"message":"You cannot perform write operations on a read-only instance"}`, jsonType},
		"Maintenance refuses JSON in words":              {gitlabsim.Maintenance(), `503 {"message":"GitLab Maintenance: system is in maintenance mode"}`, jsonType},
		"Delay answers as usual in the end":              {gitlabsim.Delay(time.Millisecond), "200 " + shown(false, link, false), jsonType},
		"an informational answer of an Effect is not the one": {func(w http.ResponseWriter, _ *http.Request, _ func() gitlabsim.Answer) {
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "done")
		}, "200 done", "text/plain; charset=utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			g.AddFault(gitlabsim.Fault{Effect: test.effect})
			got := g.says(t, turnOff, test.want)
			expectHeader(t, got, "Content-Type", test.contentType)
			expectHeader(t, got, "Location", "")
			g.expectStruck(t, got.status, strings.HasPrefix(name, "Delay"))
		})
	}
}

func TestAReadOnlyGitLabReadsAndLeadsBareWritesToItsStartPage(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Root: "/gitlab"})
	g.AddFault(gitlabsim.Fault{Effect: gitlabsim.ReadOnly()})
	g.says(t, "GET "+linkedSettings, "200 …")
	for _, write := range []string{"POST " + newKeys, "DELETE " + newKeys + "/1"} {
		expectHeader(t, g.says(t, write, "301 "), "Location", g.url+"/gitlab/")
	}
	if keys := g.ClientKeys(newID); len(keys) > 0 {
		t.Errorf("GitLab has %+v", keys)
	}
}

func TestDelayDoesNotCarryOutTheRequestOfAClientThatGoesAway(t *testing.T) {
	t.Parallel()
	overBothProtocols(t, func(t *testing.T, g *gitlab) {
		ctx, goAway := context.WithCancel(t.Context())
		failed, ended := g.underWay(ctx, t, gitlabsim.Delay(20*time.Second))
		goAway()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("the client got %v", err)
		}
		wait(t, "the delay ends", ended)
		g.expectStruck(t, 0, false)
	})
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	t.Parallel()
	whole := shown(false, link, false)
	for _, test := range []struct {
		name    string
		effect  gitlabsim.Effect
		carries bool
		status  int
		body    string
		err     error // over HTTP/1; HTTP/2 has errors of its own for a stream
	}{
		{"ResetBefore leaves GitLab unchanged", gitlabsim.ResetBefore(), false, 0, "", syscall.ECONNRESET},
		{"ResetAfter carries the request out", gitlabsim.ResetAfter(), true, 0, "", syscall.ECONNRESET},
		{"CutOff carries it out and breaks off in mid-body", gitlabsim.CutOff(), true, 200, whole[:len(whole)/2], io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			overBothProtocols(t, func(t *testing.T, g *gitlab) {
				g.AddFault(gitlabsim.Fault{Times: 1, Effect: test.effect})
				got, err := g.send(g.request(t, turnOff))
				// Windows names the error otherwise.
				named := strings.HasPrefix(g.url, "http:") && runtime.GOOS != "windows"
				if err == nil || named && !errors.Is(err, test.err) || got.body != test.body {
					t.Errorf("got %d %s, %v", got.status, got.body, err)
				}
				if test.body != "" {
					expectHeader(t, got, "Content-Length", strconv.Itoa(len(whole)))
					expectHeader(t, got, "Content-Type", "application/json")
				}
				g.expectStruck(t, test.status, test.carries)
				g.says(t, "GET "+linkedSettings, "200 "+shown(!test.carries, link, false))
			})
		})
	}
}

func TestFaultsChooseAndCountRequests(t *testing.T) {
	t.Parallel()
	const get, byPath, project = "GET " + linkedSettings, "GET /projects/g%2Flinked/error_tracking/settings", "GET /projects/1"
	e500, e502 := gitlabsim.JSON(500, "{}"), gitlabsim.JSON(502, "{}")
	for name, test := range map[string]struct {
		faults   []gitlabsim.Fault
		requests []string
		want     []int
	}{
		"without conditions, all":        {[]gitlabsim.Fault{{Effect: e500}}, []string{get, turnOff, project, "GET /none"}, []int{500, 500, 500, 500}},
		"After and Times":                {[]gitlabsim.Fault{{After: 1, Times: 2, Effect: e500}}, []string{get, get, get, get}, []int{200, 500, 500, 200}},
		"Path is a part of the path":     {[]gitlabsim.Fault{{Path: "/error_tracking/", Effect: e500}}, []string{project, get}, []int{200, 500}},
		"Path is escaped":                {[]gitlabsim.Fault{{Path: "/projects/g%2Flinked/", Effect: e500}}, []string{get, byPath}, []int{200, 500}},
		"Path is what follows /api/v4":   {[]gitlabsim.Fault{{Path: "v4", Effect: e500}}, []string{get}, []int{200}},
		"Method and Path must both fit":  {[]gitlabsim.Fault{{Method: "GET", Path: "/error_tracking/", Effect: e500}}, []string{project, turnOff, get}, []int{200, 200, 500}},
		"only what is chosen counts":     {[]gitlabsim.Fault{{Method: "PATCH", After: 1, Times: 1, Effect: e500}}, []string{get, turnOff, get, turnOff, turnOff}, []int{200, 200, 200, 500, 200}},
		"the first of several strikes":   {[]gitlabsim.Fault{{Times: 1, Effect: e500}, {Effect: e502}}, []string{get, get}, []int{500, 502}},
		"the second does not count that": {[]gitlabsim.Fault{{Times: 1, Effect: e500}, {After: 1, Effect: e502}}, []string{get, get, get}, []int{500, 200, 502}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			for _, f := range test.faults {
				g.AddFault(f)
			}
			var got []int
			for _, asked := range test.requests {
				got = append(got, g.says(t, asked, "…").status)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			g.ClearFaults()
			g.says(t, get, "200 …")
		})
	}
}
