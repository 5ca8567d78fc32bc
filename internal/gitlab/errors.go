package gitlab

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
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
	// Method and Path name the request; Path is what follows /api/v4.
	Method, Path string
	// Status is the HTTP status, 0 where no answer came.
	Status int
	// Message is GitLab's own words, or what is odd about the answer. It may be
	// empty.
	Message string
	// RequestID is GitLab's X-Request-Id, which its support asks for.
	RequestID string
	// RetryAfter is how long GitLab asked to wait; set with [ErrRateLimited].
	RetryAfter time.Duration
	// BaseURL is the base URL that a redirect points at; set with
	// [ErrRedirected] where it points at one.
	BaseURL string
	// Cause is the error of the network or of TLS; set with [ErrUnreachable].
	Cause error
}

// Error implements error. It names no host and no header.
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

func newTransportError(r request, err error) error {
	var own *Error
	if errors.As(err, &own) {
		own.Method, own.Path = r.method, r.path
		return own
	}
	return &Error{Kind: ErrUnreachable, Method: r.method, Path: r.path, Cause: err}
}

// failure is the error of an answer that is no success.
func (a *answer) failure() *Error {
	message := words(a.body)
	failure := a.newError(a.kind(message), message)
	// Proxies answer 5xx and 429 in any form, and are believed.
	if failure.Kind != ErrServer && failure.Kind != ErrRateLimited && !isJSON(a.header) {
		return a.notGitLab("answered with " + contentType(a.header))
	}
	if failure.Kind == ErrRateLimited {
		failure.RetryAfter, _ = retryAfter(a.header)
	}
	return failure
}

func (a *answer) notGitLab(message string) *Error { return a.newError(ErrNotGitLab, message) }

func (a *answer) newError(kind Kind, message string) *Error {
	return &Error{
		Kind: kind, Method: a.method, Path: a.path,
		Status: a.status, RequestID: a.secrets.hide(a.requestID), Message: a.secrets.hide(message),
	}
}

func (a *answer) kind(message string) Kind {
	switch {
	case a.status == http.StatusUnauthorized:
		return ErrUnauthorized
	case a.status == http.StatusForbidden:
		var grape struct{ Error any }
		if json.Unmarshal(a.body, &grape) == nil && grape.Error == "insufficient_scope" {
			return ErrInsufficientScope
		}
		return ErrForbidden
	case a.status == http.StatusNotFound && message == "404 Project Not Found":
		return ErrProjectNotFound
	case a.status == http.StatusNotFound && message == "404 Group Not Found":
		return ErrGroupNotFound
	case a.status == http.StatusNotFound && message == "404 Error Tracking Setting Not Found":
		return ErrSettingsNotFound
	case a.status == http.StatusMethodNotAllowed && strings.Contains(message, "moved projects"):
		return ErrMoved
	case a.status == http.StatusNotFound, a.status == http.StatusMethodNotAllowed:
		return ErrUnavailable
	case a.status == http.StatusTooManyRequests:
		return ErrRateLimited
	case a.status >= 500:
		return ErrServer
	}
	return ErrOther
}

// words finds GitLab's own words in a body: in "message", "error" and
// "error_description", as a string or nested. It is empty for what is not JSON.
func words(body []byte) string {
	var object map[string]any
	if json.Unmarshal(body, &object) != nil {
		return ""
	}
	var found []string
	for _, key := range []string{"message", "error", "error_description"} {
		if text := flatten(object[key]); text != "" {
			found = append(found, text)
		}
	}
	return strings.Join(found, ": ")
}

func flatten(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, 0, len(v))
		for _, part := range v {
			parts = append(parts, flatten(part))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		parts := make([]string, 0, len(v))
		for key, part := range v {
			parts = append(parts, key+" "+flatten(part))
		}
		slices.Sort(parts)
		return strings.Join(parts, "; ")
	}
	return fmt.Sprint(value)
}

func isJSON(header http.Header) bool {
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
}

func contentType(header http.Header) string {
	if mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type")); err == nil {
		return mediaType
	}
	return "no content type"
}
