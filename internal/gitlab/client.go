// Package gitlab is a client for the part of GitLab's REST API that Error
// Tracking needs. It knows nothing of Terraform's types.
//
// Every method that takes a project accepts its numeric id or its full path. A
// request that fails returns an [*Error], unless its context ended.
package gitlab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Config says where GitLab is and how to talk to it.
type Config struct {
	// BaseURL is GitLab's URL, with or without /api/v4; see [ParseBaseURL].
	BaseURL string
	// Token authenticates every request.
	Token string
	// Bearer sends the token as "Authorization: Bearer", which OAuth 2.0
	// tokens need, instead of as PRIVATE-TOKEN.
	Bearer bool
	// Headers are added to every request, for a proxy in front of GitLab.
	Headers map[string]string
	// TLS holds certificates to trust and to present.
	TLS TLS
	// Retries is how many more times a request that may be repeated is tried.
	Retries int
	// RequestTimeout limits one try, from dialling to the body's last byte.
	RequestTimeout time.Duration
	// UserAgent is sent with every request.
	UserAgent string
}

// Client talks to one GitLab. It is safe for concurrent use; all requests
// share its connections, its rate limit and what it has learnt of GitLab.
type Client struct {
	config Config
	// api is the URL up to and including /api/v4.
	api     string
	http    *http.Client
	secrets secrets
	// rejected is the first 401. Later requests would get the same answer, and
	// are not sent.
	rejected atomic.Pointer[Error]
	// down is set while GitLab cannot be reached; see unreachable.
	down atomic.Bool
}

// NewClient returns a client. It makes no request.
func NewClient(config Config) (*Client, error) {
	api, err := ParseBaseURL(config.BaseURL)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(config.TLS)
	if err != nil {
		return nil, err
	}
	secrets := config.secrets()
	return &Client{
		config:  config,
		api:     api,
		secrets: secrets,
		http: &http.Client{
			Transport: &trial{next: transport, timeout: config.RequestTimeout, secrets: secrets},
			// follow handles redirects; no other host gets the token.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// ParseBaseURL returns the URL of the API: base without a trailing slash, with
// /api/v4 at its end. A relative URL root is kept. It fails if base is not an
// http or https URL, or has a user, a query or a fragment.
func ParseBaseURL(base string) (api string, err error) {
	u, err := url.Parse(base)
	switch {
	case !strings.Contains(base, "://"), err == nil && u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("it must begin with https:// (or http://)")
	case err != nil:
		// The error quotes the URL, which may carry a password.
		return "", errors.New("it does not parse as a URL")
	case u.Hostname() == "":
		return "", errors.New("it names no host")
	case u.User != nil:
		return "", errors.New("it must not carry a user or a password: the token goes into token, a proxy's secrets into headers")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(base, "#"):
		return "", errors.New("it must not have a query (?) or a fragment (#)")
	}
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api/v4") + "/api/v4", nil
}

// request names an API call: its method, and its path after /api/v4 with the
// query.
type request struct {
	client       *Client
	method, path string
}

// failed returns an error of this request.
func (r request) failed(kind Kind) *Error {
	return &Error{Kind: kind, Method: r.method, Path: r.path, URL: r.client.secrets.hide(r.client.api + r.path)}
}

func projectPath(project, rest string) string {
	return "/projects/" + url.PathEscape(project) + rest
}

// call makes a request, following redirects of GETs.
func (c *Client) call(ctx context.Context, method, path string, body any) (*answer, error) {
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("encoding the body of %s %s: %w", method, path, err)
		}
	}
	r := request{c, method, path}
	seen := map[string]bool{}
	for {
		seen[r.path] = true
		resp, err := c.send(ctx, r, encoded) //nolint:bodyclose // trial has read it whole and closed it
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 {
			return c.judge(r, resp)
		}
		if r.path, err = c.follow(r, resp, seen); err != nil {
			return nil, err
		}
	}
}

// send tries a request as often as it may, and returns the last response.
func (c *Client) send(ctx context.Context, r request, body []byte) (*http.Response, error) {
	if rejected := c.rejected.Load(); rejected != nil {
		failure := r.failed(ErrUnauthorized)
		failure.Message = rejected.Message
		return nil, failure
	}
	tries := &tries{method: r.method, left: c.config.Retries, down: c.down.Load()}
	req, err := c.newRequest(contextWithTries(ctx, tries), r, body)
	if err != nil {
		return nil, err
	}
	retrying := retryablehttp.Client{
		HTTPClient:   c.http,
		RetryMax:     maxTries,
		CheckRetry:   tries.again,
		Backoff:      tries.pause,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	resp, err := retrying.Do(req)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, r.path, context.Cause(ctx))
	}
	if !errors.Is(err, ErrRateLimited) { // such a request was not sent
		c.down.Store(unreachable(resp, err))
	}
	if err != nil {
		return nil, r.transportError(err)
	}
	return resp, nil
}

func (c *Client) newRequest(ctx context.Context, r request, body []byte) (*retryablehttp.Request, error) {
	var reader any
	if body != nil {
		reader = body
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.method, c.api+r.path, reader)
	if err != nil {
		return nil, fmt.Errorf("preparing %s %s: %w", r.method, r.path, err)
	}
	for name, value := range c.config.Headers {
		req.Header.Set(name, value)
		if http.CanonicalHeaderKey(name) == "Host" {
			req.Host = value
		}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.config.UserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.config.Bearer {
		req.Header.Set("Authorization", "Bearer "+c.config.Token)
	} else {
		req.Header.Set("PRIVATE-TOKEN", c.config.Token)
	}
	return req, nil
}
