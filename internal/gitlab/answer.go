package gitlab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// judge returns nil if the answer can be trusted to be GitLab's success, and
// otherwise an error that tells apart what users must do differently.
func (x *exchange) judge() *Error {
	message, content := words(x.body), x.contentType()
	kind := x.kind(message)
	isJSON := content == "application/json" || strings.HasSuffix(content, "+json")
	// Proxies answer 407, 429 and 5xx with any content type, and are believed.
	if !isJSON && kind != ErrServer && kind != ErrRateLimited && kind != ErrProxy {
		return x.notGitLab(content)
	}
	if kind == "" {
		return nil
	}
	failure := x.fail(kind, message)
	failure.RetryAfter = askedToWait(x.status, x.header)
	return failure
}

// kind returns the kind of failure that the answer reports; "" for a success.
func (x *exchange) kind(message string) Kind {
	switch {
	case x.status >= 200 && x.status <= 299:
		return ""
	case x.status <= 399:
		return ErrNotGitLab
	case x.status == http.StatusUnauthorized:
		return ErrUnauthorized
	case x.status == http.StatusForbidden:
		return forbidden(message)
	case x.status == http.StatusNotFound:
		return x.notFound(message)
	case x.status == http.StatusProxyAuthRequired:
		return ErrProxy
	case x.status == http.StatusConflict && message == "409 Conflict: Resource lock":
		return ErrLocked
	case x.status == http.StatusTooManyRequests:
		return ErrRateLimited
	case x.status == http.StatusServiceUnavailable && strings.Contains(message, "maintenance mode"):
		return ErrReadOnly
	case x.status >= 500:
		return ErrServer
	}
	return ErrOther
}

func forbidden(message string) Kind {
	switch {
	case strings.HasPrefix(message, "insufficient_scope"):
		return ErrInsufficientScope
	case strings.HasPrefix(message, "insufficient_granular_scope"):
		return ErrInsufficientPermission
	case strings.Contains(message, "read-only instance"):
		return ErrReadOnly
	case message == "", message == "403 Forbidden":
		return ErrForbidden
	}
	return ErrForbiddenForReason
}

// notFound returns the kind of a 404, of which GitLab has three forms: the words
// of a missing route stand in "error", those of a missing thing in "message".
func (x *exchange) notFound(message string) Kind {
	switch message {
	case "404 Project Not Found":
		return ErrProjectNotFound
	case "404 Group Not Found":
		return ErrGroupNotFound
	case "404 Error Tracking Setting Not Found":
		return ErrSettingsNotFound
	case "404 Not found": // with a small f
		return ErrClientKeyNotFound
	case "404 Not Found":
		var body struct{ Message any }
		if json.Unmarshal(x.body, &body) == nil && body.Message != nil {
			return ErrHidden
		}
		return ErrNoRoute
	}
	return ErrOther
}

// words returns GitLab's own words in a body, from "message", "error" and
// "error_description", as a string or nested; "" if it is not a JSON object.
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
