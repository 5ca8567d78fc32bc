package gitlabsim_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func lines(requests []gitlabsim.Request) (lines []string) {
	for _, r := range requests {
		lines = append(lines, fmt.Sprintf("%s -> %d", r, r.Status))
	}
	return lines
}

func TestARequestIsListedWithItsHeadersAndTheIDOfItsAnswer(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.AddFault(gitlabsim.Fault{Path: "/projects/503", Effect: gitlabsim.JSON(503, "{}")})
	seen := map[string]bool{}
	for i, path := range []string{"/projects/1", "/projects/1", "/projects/9", "/none", "/projects/503"} {
		r := g.request(t, "GET "+path)
		r.Header["X-Proxy"] = []string{"one", "two"}
		id, listed := g.answers(t, r, "…").header.Get("X-Request-Id"), g.Requests()[i]
		if !regexp.MustCompile(`^[0-9A-Z]{26}$`).MatchString(id) || seen[id] || listed.RequestID != id {
			t.Errorf("%s: X-Request-Id %q, listed as %q", path, id, listed.RequestID)
		}
		if listed.Header.Get("PRIVATE-TOKEN") != "maintainer" || !slices.Equal(listed.Header.Values("X-Proxy"), r.Header["X-Proxy"]) {
			t.Errorf("%s: listed with %v", path, listed.Header)
		}
		seen[id] = true
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
		if got, err := g.send(g.request(t, turnOff)); err != nil || got.status != http.StatusTeapot {
			t.Errorf("got %d, %v", got.status, err)
		}
	}()
	wait(t, "the request arrives", arrived)
	if got := lines(g.Forget()); !slices.Equal(got, []string{turnOff + " -> 0"}) {
		t.Errorf("forgot %q", got)
	}
	g.says(t, "GET /projects/1", "200 …")
	letGo()
	wait(t, "the request is answered", answered)
	if got := lines(g.Requests()); !slices.Equal(got, []string{"GET /projects/1 -> 200"}) {
		t.Errorf("recorded %q", got)
	}
}

func TestARequestThatBreaksOffIsNotListed(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	r := g.request(t, turnOff)
	r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) || len(g.Requests()) > 0 {
			t.Errorf("ended with %v; recorded %q", err, lines(g.Requests()))
		}
	}()
	g.ServeHTTP(httptest.NewRecorder(), r)
}
