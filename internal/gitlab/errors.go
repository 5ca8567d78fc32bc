package gitlab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Kind is the kind of failure that an [*Error] reports. Kinds are errors, so
// that errors.Is(err, gitlab.ErrForbidden) can test for one.
type Kind string

func (k Kind) Error() string { return string(k) }

// The kinds of failure that callers tell apart.
const (
	// ErrOther: any failure that has no kind of its own.
	ErrOther Kind = "GitLab refused the request"
	// ErrUnauthorized: the token is wrong, expired or revoked (401).
	ErrUnauthorized Kind = "the token was rejected"
	// ErrForbidden: the token's user has too low a role (403).
	ErrForbidden Kind = "the token's user may not do this"
	// ErrForbiddenForReason: Message says why, such as that the user is blocked (403).
	ErrForbiddenForReason Kind = "the token's user may not do this for a reason"
	// ErrInsufficientScope: the token lacks the scope (403).
	ErrInsufficientScope Kind = "the token lacks a scope"
	// ErrInsufficientPermission: a fine-grained token lacks one, or is wanted (403).
	ErrInsufficientPermission Kind = "the token lacks a permission"
	// ErrReadOnly: this GitLab takes no writes: a Geo secondary, a read-only
	// database, maintenance mode (403, 503, or a redirect to the web root).
	ErrReadOnly Kind = "GitLab is read-only"
	// ErrProjectNotFound: the token can see no such project (404).
	ErrProjectNotFound Kind = "project not found"
	// ErrGroupNotFound: the token can see no such group (404).
	ErrGroupNotFound Kind = "group not found"
	// ErrSettingsNotFound: the project never had Error Tracking settings (404).
	ErrSettingsNotFound Kind = "the project has no error tracking settings"
	// ErrClientKeyNotFound: the project has no such key (404, or not in the list).
	ErrClientKeyNotFound Kind = "client key not found"
	// ErrNoRoute: this GitLab does not have the endpoint (404).
	ErrNoRoute Kind = "GitLab does not have this endpoint"
	// ErrHidden: GitLab hides the project from a fine-grained token (404).
	ErrHidden Kind = "GitLab hides it from the token"
	// ErrFlagOff: the feature flag integrated_error_tracking is off (404 to a PUT).
	ErrFlagOff Kind = "the integrated backend is off"
	// ErrTooOldToCreate: GitLab is older than 15.10 (404 to a PUT).
	ErrTooOldToCreate Kind = "GitLab is too old to create settings"
	// ErrRefused: GitLab's model did not accept the settings (200 with an error).
	ErrRefused Kind = "GitLab did not accept the settings"
	// ErrLocked: somebody else holds GitLab's lock for too long (409).
	ErrLocked Kind = "GitLab's lock is taken"
	// ErrRateLimited: the rate limit outlasts all waits (429).
	ErrRateLimited Kind = "the rate limit is exhausted"
	// ErrUnsettled: projects leave the list of a group during each reading.
	ErrUnsettled Kind = "the list of projects keeps changing"
	// ErrServer: GitLab or the proxy in front of it failed (5xx).
	ErrServer Kind = "GitLab failed"
	// ErrNotGitLab: the answer does not look like GitLab's API.
	ErrNotGitLab Kind = "this does not look like GitLab's API"
	// ErrRedirected: a redirect that is not followed, or that leads to nothing.
	ErrRedirected Kind = "the request was redirected"
	// ErrUnreachable: no complete answer came.
	ErrUnreachable Kind = "GitLab cannot be reached"
	// ErrProxy: a proxy on the way to GitLab cannot be reached, or refuses.
	ErrProxy Kind = "the proxy failed"
)

// Error is a request that did not succeed. Its texts can be shown: they hold
// neither secrets nor control characters.
type Error struct {
	Kind Kind
	// Method and Path name the request, after any redirects; Path is what
	// follows /api/v4, and URL the whole, for messages. With [ErrUnauthorized], it
	// is the request that GitLab answered with 401: later ones are not sent.
	Method, Path, URL string
	// Status is the HTTP status; 0 if no answer came, or if nothing was sent.
	Status int
	// Message is GitLab's own words, what is odd about the answer, or why there
	// is none. It may be empty.
	Message string
	// RequestID is GitLab's X-Request-Id, for its support; empty if there is none.
	RequestID string
	// Tries is how often the request was sent.
	Tries int
	// RetryAfter is how long GitLab asked to wait; 0 if it did not.
	RetryAfter time.Duration
	// BaseURL is the base URL that a redirect points to, if it is another one.
	BaseURL string
	// ByDefault says that [DefaultBaseURL] was asked, because none is configured.
	ByDefault bool

	// cause is the error of the network or of TLS, if one of them failed. Its
	// own text may hold secrets.
	cause   error
	outcome Outcome
	// outage says that other requests got no answer either.
	outage bool
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %s", e.Method, e.Path, e.Kind)
	if e.Status != 0 {
		text += fmt.Sprintf(" (%d)", e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Unwrap gives errors.Is and errors.As the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// ConcernsAll reports whether other requests of the run will fail for the same
// cause: the token, an outage, the rate limit, a GitLab that is none or takes no
// writes, or the end of the run.
func ConcernsAll(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	}
	switch failure.Kind {
	case ErrUnauthorized, ErrForbiddenForReason, ErrInsufficientScope, ErrInsufficientPermission, ErrReadOnly,
		ErrRateLimited, ErrProxy, ErrNotGitLab, ErrRedirected:
		return true
	}
	return failure.outage
}

// Outcome is what has become of a request that failed.
type Outcome int

// The outcomes, from the most to the least certain that GitLab has changed nothing.
const (
	// NotSent: the request never arrived.
	NotSent Outcome = iota
	// Refused: GitLab, or a proxy, answered, and nothing has changed.
	Refused
	// Unknown: GitLab may have carried it out; only the answer is lost.
	Unknown
	// StillRunning: the client, or a proxy, has stopped waiting for GitLab.
	StillRunning
)

// OutcomeOf returns the outcome of a call that failed: the least certain one of
// its tries.
func OutcomeOf(err error) Outcome {
	if failure, ok := errors.AsType[*Error](err); ok {
		return max(failure.outcome, failure.outcomeOfTry())
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return StillRunning
	}
	return NotSent
}

func (e *Error) outcomeOfTry() Outcome {
	switch {
	case e.Kind == ErrProxy, e.cause != nil && neverArrived(e.cause):
		return NotSent
	case e.Kind == ErrUnreachable && errors.Is(e.cause, context.DeadlineExceeded), e.Kind == ErrServer && e.Status == http.StatusGatewayTimeout:
		return StillRunning
	case e.Kind == ErrUnreachable, e.Kind == ErrServer,
		e.Kind == ErrNotGitLab && e.Status >= 200 && e.Status <= 299: // a success, but not GitLab's
		return Unknown
	}
	return Refused
}

// isTemporary reports whether the same request may succeed a moment later.
func (e *Error) isTemporary() bool {
	switch e.Kind {
	case ErrRateLimited, ErrLocked:
		return true
	case ErrServer:
		return e.Status != http.StatusNotImplemented
	case ErrUnreachable, ErrProxy:
		if refusal, ok := errors.AsType[*proxyRefusal](e.cause); ok {
			return refusal.code >= 500
		}
		return e.cause != nil && !disagrees(e.cause)
	}
	return false
}

// isOutage reports whether nobody may be getting answers: there is no
// connection, or a proxy with nothing behind it.
func (e *Error) isOutage() bool {
	switch e.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return e.Kind == ErrServer
	}
	return (e.Kind == ErrUnreachable || e.Kind == ErrProxy) && e.isTemporary()
}
