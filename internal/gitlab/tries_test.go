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
	err, _ := next.(error)
	resp, _ := next.(*http.Response)
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

func (s *script) client(retries int) *Client {
	return &Client{
		config:    Config{Token: "t", Retries: retries, RequestTimeout: 30 * time.Second},
		api:       "https://gitlab.example.com/api/v4",
		transport: s,
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

func nothingBehindTheProxy() any { return respond(http.StatusServiceUnavailable, `down`) }

func connectionReset() any { return &net.OpError{Op: "read", Err: syscall.ECONNRESET} }

func TestTriesOfRequestsThatMayBeRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers []any
		tries   int
		kind    error
	}{
		"500 for good":                            {repeat(7, serverError), 7, ErrServer},
		"a lost connection for good":              {repeat(7, connectionReset), 7, ErrUnreachable},
		"501 is not repeated":                     {[]any{respond(http.StatusNotImplemented, `{}`)}, 1, ErrServer},
		"403 is not repeated":                     {[]any{respond(http.StatusForbidden, `{}`)}, 1, ErrForbidden},
		"a body of 10 MiB is read":                {[]any{respond(http.StatusOK, `{"active":true}`+strings.Repeat(" ", maxBody-15))}, 1, nil},
		"a body over 10 MiB is not repeated":      {[]any{respond(http.StatusOK, `{"active":true}`+strings.Repeat(" ", maxBody-14))}, 1, ErrNotGitLab},
		"a body that breaks off is repeated":      {[]any{brokenBody()}, 2, nil},
		"a try that takes too long is repeated":   {[]any{context.DeadlineExceeded}, 2, nil},
		"a server without TLS is not asked again": {[]any{http.ErrSchemeMismatch}, 1, ErrUnreachable},
		"an answer without TLS is not repeated":   {[]any{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}}, 1, ErrUnreachable},
		"429 without any hint waits five minutes": {repeat(7, func() any { return respond(http.StatusTooManyRequests, "Retry later") }), 6, ErrRateLimited},
		"a lock that is taken is tried again":     {[]any{respond(http.StatusConflict, `{"message":"409 Conflict: Resource lock"}`)}, 2, nil},
		"maintenance mode is not repeated":        {[]any{respond(http.StatusServiceUnavailable, `{"message":"GitLab Maintenance: system is in maintenance mode"}`)}, 1, ErrReadOnly},
		"a certificate that is not trusted":       {[]any{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, 1, ErrUnreachable},
		"a proxy that refuses is not asked again": {[]any{&proxyRefusal{http.StatusProxyAuthRequired}}, 1, ErrProxy},
		"a proxy that finds no GitLab is":         {[]any{&proxyRefusal{http.StatusBadGateway}}, 2, nil},
		"an unknown proxy is":                     {[]any{&net.OpError{Op: "proxyconnect", Err: &net.DNSError{}}}, 2, nil},
		"429 with Retry-After costs none":         {repeat(20, func() any { return respond(http.StatusTooManyRequests, "", "Retry-After", "2") }), 21, nil},
		"503 with Retry-After costs none":         {repeat(20, func() any { return respond(http.StatusServiceUnavailable, "", "Retry-After", "2") }), 21, nil},
		"Retry-After: 0 ends eventually":          {repeat(400, func() any { return respond(http.StatusTooManyRequests, "", "Retry-After", "0") }), 301, ErrRateLimited},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: c.answers}
			if _, err := s.client(6).GetSettings(t.Context(), "1"); !errors.Is(err, c.kind) || len(s.asked) != c.tries {
				t.Errorf("got error %v after %d tries, want %v after %d", err, len(s.asked), c.kind, c.tries)
			}
		})
	}
}

func brokenBody() any {
	resp := respond(http.StatusOK, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"active":`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	return resp
}

func TestBackOffDoublesWithJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: repeat(9, serverError)}
		if _, err := s.client(9).GetSettings(t.Context(), "1"); err != nil {
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
			c := s.client(6)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			start := time.Now()
			_, err := c.GetSettings(ctx, "1")
			if err == nil {
				_, err = c.GetSettings(ctx, "1")
			}
			if took := time.Since(start); !errors.Is(err, context.Canceled) || took != 100*time.Millisecond {
				t.Errorf("got error %v after %s", err, took)
			}
		})
	}
}

func TestPostIsRepeatedOnlyIfItNeverArrived(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer any
		tries  int
		kind   error
		doubt  bool
	}{
		"no connection was made":             {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 2, nil, false},
		"the host is not found":              {&net.DNSError{Err: "no such host"}, 2, nil, false},
		"throttled":                          {respond(http.StatusTooManyRequests, ""), 2, nil, false},
		"throttled for an hour":              {respond(http.StatusTooManyRequests, "", "Retry-After", "3600"), 1, ErrRateLimited, false},
		"the connection was cut":             {connectionReset(), 1, ErrUnreachable, true},
		"the answer was cut off":             {brokenBody(), 1, ErrUnreachable, true},
		"it took too long":                   {context.DeadlineExceeded, 1, ErrUnreachable, true},
		"500":                                {serverError(), 1, ErrServer, true},
		"503 with Retry-After":               {respond(http.StatusServiceUnavailable, "", "Retry-After", "1"), 1, ErrServer, true},
		"a web page in place of the success": {respond(http.StatusCreated, "<html>", "Content-Type", "text/html"), 1, ErrNotGitLab, true},
		"something else in place of a key":   {respond(http.StatusCreated, "{}"), 1, ErrNotGitLab, true},
		"a web page in place of a refusal":   {respond(http.StatusForbidden, "<html>", "Content-Type", "text/html"), 1, ErrNotGitLab, false},
		"422":                                {respond(http.StatusUnprocessableEntity, "{}"), 1, ErrOther, false},
		"a redirect":                         {respond(http.StatusFound, "", "Location", "https://other.example.com/"), 1, ErrRedirected, false},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{c.answer, respond(http.StatusCreated, `{"id":1,"public_key":"glet_1"}`)}}
			_, err := s.client(6).CreateClientKey(t.Context(), "1")
			if !errors.Is(err, c.kind) || len(s.asked) != c.tries || (OutcomeOf(err) >= Unknown) != c.doubt {
				t.Errorf("got error %v after %d tries, want %v after %d; GitLab may have made a key: %t", err, len(s.asked), c.kind, c.tries, c.doubt)
			}
		})
	}
}

func TestEachTryIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		c := (&script{}).client(2)
		c.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			tries++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := c.GetSettings(t.Context(), "1")
		if !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "30s (request_timeout)") || tries != 3 {
			t.Errorf("got error %v after %d tries, want one that names the time-out after 3", err, tries)
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
			s := &script{}
			client := s.client(0)
			if _, err := client.GetSettings(t.Context(), "1"); err != nil {
				t.Fatal(err)
			}
			s.answers = repeat(rejections, func() any { return respond(http.StatusUnauthorized, `{"message":"401 Unauthorized"}`) })
			if _, err := client.call(t.Context(), http.MethodPost, "/x", nil); !errors.Is(err, kind) || len(s.asked) != 3 {
				t.Errorf("got error %v after %d tries, want %v after 3", err, len(s.asked), kind)
			}
		})
	}
}

func TestTriesCountOverTheRedirectsOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []any{
			serverError(),
			respond(http.StatusMovedPermanently, "", "Location", "/api/v4/projects/1/error_tracking/settings"),
			serverError(), serverError(),
		}}
		_, err := s.client(2).GetSettings(t.Context(), "acme/web")
		if failure, ok := errors.AsType[*Error](err); !ok || failure.Kind != ErrServer || failure.Tries != 4 || len(s.asked) != 4 {
			t.Errorf("got %#v after %d requests", err, len(s.asked))
		}
	})
}

func TestADoubtOfAnEarlierTryIsKept(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	forbidden := func() any { return respond(http.StatusForbidden, `{"message":"403 Forbidden"}`) }
	for name, c := range map[string]struct {
		first, second any
		doubt         bool
	}{
		"an answer that was lost, then a refusal":     {connectionReset(), forbidden(), true},
		"an answer that was lost, then no connection": {connectionReset(), refused, true},
		"no connection, then a refusal":               {refused, forbidden(), false},
		"a proxy that does not get through to GitLab": {&proxyRefusal{502}, &proxyRefusal{502}, false},
		"a rate limit, then a refusal":                {respond(http.StatusTooManyRequests, ""), forbidden(), false},
		"a failure of GitLab, then a refusal":         {serverError(), forbidden(), true},
	} {
		inBubble(t, name, func(t *testing.T) {
			s := &script{answers: []any{c.first, c.second}}
			_, err := s.client(1).UpdateSettings(t.Context(), "1", SettingsUpdate{})
			if err == nil || (OutcomeOf(err) >= Unknown) != c.doubt {
				t.Errorf("got error %v, may have acted: %t, want %t", err, OutcomeOf(err) >= Unknown, c.doubt)
			}
		})
	}
}
