package gitlab

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const maxRedirects = 5

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow asks for where the answer redirects to. A redirect within the API is
// followed at the configured base URL, whatever host Location names, so no other
// host gets the token. All else is an error.
func (t *tries) follow() *Error {
	failure := t.fail(ErrRedirected, "no usable Location is given")
	asked, _ := url.Parse(t.client.api + t.path) // cannot fail: it was requested
	resp := http.Response{Header: t.header, Request: &http.Request{URL: asked}}
	target, err := resp.Location()
	if err != nil {
		return failure
	}
	before, rest, inAPI := strings.Cut(target.EscapedPath(), "/api/v4/")
	site := target.Scheme + "://" + target.Host
	if base := site + before; inAPI && base+"/api/v4" != t.client.api {
		failure.BaseURL = t.client.secrets.clean(base)
	}
	// Without the query, which may carry secrets for a sign-in page.
	failure.Message = t.client.secrets.clean("to " + site + target.EscapedPath())
	// GitLab appends what looks like a file name extension at the end of a former
	// path to the id of the project, and would not find that.
	next := regexp.MustCompile(`^(/projects/\d+)\.[^/]*$`).ReplaceAllString("/"+rest, "$1")
	if target.RawQuery != "" {
		next += "?" + target.RawQuery
	}
	switch {
	case t.method != http.MethodGet && site+strings.TrimRight(target.EscapedPath(), "/")+"/api/v4" == t.client.api:
		// How a read-only GitLab answers a write.
		failure.Kind = ErrReadOnly
	case t.method != http.MethodGet || !inAPI:
	case next == t.path || slices.Contains(t.redirectedFrom, next):
		if failure.BaseURL == "" {
			failure.Message += ", in a circle"
		}
	case len(t.redirectedFrom) == maxRedirects:
		failure.Message = fmt.Sprintf("more than %d times", maxRedirects)
		failure.BaseURL = ""
	default:
		t.redirectedFrom = append(t.redirectedFrom, t.path)
		t.path = next
		return nil
	}
	return failure
}
