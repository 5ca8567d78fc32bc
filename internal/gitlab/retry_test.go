package gitlab

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// script is a GitLab that answers from a list, and with settings after its end.
// Together with synctest's clock it shows how long the client waits.
type script struct {
	mu      sync.Mutex
	answers []any // *http.Response or error
	asked   []time.Time
}

func (s *script) RoundTrip(*http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Now())
	if len(s.answers) == 0 {
		return respond(http.StatusOK, `{"active":true,"integrated":false}`), nil
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	if err, ok := next.(error); ok {
		return nil, err
	}
	resp, _ := next.(*http.Response)
	return resp, nil
}

func respond(status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

func (s *script) client(retries int) *Client {
	return &Client{
		config: Config{Token: "t", Retries: retries},
		api:    "https://gitlab.example.com/api/v4",
		http:   &http.Client{Transport: &trial{next: s, timeout: 30 * time.Second}},
	}
}

func repeat(n int, answer func() any) []any {
	answers := make([]any, n)
	for i := range answers {
		answers[i] = answer()
	}
	return answers
}

func serverError() any {
	return respond(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)
}

func unavailable() any { return respond(http.StatusServiceUnavailable, `down`) }

func connectionReset() any { return &net.OpError{Op: "read", Err: syscall.ECONNRESET} }

func TestTriesOfRequestsThatMayBeRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []any
		tries   int
		kind    error
	}{
		"an answer at once":                       {nil, 1, nil},
		"500 until the last try":                  {repeat(6, serverError), 7, nil},
		"500 for good":                            {repeat(7, serverError), 7, ErrServer},
		"a lost connection until the last try":    {repeat(6, connectionReset), 7, nil},
		"a lost connection for good":              {repeat(7, connectionReset), 7, ErrUnreachable},
		"501 is not repeated":                     {[]any{respond(http.StatusNotImplemented, `{}`)}, 1, ErrServer},
		"403 is not repeated":                     {[]any{respond(http.StatusForbidden, `{}`)}, 1, ErrForbidden},
		"a 502 in HTML is repeated":               {[]any{respond(http.StatusBadGateway, "<html>", "Content-Type", "text/html")}, 2, nil},
		"a body over 10 MiB is not repeated":      {[]any{respond(http.StatusOK, strings.Repeat(" ", maxBody+1))}, 1, ErrNotGitLab},
		"a body that breaks off is repeated":      {[]any{brokenBody()}, 2, nil},
		"a try that takes too long is repeated":   {[]any{context.DeadlineExceeded}, 2, nil},
		"a server without TLS is not asked again": {[]any{http.ErrSchemeMismatch}, 1, ErrUnreachable},
		"an answer without TLS is not repeated":   {[]any{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}}, 1, ErrUnreachable},
		"429 without Retry-After costs a try":     {repeat(7, func() any { return respond(http.StatusTooManyRequests, "Retry later") }), 7, ErrRateLimited},
		"429 with Retry-After costs none":         {repeat(20, func() any { return respond(http.StatusTooManyRequests, "", "Retry-After", "2") }), 21, nil},
		"503 with Retry-After costs none":         {repeat(20, func() any { return respond(http.StatusServiceUnavailable, "", "Retry-After", "2") }), 21, nil},
		"Retry-After: 0 ends eventually":          {repeat(400, func() any { return respond(http.StatusTooManyRequests, "", "Retry-After", "0") }), 301, ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: c.answers}
				_, err := s.client(6).GetSettings(t.Context(), "1")
				if !errors.Is(err, c.kind) {
					t.Errorf("got error %v, want %v", err, c.kind)
				}
				if len(s.asked) != c.tries {
					t.Errorf("%d tries, want %d", len(s.asked), c.tries)
				}
			})
		})
	}
}

func brokenBody() any {
	resp := respond(http.StatusOK, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"active":`), broken{}))
	return resp
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBackOffDoublesWithJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: repeat(10, serverError)}
		if _, err := s.client(9).GetSettings(t.Context(), "1"); !errors.Is(err, ErrServer) {
			t.Fatal(err)
		}
		most := 250 * time.Millisecond
		for i := 1; i < len(s.asked); i++ {
			if pause := s.asked[i].Sub(s.asked[i-1]); pause < most/2 || pause > most {
				t.Errorf("pause %d is %s, want %s to %s", i, pause, most/2, most)
			}
			most = min(2*most, 30*time.Second)
		}
	})
}

func TestCancellingEndsAWaitAtOnce(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]any{
		"the back-off":        serverError(),
		"a rate limit":        respond(http.StatusTooManyRequests, "", "Retry-After", "200"),
		"an answered request": respond(http.StatusOK, `{"active":true}`, "RateLimit-Remaining", "0", "RateLimit-Reset", "946684900"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []any{answer}}
				c := s.client(6)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(100*time.Millisecond, cancel)
				start := time.Now()
				_, err := c.GetSettings(ctx, "1")
				if err == nil {
					_, err = c.GetSettings(ctx, "1")
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got error %v, want %v", err, context.Canceled)
				}
				if took := time.Since(start); took != 100*time.Millisecond {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestWhileGitLabIsDownEachRequestGetsOneTry(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]func() any{"no connection": connectionReset, "nothing behind the proxy": unavailable} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: repeat(7+3, failure)}
				c := s.client(6)
				for range 4 {
					if _, err := c.GetSettings(t.Context(), "1"); err == nil {
						t.Error("a request succeeded")
					}
				}
				if len(s.asked) != 7+3 {
					t.Errorf("%d tries of 4 requests, want 7 and 3 times 1", len(s.asked))
				}
				if _, err := c.GetSettings(t.Context(), "1"); err != nil {
					t.Error(err)
				}
				s.answers = repeat(2, failure)
				if _, err := c.GetSettings(t.Context(), "1"); err != nil {
					t.Error("after a success a request is tried again:", err)
				}
			})
		})
	}
}

func TestARequestThatIsNotSentDoesNotShowThatGitLabIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reset := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
		s := &script{answers: []any{respond(http.StatusOK, `{"active":true}`, "RateLimit-Remaining", "0", "RateLimit-Reset", reset)}}
		c := s.client(1)
		if _, err := c.GetSettings(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		c.down.Store(true)
		if _, err := c.GetSettings(t.Context(), "1"); !errors.Is(err, ErrRateLimited) || !c.down.Load() {
			t.Errorf("got error %v, down: %t", err, c.down.Load())
		}
	})
}

func TestWhileGitLabIsDownNoRequestWaitsUntilItIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: repeat(100, func() any { return respond(http.StatusServiceUnavailable, "down", "Retry-After", "60") })}
		c := s.client(6)
		start := time.Now()
		for _, want := range []time.Duration{maxWait, maxWait, maxWait} {
			if _, err := c.GetSettings(t.Context(), "1"); !errors.Is(err, ErrServer) {
				t.Errorf("got error %v, want %v", err, ErrServer)
			}
			if took := time.Since(start); took != want {
				t.Errorf("ended after %s, want %s", took, want)
			}
		}
	})
}

func TestPostIsRepeatedOnlyIfItNeverArrived(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer any
		again  bool
	}{
		"no connection was made": {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, true},
		"the host is not found":  {&net.DNSError{Err: "no such host"}, true},
		"throttled":              {respond(http.StatusTooManyRequests, ""), true},
		"the connection was cut": {connectionReset(), false},
		"it took too long":       {context.DeadlineExceeded, false},
		"500":                    {serverError(), false},
		"503 with Retry-After":   {respond(http.StatusServiceUnavailable, "", "Retry-After", "1"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []any{c.answer}}
				_, err := s.client(6).call(t.Context(), http.MethodPost, "/x", nil)
				if c.again != (err == nil) || c.again != (len(s.asked) == 2) {
					t.Errorf("%d tries, error %v; want it repeated: %t", len(s.asked), err, c.again)
				}
			})
		})
	}
}

func TestEachTryIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int32
		hang := roundTripper(func(r *http.Request) (*http.Response, error) {
			tries.Add(1)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := (&script{}).client(2)
		c.http.Transport = &trial{next: hang, timeout: 30 * time.Second}
		_, err := c.GetSettings(t.Context(), "1")
		if !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "30s (request_timeout)") {
			t.Errorf("got error %v, want one that names the time-out", err)
		}
		if tries.Load() != 3 {
			t.Errorf("%d tries, want 3", tries.Load())
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARejectedTokenIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []any{respond(http.StatusUnauthorized, `{"message":"401 Unauthorized"}`)}}
		c := s.client(6)
		for i, status := range []int{http.StatusUnauthorized, 0, 0} {
			project := strconv.Itoa(i + 1)
			_, err := c.GetSettings(t.Context(), project)
			path := "/projects/" + project + "/error_tracking/settings"
			want := Error{
				Kind: ErrUnauthorized, Method: http.MethodGet, Path: path, URL: "https://gitlab.example.com/api/v4" + path,
				Status: status, Message: "401 Unauthorized",
			}
			var failure *Error
			if !errors.As(err, &failure) || *failure != want {
				t.Errorf("got %#v, want %#v", err, want)
			}
		}
		if len(s.asked) != 1 {
			t.Errorf("%d requests, want 1", len(s.asked))
		}
	})
}
