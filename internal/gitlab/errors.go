package gitlab

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the kind of failure that an [*Error] reports. Kinds are errors, so
// that errors.Is(err, gitlab.ErrForbidden) can test for one.
type Kind string

// Error implements error.
func (k Kind) Error() string { return string(k) }

// The kinds of failure that callers tell apart.
const (
	// ErrOther: any failure that has no kind of its own.
	ErrOther Kind = "GitLab refused the request"
	// ErrUnauthorized: the token is wrong, expired or revoked (401).
	ErrUnauthorized Kind = "the token was rejected"
	// ErrForbidden: the token's user may not do this (403).
	ErrForbidden Kind = "the token's user may not do this"
	// ErrInsufficientScope: the token lacks the scope (403).
	ErrInsufficientScope Kind = "the token lacks a scope"
	// ErrProjectNotFound: the token can see no such project (404).
	ErrProjectNotFound Kind = "project not found"
	// ErrGroupNotFound: the token can see no such group (404).
	ErrGroupNotFound Kind = "group not found"
	// ErrSettingsNotFound: the project never had Error Tracking settings (404).
	ErrSettingsNotFound Kind = "the project has no error tracking settings"
	// ErrClientKeyNotFound: the project has no such client key (404, or 200
	// with a list that lacks it).
	ErrClientKeyNotFound Kind = "client key not found"
	// ErrUnavailable: GitLab does not offer this endpoint, because it is too
	// old or because a feature flag is off (404 or 405).
	ErrUnavailable Kind = "GitLab does not offer this endpoint"
	// ErrRefused: GitLab's model did not accept the settings (200 with an error
	// in the body).
	ErrRefused Kind = "GitLab did not accept the settings"
	// ErrRateLimited: the rate limit outlasts all waits and tries (429).
	ErrRateLimited Kind = "the rate limit is exhausted"
	// ErrServer: GitLab or the proxy in front of it failed (5xx).
	ErrServer Kind = "GitLab failed"
	// ErrNotGitLab: the answer does not look like GitLab's API.
	ErrNotGitLab Kind = "this does not look like GitLab's API"
	// ErrRedirected: the answer is a redirect that the client does not follow.
	ErrRedirected Kind = "the request was redirected"
	// ErrUnreachable: no complete answer came.
	ErrUnreachable Kind = "GitLab cannot be reached"
)

// Error is a request that did not succeed.
type Error struct {
	Kind Kind
	// Method and Path name the request; Path is what follows /api/v4. URL is
	// the whole URL, for messages.
	Method, Path, URL string
	// Status is the HTTP status; 0 if no answer came, or if the request was not
	// sent, with [ErrUnauthorized] after an earlier 401 or with
	// [ErrRateLimited].
	Status int
	// Message is GitLab's own words, or what is odd about the answer. It may be
	// empty.
	Message string
	// RequestID is GitLab's X-Request-Id, which its support asks for.
	RequestID string
	// RetryAfter is how long GitLab asked to wait; set with [ErrRateLimited]
	// and [ErrServer], and 0 if GitLab did not say.
	RetryAfter time.Duration
	// BaseURL is the base URL that a redirect points to; set with
	// [ErrRedirected] if it differs from the configured one.
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

// transportError returns the error for a request that got no complete answer.
func (r request) transportError(err error) error {
	failure := r.failed(ErrUnreachable)
	var own *Error
	if errors.As(err, &own) {
		// The transport does not know these.
		own.Method, own.Path, own.URL = failure.Method, failure.Path, failure.URL
		own.RequestID = r.client.secrets.hide(own.RequestID)
		return own
	}
	failure.Cause = r.client.secrets.hideIn(withoutURL(err))
	return failure
}
