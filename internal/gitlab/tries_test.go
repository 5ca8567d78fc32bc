package gitlab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// inBubble runs a subtest by a clock of its own, which jumps ahead while all
// wait.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// script is a GitLab that answers from a list, and with settings or a key after
// its end. Together with synctest's clock it shows how long the client waits.
type script struct {
	mu      sync.Mutex
	answers []any // *http.Response, error, or nil for none before the time-out
	asked   []time.Time
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Now())
	if len(s.answers) == 0 {
		return respond(http.StatusOK, `{"active":true,"id":1,"public_key":"glet_1"}`), nil
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	if next == nil {
		<-r.Context().Done()
		next = r.Context().Err()
	}
	return outcome(next)
}

// outcome is an answer or an error as a transport returns it.
func outcome(of any) (*http.Response, error) {
	err, _ := of.(error)
	resp, _ := of.(*http.Response)
	return resp, err
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

func clientOf(transport http.RoundTripper, retries int) *Client {
	return &Client{
		config:    Config{Token: "t", Retries: retries, RequestTimeout: 30 * time.Second},
		api:       "https://gitlab.example.com/api/v4",
		transport: transport,
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// repeat puts more after n times the same.
func repeat(n int, answer func() any, more ...any) (answers []any) {
	for range n {
		answers = append(answers, answer())
	}
	return append(answers, more...)
}

func serverError() any {
	return respond(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)
}

func nothingBehindTheProxy() any { return respond(http.StatusServiceUnavailable, `down`) }

func connectionReset() any { return &net.OpError{Op: "read", Err: syscall.ECONNRESET} }

func refused() any { return &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED} }

func unauthorized() any {
	return respond(http.StatusUnauthorized, `{"message":"401 Unauthorized"}`)
}

func roleTooLow() any { return respond(http.StatusForbidden, `{"message":"403 Forbidden"}`) }

func brokenBody() any {
	resp := respond(http.StatusOK, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"active":`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	return resp
}

// throttled returns 429 or 503 with what it says of the time to wait.
func throttled(status int, header ...string) func() any {
	return func() any { return respond(status, "Retry later", header...) }
}

func TestTriesOfACall(t *testing.T) {
	t.Parallel()
	webPage := []string{"Content-Type", "text/html"}
	for name, c := range map[string]struct {
		call    call
		answers []any
		tries   int
		kind    error
		outcome Outcome // the least certain of all tries
	}{
		"500 for good":                            {read, repeat(7, serverError), 7, ErrServer, Unknown},
		"a lost connection for good":              {read, repeat(7, connectionReset), 7, ErrUnreachable, Unknown},
		"501 is not repeated":                     {read, []any{respond(501, `{}`)}, 1, ErrServer, Unknown},
		"403 is not repeated":                     {read, []any{roleTooLow()}, 1, ErrForbidden, Refused},
		"a body of 10 MiB is read":                {read, []any{respond(200, `{"active":true}`+strings.Repeat(" ", maxBody-15))}, 1, nil, NotSent},
		"a body over 10 MiB is not repeated":      {read, []any{respond(200, `{"active":true}`+strings.Repeat(" ", maxBody-14))}, 1, ErrNotGitLab, Unknown},
		"a body that breaks off is repeated":      {read, []any{brokenBody()}, 2, nil, NotSent},
		"a try that takes too long is repeated":   {read, []any{context.DeadlineExceeded}, 2, nil, NotSent},
		"each try is bounded":                     {read, make([]any, 7), 7, context.DeadlineExceeded, StillRunning},
		"a server without TLS is not asked again": {read, []any{http.ErrSchemeMismatch}, 1, ErrUnreachable, Unknown},
		"an answer without TLS is not repeated":   {read, []any{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}}, 1, ErrUnreachable, Unknown},
		"429 without any hint waits five minutes": {read, repeat(7, throttled(429)), 6, ErrRateLimited, Refused},
		"a lock that is taken is tried again":     {read, []any{respond(409, `{"message":"409 Conflict: Resource lock"}`)}, 2, nil, NotSent},
		"maintenance mode is not repeated":        {read, []any{respond(503, `{"message":"GitLab Maintenance: system is in maintenance mode"}`)}, 1, ErrReadOnly, Refused},
		"a certificate that is not trusted":       {read, []any{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, 1, ErrUnreachable, Unknown},
		"a proxy that refuses is not asked again": {read, []any{&proxyRefusal{407}}, 1, ErrProxy, NotSent},
		"a proxy that finds no GitLab is":         {read, []any{&proxyRefusal{502}}, 2, nil, NotSent},
		"an unknown proxy is":                     {read, []any{&net.OpError{Op: "proxyconnect", Err: &net.DNSError{}}}, 2, nil, NotSent},
		"429 with Retry-After costs none":         {read, repeat(20, throttled(429, "Retry-After", "2")), 21, nil, NotSent},
		"503 with Retry-After costs none":         {read, repeat(20, throttled(503, "Retry-After", "2")), 21, nil, NotSent},
		"Retry-After: 0 ends eventually":          {read, repeat(400, throttled(429, "Retry-After", "0")), 301, ErrRateLimited, Refused},
		"tries count over redirects":              {read, repeat(1, serverError, repeat(1, throttled(301, "Location", "/api/v4/projects/7/error_tracking/settings"), repeat(6, serverError)...)...), 8, ErrServer, Unknown},

		"POST without a connection is repeated":        {makeKey, []any{refused()}, 2, nil, NotSent},
		"POST to a host that is not found is":          {makeKey, []any{&net.DNSError{Err: "no such host"}}, 2, nil, NotSent},
		"POST that is throttled is":                    {makeKey, []any{respond(429, "")}, 2, nil, NotSent},
		"POST that is throttled for an hour is not":    {makeKey, []any{respond(429, "", "Retry-After", "3600")}, 1, ErrRateLimited, Refused},
		"POST whose connection was cut is not":         {makeKey, []any{connectionReset()}, 1, ErrUnreachable, Unknown},
		"POST whose answer was cut off is not":         {makeKey, []any{brokenBody()}, 1, ErrUnreachable, Unknown},
		"POST that took too long is not":               {makeKey, []any{context.DeadlineExceeded}, 1, ErrUnreachable, StillRunning},
		"POST with 500 is not":                         {makeKey, []any{serverError()}, 1, ErrServer, Unknown},
		"POST with 504 is not":                         {makeKey, []any{respond(504, "")}, 1, ErrServer, StillRunning},
		"POST with 503 and Retry-After is not":         {makeKey, []any{respond(503, "", "Retry-After", "1")}, 1, ErrServer, Unknown},
		"POST with a web page in place of its success": {makeKey, []any{respond(201, "<html>", webPage...)}, 1, ErrNotGitLab, Unknown},
		"POST with something else in place of a key":   {makeKey, []any{respond(201, "{}")}, 1, ErrNotGitLab, Unknown},
		"POST with a web page in place of its refusal": {makeKey, []any{respond(403, "<html>", webPage...)}, 1, ErrNotGitLab, Refused},
		"POST with 422":                                {makeKey, []any{respond(422, "{}")}, 1, ErrOther, Refused},
		"POST with a redirect":                         {makeKey, []any{respond(302, "", "Location", "https://other.example.com/")}, 1, ErrRedirected, Refused},

		"an answer that was lost, then a refusal":     {write, []any{connectionReset(), roleTooLow()}, 2, ErrForbidden, Unknown},
		"an answer that was lost, then no connection": {write, repeat(1, connectionReset, repeat(6, refused)...), 7, ErrUnreachable, Unknown},
		"no connection, then a refusal":               {write, []any{refused(), roleTooLow()}, 2, ErrForbidden, Refused},
		"a proxy that does not get through to GitLab": {write, repeat(7, func() any { return &proxyRefusal{502} }), 7, ErrProxy, NotSent},
		"a rate limit, then a refusal":                {write, []any{respond(429, ""), roleTooLow()}, 2, ErrForbidden, Refused},
		"a failure of GitLab, then a refusal":         {write, []any{serverError(), roleTooLow()}, 2, ErrForbidden, Unknown},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: c.answers}
			err := c.call(t.Context(), clientOf(s, 6))
			if !errors.Is(err, c.kind) || len(s.asked) != c.tries || OutcomeOf(err) != c.outcome {
				t.Errorf("got error %v after %d tries and outcome %d, want %v after %d and %d", err, len(s.asked), OutcomeOf(err), c.kind, c.tries, c.outcome)
			}
			if failure, ok := errors.AsType[*Error](err); ok && failure.Tries != 0 && failure.Tries != c.tries {
				t.Errorf("the error tells of %d tries, want %d", failure.Tries, c.tries)
			}
		})
	}
}

func TestBackOffDoublesWithJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: repeat(9, serverError)}
		if _, err := clientOf(s, 9).GetSettings(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		middle := 250 * time.Millisecond
		for i, at := range s.asked[1:] {
			if pause := at.Sub(s.asked[i]); pause < middle/2 || pause > middle*3/2 {
				t.Errorf("pause %d is %s, want %s to %s", i+1, pause, middle/2, middle*3/2)
			}
			middle = min(2*middle, 20*time.Second)
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
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{answer}}
			c := clientOf(s, 6)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			start := time.Now()
			err := read(ctx, c)
			if err == nil {
				err = read(ctx, c)
			}
			if took := time.Since(start); !errors.Is(err, context.Canceled) || took != 100*time.Millisecond {
				t.Errorf("got error %v after %s", err, took)
			}
		})
	}
}

func TestARejectedTokenIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []any{unauthorized()}}
		c := clientOf(s, 6)
		const path = "/projects/1/error_tracking/settings"
		for i := range 3 {
			_, err := c.GetSettings(t.Context(), strconv.Itoa(i+1))
			want := Error{
				Kind: ErrUnauthorized, Method: http.MethodGet, Path: path, URL: "https://gitlab.example.com/api/v4" + path,
				Status: http.StatusUnauthorized, Message: "401 Unauthorized", Tries: max(0, 1-i),
				outcome: max(NotSent, Refused-Outcome(i)),
			}
			if failure, ok := errors.AsType[*Error](err); !ok || *failure != want || len(s.asked) != 1 {
				t.Errorf("got %#v after %d requests, want %#v after 1", err, len(s.asked), want)
			}
		}
	})
}

func TestARejectionAfterAcceptedAnswersIsDoubtedOnce(t *testing.T) {
	t.Parallel()
	for rejections, kind := range map[int]error{1: nil, 2: ErrUnauthorized} {
		inBubble(t, strconv.Itoa(rejections), func(t *testing.T) {
			s := &script{answers: repeat(1, func() any { return respond(200, `{"active":true}`) }, repeat(rejections, unauthorized)...)}
			client := clientOf(s, 0)
			if err := read(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			if err := makeKey(t.Context(), client); !errors.Is(err, kind) || len(s.asked) != 3 {
				t.Errorf("got error %v after %d tries, want %v after 3", err, len(s.asked), kind)
			}
		})
	}
}
