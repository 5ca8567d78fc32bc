package gitlabsim_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func lines(requests []gitlabsim.Request) []string {
	var lines []string
	for _, r := range requests {
		lines = append(lines, fmt.Sprintf("%s -> %d", r, r.Status))
	}
	return lines
}

func TestRequestsAreListedInOrder(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for _, r := range []request{
		{method: "GET", path: "/projects/g%2Flinked/error_tracking/settings"},
		{method: "PATCH", path: linkedSettings, body: `{"active": false}`},
		{method: "PATCH", path: linkedSettings + "?z=%7E&active=true&active=no", contentType: "application/x-www-form-urlencoded"},
		{method: "GET", path: "/projects/9"},
		{method: "GET", path: "/none/at%20all/"},
		{method: "DELETE", path: linkedSettings},
		{method: "GET", path: linkedSettings, header: http.Header{}},
	} {
		g.ask(t, r)
	}
	if _, err := g.tryOutsideAPI(t.Context(), request{method: "GET", path: "/g/linked?a=1"}, ""); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`GET /projects/g%2Flinked/error_tracking/settings -> 200`,
		`PATCH /projects/1/error_tracking/settings {"active": false} -> 200`,
		`PATCH /projects/1/error_tracking/settings?z=%7E&active=true&active=no -> 200`,
		`GET /projects/9 -> 404`,
		`GET /none/at%20all/ -> 404`,
		`DELETE /projects/1/error_tracking/settings -> 404`,
		`GET /projects/1/error_tracking/settings -> 401`,
		`GET /g/linked?a=1 -> 302`,
	}
	if got := lines(g.Requests()); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestARequestHoldsTheHeadersAndTheRequestID(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	got := g.ask(t, request{
		method: "GET", path: linkedSettings,
		header: http.Header{"Private-Token": {"maintainer"}, "X-Proxy": {"one", "two"}},
	})
	recorded := g.Requests()[0]
	expectHeader(t, got, "X-Request-Id", recorded.RequestID)
	if token := recorded.Header.Get("PRIVATE-TOKEN"); token != "maintainer" {
		t.Errorf("recorded the token %q", token)
	}
	if values := recorded.Header.Values("X-Proxy"); !slices.Equal(values, []string{"one", "two"}) {
		t.Errorf("recorded X-Proxy as %q", values)
	}
}

func TestForgetEmptiesTheList(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	first := g.ask(t, request{method: "GET", path: "/projects/1"})
	if got := lines(g.Forget()); !slices.Equal(got, []string{"GET /projects/1 -> 200"}) {
		t.Errorf("forgot %q", got)
	}
	if got := g.Requests(); len(got) > 0 {
		t.Errorf("still recorded: %q", lines(got))
	}
	second := g.ask(t, request{method: "GET", path: "/projects/9"})
	if got := lines(g.Requests()); !slices.Equal(got, []string{"GET /projects/9 -> 404"}) {
		t.Errorf("recorded %q", got)
	}
	if first.header.Get("X-Request-Id") == second.header.Get("X-Request-Id") {
		t.Error("a request id came twice")
	}
}

func TestTheCallersRequestsAreACopy(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.ask(t, request{method: "GET", path: "/projects/1"})
	g.Requests()[0].Path = "/changed"
	if path := g.Requests()[0].Path; path != "/projects/1" {
		t.Errorf("recorded %s", path)
	}
}

func TestARequestForgottenWhileUnderWayStaysForgotten(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	arrived, release := make(chan struct{}), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(release) })
	defer letGo()
	g.AddFault(gitlabsim.Fault{Method: "PATCH", Effect: func(w http.ResponseWriter, _ *http.Request, _ func() gitlabsim.Answer) {
		close(arrived)
		<-release
		w.WriteHeader(http.StatusTeapot)
	}})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if got, err := g.try(t.Context(), turnOff()); err != nil || got.status != http.StatusTeapot {
			t.Errorf("got %d, %v", got.status, err)
		}
	}()
	wait(t, "the request arrives", arrived)
	if got := lines(g.Forget()); !slices.Equal(got, []string{"PATCH " + linkedSettings + ` {"active":false} -> 0`}) {
		t.Errorf("forgot %q", got)
	}
	g.ask(t, request{method: "GET", path: "/projects/1"})
	letGo()
	wait(t, "the request is answered", answered)
	if got := lines(g.Requests()); !slices.Equal(got, []string{"GET /projects/1 -> 200"}) {
		t.Errorf("recorded %q", got)
	}
}

func TestAnInformationalAnswerIsNotTheLast(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, _ *http.Request, _ func() gitlabsim.Answer) {
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, "done")
	}})
	expect(t, g.ask(t, turnOff()), 200, "done")
	if status := g.Requests()[0].Status; status != 200 {
		t.Errorf("recorded as %d", status)
	}
}

func TestARequestThatBreaksOffIsNotListed(t *testing.T) {
	t.Parallel()
	sim := gitlabsim.New(gitlabsim.Config{})
	ended := make(chan struct{})
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		sim.ServeHTTP(w, r)
	}))
	t.Cleanup(listener.Close)

	// Longer than the client's write buffer, so that a part of it is sent.
	part := strings.Repeat(" ", 1<<16)
	broken := errors.New("broken off")
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", listener.URL+"/api/v4"+linkedSettings,
		io.MultiReader(strings.NewReader(part), iotest.ErrReader(broken)))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = 2 * int64(len(part))
	resp, err := listener.Client().Do(req)
	if err == nil {
		resp.Body.Close()
		t.Fatalf("answered with %s", resp.Status)
	}
	if !errors.Is(err, broken) {
		t.Errorf("the client got %v", err)
	}
	wait(t, "the server gives up", ended)
	if got := sim.Requests(); len(got) > 0 {
		t.Errorf("recorded %q", lines(got))
	}
}

func TestRequestsAtTheSameTimeAreAllListed(t *testing.T) {
	t.Parallel()
	overBothProtocols(t, func(t *testing.T, g *gitlab) {
		const count = 24
		var group sync.WaitGroup
		for i := range count {
			group.Go(func() {
				r := request{method: "GET", path: fmt.Sprintf("/projects/1?i=%d", i)}
				if i%2 == 0 {
					r = request{method: "PATCH", path: fmt.Sprintf("%s?i=%d", linkedSettings, i), body: `{"active":true}`}
				}
				if got, err := g.try(t.Context(), r); err != nil || got.status != 200 {
					t.Errorf("%s: %d, %v", r.path, got.status, err)
				}
			})
		}
		group.Wait()
		paths, ids := map[string]bool{}, map[string]bool{}
		for _, r := range g.Requests() {
			paths[r.Path], ids[r.RequestID] = true, true
			if r.Status != 200 {
				t.Errorf("%s recorded as %d", r, r.Status)
			}
		}
		if len(paths) != count || len(ids) != count {
			t.Errorf("recorded %d paths and %d request ids, want %d of each", len(paths), len(ids), count)
		}
	})
}
