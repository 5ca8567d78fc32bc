// Package gitlab is a client for the part of GitLab's REST API that Error
// Tracking needs. It knows nothing of Terraform's types.
//
// Every method that takes a project accepts its numeric id or its full path. A
// request that fails returns an [*Error], unless its context ended.
package gitlab

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// DefaultBaseURL is the GitLab that is asked if no other is configured.
const DefaultBaseURL = "https://gitlab.com"

// Config says where GitLab is and how to talk to it.
type Config struct {
	// BaseURL is for [ParseBaseURL]; if it is empty, [DefaultBaseURL] is asked.
	BaseURL string
	// Token authenticates every request.
	Token string
	// Bearer is for OAuth 2.0 tokens, which cannot be sent as PRIVATE-TOKEN.
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
	api string
	// byDefault says that no base URL is configured.
	byDefault bool
	// transport follows no redirect: no other host gets the token.
	transport http.RoundTripper
	secrets   secrets
	limit     rateLimit
	outage    outage
	// slots are taken by the requests that groups have in flight.
	slots chan struct{}
	// accepted says that GitLab has accepted the token.
	accepted atomic.Bool
	// rejected is the first 401, after which no request is sent.
	rejected atomic.Pointer[Error]
}

// NewClient returns a client. It makes no request.
func NewClient(config Config) (*Client, error) {
	api, err := ParseBaseURL(cmp.Or(config.BaseURL, DefaultBaseURL))
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(config.TLS)
	if err != nil {
		return nil, err
	}
	return &Client{
		config: config, api: api, byDefault: config.BaseURL == "", transport: transport, secrets: config.secrets(),
		slots: make(chan struct{}, inFlight),
	}, nil
}

// ParseBaseURL returns the URL of the API: base without white space around it
// and without a trailing slash, with /api/v4 at its end. A relative URL root is
// kept. It fails if base is not an http or https URL, or has a user, a query or a
// fragment. The error does not quote it.
func ParseBaseURL(base string) (api string, err error) {
	base = strings.TrimSpace(base)
	u, err := url.Parse(base)
	switch {
	case strings.ContainsFunc(base, unicode.IsSpace):
		return "", errors.New("it contains a blank or a line break")
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

func projectPath(project, rest string) string {
	return "/projects/" + url.PathEscape(project) + rest
}
