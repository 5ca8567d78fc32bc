package gitlab

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what sort of failure an [*Error] is. Kinds are errors, so that
// errors.Is(err, gitlab.ErrForbidden) asks for one.
type Kind string

// Error implements error.
func (k Kind) Error() string { return string(k) }

// The kinds of failure that callers tell apart.
const (
	// ErrOther is any answer that has no kind of its own.
	ErrOther Kind = "GitLab refused the request"
	// ErrUnauthorized: the token is wrong, expired or revoked (401).
	ErrUnauthorized Kind = "the token was rejected"
	// ErrForbidden: the token's user may not do this (403).
	ErrForbidden Kind = "the token's user may not do this"
	// ErrInsufficientScope: the token lacks the scope (403).
	ErrInsufficientScope Kind = "the token lacks a scope"
	// ErrProjectNotFound: there is no such project that the token can see (404).
	ErrProjectNotFound Kind = "project not found"
	// ErrGroupNotFound: there is no such group that the token can see (404).
	ErrGroupNotFound Kind = "group not found"
	// ErrSettingsNotFound: the project never had Error Tracking settings (404).
	ErrSettingsNotFound Kind = "the project has no error tracking settings"
	// ErrClientKeyNotFound: the project has no such client key (404).
	ErrClientKeyNotFound Kind = "client key not found"
	// ErrUnavailable: GitLab does not offer this endpoint, because it is too
	// old or because a feature flag is off (404 or 405).
	ErrUnavailable Kind = "GitLab does not offer this endpoint"
	// ErrMoved: the project has another path now (405 to a write).
	ErrMoved Kind = "the project was renamed or transferred"
	// ErrRefused: GitLab's model did not accept the settings (200 with an error
	// in the body).
	ErrRefused Kind = "GitLab did not accept the settings"
	// ErrRateLimited: GitLab asks to wait longer than the client may (429).
	ErrRateLimited Kind = "the rate limit is exhausted"
	// ErrServer: GitLab or the proxy in front of it failed (5xx).
	ErrServer Kind = "GitLab failed"
	// ErrNotGitLab: what answered does not look like GitLab's API.
	ErrNotGitLab Kind = "this does not look like GitLab's API"
	// ErrRedirected: the answer is a redirect that is not followed.
	ErrRedirected Kind = "the request was redirected"
	// ErrUnreachable: no answer came, or not a whole one.
	ErrUnreachable Kind = "GitLab cannot be reached"
)

// Error is a request that did not succeed.
type Error struct {
	Kind Kind
	// Method and Path name the request; Path is what follows /api/v4. URL is the
	// whole of it, for people.
	Method, Path, URL string
	// Status is the HTTP status, 0 where no answer came; with [ErrUnauthorized],
	// where the request was not sent because GitLab had rejected the token before.
	Status int
	// Message is GitLab's own words, or what is odd about the answer. It may be
	// empty.
	Message string
	// RequestID is GitLab's X-Request-Id, which its support asks for.
	RequestID string
	// RetryAfter is how long GitLab asked to wait, which was too long; with
	// [ErrRateLimited] and [ErrServer], and 0 where GitLab did not say.
	RetryAfter time.Duration
	// BaseURL is the base URL that a redirect points at; set with
	// [ErrRedirected] where it points at one.
	BaseURL string
	// Cause is the error of the network or of TLS; set with [ErrUnreachable].
	Cause error
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %s", e.Method, e.Path, e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (%d)", e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives errors.Is and errors.As the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Cause}
}

// transportError is the error of a request that got no whole answer.
func (c *Client) transportError(r request, err error) error {
	var own *Error
	if errors.As(err, &own) {
		own.Method, own.Path, own.URL, own.RequestID = r.method, r.path, r.url, c.secrets.hide(own.RequestID)
		return own
	}
	return &Error{Kind: ErrUnreachable, Method: r.method, Path: r.path, URL: r.url, Cause: c.secrets.hideIn(withoutURL(err))}
}
