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
