package gitlabsim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
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

// underWay sends turnOff, and returns when the effect has begun: the client's
// error follows, and the end of the effect.
func (g *gitlab) underWay(ctx context.Context, t *testing.T, effect gitlabsim.Effect) (<-chan error, <-chan struct{}) {
	t.Helper()
	arrived, ended, failed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	g.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		defer close(ended)
		close(arrived)
		effect(w, r, answer)
	}})
	go func() {
		_, err := g.send(g.request(t, turnOff).WithContext(ctx))
		failed <- err
	}()
	wait(t, "the request arrives", arrived)
	return failed, ended
}

func TestARequestForgottenWhileUnderWayStaysForgotten(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	release := make(chan struct{})
	failed, _ := g.underWay(t.Context(), t, func(w http.ResponseWriter, _ *http.Request, _ func() gitlabsim.Answer) {
		<-release
		w.WriteHeader(http.StatusTeapot)
	})
	forgotten := g.Forget()
	close(release)
	if err := <-failed; err != nil || !slices.Equal(lines(forgotten), []string{turnOff + " -> 0"}) {
		t.Errorf("forgot %q, which failed with %v", lines(forgotten), err)
	}
	g.says(t, "GET /projects/1", "200 …")
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
