package gitlab

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// answer is what came back to a request.
type answer struct {
	request
	status int
	header http.Header
	body   []byte
}

// judge turns a response into an answer that can be trusted, or an error.
func (c *Client) judge(r request, resp *http.Response) (*answer, error) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, r.transportError(err)
	}
	a := &answer{r, resp.StatusCode, resp.Header, body}
	if a.status < 200 || a.status > 299 {
		failure := a.failure()
		if failure.Kind == ErrUnauthorized {
			c.rejected.CompareAndSwap(nil, failure)
		}
		return nil, failure
	}
	if !isJSON(a.header) {
		return nil, a.notGitLab(contentType(a.header))
	}
	return a, nil
}

// decode reads the body into value. A body that is not JSON of that shape does
// not come from GitLab's API.
func (a *answer) decode(value any) error {
	if err := json.Unmarshal(a.body, value); err != nil {
		return a.notGitLab("JSON of another shape")
	}
	return nil
}

// failure returns the error for an answer that is not a success.
func (a *answer) failure() *Error {
	message := words(a.body)
	failure := a.newError(a.kind(message), message)
	// Proxies answer 5xx and 429 with any content type, and are believed.
	if failure.Kind != ErrServer && failure.Kind != ErrRateLimited && !isJSON(a.header) {
		return a.notGitLab(contentType(a.header))
	}
	failure.RetryAfter, _ = askedToWait(a.status, a.header)
	return failure
}

func (a *answer) notGitLab(message string) *Error { return a.newError(ErrNotGitLab, message) }

func (a *answer) newError(kind Kind, message string) *Error {
	failure := a.failed(kind)
	failure.Status = a.status
	failure.RequestID = a.client.secrets.hide(a.header.Get("X-Request-Id"))
	failure.Message = a.client.secrets.hide(message)
	return failure
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
	case a.status == http.StatusNotFound, a.status == http.StatusMethodNotAllowed:
		return ErrUnavailable
	case a.status == http.StatusTooManyRequests:
		return ErrRateLimited
	case a.status >= 500:
		return ErrServer
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
