package gitlab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// maxBody is far more than GitLab answers to any request made here.
	maxBody      = 10 << 20
	logSubsystem = "gitlab"
)

// exchange is a request to GitLab and, once it has come, the answer to it. All
// errors of a request are made here, by fail.
type exchange struct {
	client *Client
	method string
	// path is what follows /api/v4, with the query. A redirect changes it.
	path    string
	payload []byte

	// status is 0 as long as there is no answer.
	status int
	header http.Header
	body   []byte
}

// fail returns an error of this exchange. What it shows holds no secret and no
// control character: other errors do not leave this package.
func (x *exchange) fail(kind Kind, message string) *Error {
	clean := x.client.secrets.clean
	return &Error{
		Kind: kind, Method: x.method, Path: x.path, URL: clean(x.client.api + x.path), ByDefault: x.client.byDefault,
		Status: x.status, Message: clean(message), RequestID: clean(x.header.Get("X-Request-Id")),
	}
}

func (x *exchange) notGitLab(message string) *Error { return x.fail(ErrNotGitLab, message) }

// unanswered returns the error for a request that got no complete answer.
func (x *exchange) unanswered(cause error) *Error {
	kind := ErrUnreachable
	if ofProxy(cause) {
		kind = ErrProxy
	}
	failure := x.fail(kind, cause.Error())
	failure.Status, failure.cause = 0, cause
	return failure
}

// send sends the request once and reads the whole answer, within the time of
// one try.
func (x *exchange) send(ctx context.Context, try int) *Error {
	timeout := x.client.config.RequestTimeout
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := x.newRequest(bounded)
	if err != nil {
		return x.fail(ErrOther, err.Error())
	}
	start := time.Now()
	resp, err := x.client.transport.RoundTrip(req)
	if err == nil {
		x.status, x.header = resp.StatusCode, resp.Header
		x.body, err = readWhole(resp)
	}
	x.log(ctx, err, try, time.Since(start))
	switch {
	case ctx.Err() != nil:
		x.status = 0 // shows nothing of GitLab; what happened, end says
		return x.fail(ErrOther, "")
	case err != nil && bounded.Err() != nil:
		return x.unanswered(fmt.Errorf("no whole answer within %s (request_timeout): %w", timeout, bounded.Err()))
	case err != nil:
		return x.unanswered(err)
	case len(x.body) > maxBody:
		return x.notGitLab(fmt.Sprintf("more than %d MiB", maxBody>>20))
	}
	return nil
}

func readWhole(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return body, nil
}

func (x *exchange) newRequest(ctx context.Context) (*http.Request, error) {
	config := x.client.config
	req, err := http.NewRequestWithContext(ctx, x.method, x.client.api+x.path, bytes.NewReader(x.payload))
	if err != nil {
		return nil, err
	}
	for name, value := range config.Headers {
		req.Header.Set(name, value)
	}
	req.Host = cmp.Or(req.Header.Get("Host"), req.Host)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", config.UserAgent)
	if x.method != http.MethodGet {
		// Even without a body: a read-only GitLab redirects a write without
		// this to its web root, instead of saying what is the matter.
		req.Header.Set("Content-Type", "application/json")
	}
	if config.Bearer {
		req.Header.Set("Authorization", "Bearer "+config.Token)
	} else {
		req.Header.Set("PRIVATE-TOKEN", config.Token)
	}
	return req, nil
}

// log writes one line per try, without headers and bodies.
func (x *exchange) log(ctx context.Context, err error, try int, took time.Duration) {
	path, _, _ := strings.Cut(x.path, "?")
	fields := map[string]any{"method": x.method, "path": path, "try": try, "duration_ms": took.Milliseconds()}
	if x.status != 0 {
		fields["status"] = x.status
		fields["request_id"] = x.header.Get("X-Request-Id")
	}
	if err != nil {
		fields["error"] = err.Error()
	}
	ctx = tflog.NewSubsystem(ctx, logSubsystem)
	ctx = tflog.SubsystemMaskAllFieldValuesStrings(ctx, logSubsystem, x.client.secrets...)
	tflog.SubsystemDebug(ctx, logSubsystem, "request to GitLab", fields)
}

func (x *exchange) decode(value any) error {
	if err := json.Unmarshal(x.body, value); err != nil {
		return x.notGitLab("JSON of another shape")
	}
	return nil
}

// askForOne makes a request and returns what its answer must hold.
func askForOne[T any](ctx context.Context, c *Client, method, path, what string, valid func(T) bool) (value T, err error) {
	x, err := c.call(ctx, method, path, nil)
	if err == nil {
		err = x.decode(&value)
	}
	if err == nil && !valid(value) {
		err = x.notGitLab("JSON that holds no " + what)
	}
	return value, err
}

func (x *exchange) contentType() string {
	if mediaType, _, err := mime.ParseMediaType(x.header.Get("Content-Type")); err == nil {
		return mediaType
	}
	return "no content type"
}
