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

// redirects are the paths that one call was redirected from.
type redirects struct{ from []string }

func (r *redirects) followed() bool { return len(r.from) > 0 }

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow makes x ask for where the answer redirects it. A redirect within the
// API is followed at the configured base URL, whatever host Location names, so
// no other host gets the token. All else is an error.
func (r *redirects) follow(x *exchange) error {
	failure := x.fail(ErrRedirected, "no usable Location is given")
	target, err := x.location()
	if err != nil {
		return failure
	}
	before, rest, inAPI := strings.Cut(target.EscapedPath(), "/api/v4/")
	site := target.Scheme + "://" + target.Host
	if base := site + before; inAPI && base+"/api/v4" != x.client.api {
		failure.BaseURL = x.client.secrets.clean(base)
	}
	// Without the query, which may carry secrets for a sign-in page.
	failure.Message = x.client.secrets.clean("to " + site + target.EscapedPath())
	next := withoutExtension("/" + rest)
	if target.RawQuery != "" {
		next += "?" + target.RawQuery
	}
	switch {
	case x.method != http.MethodGet && site+strings.TrimRight(target.EscapedPath(), "/")+"/api/v4" == x.client.api:
		// How a read-only GitLab answers a write.
		failure.Kind = ErrReadOnly
		return failure
	case x.method != http.MethodGet || !inAPI:
		return failure
	case next == x.path || slices.Contains(r.from, next):
		if failure.BaseURL == "" {
			failure.Message += ", in a circle"
		}
		return failure
	case len(r.from) == maxRedirects:
		failure.Message = fmt.Sprintf("more than %d times", maxRedirects)
		failure.BaseURL = ""
		return failure
	}
	r.from = append(r.from, x.path)
	x.path = next
	return nil
}

// location returns where the answer redirects to.
func (x *exchange) location() (*url.URL, error) {
	asked, err := url.Parse(x.client.api + x.path)
	if err != nil {
		return nil, err
	}
	location := x.header.Get("Location")
	if location == "" {
		return nil, http.ErrNoLocation
	}
	return asked.Parse(location)
}

// withoutExtension drops what GitLab appends to the id of a moved project whose
// former path looked as if it ended in a file name extension: it would not find
// the project itself.
func withoutExtension(path string) string {
	return regexp.MustCompile(`^(/projects/\d+)\.[^/]*$`).ReplaceAllString(path, "$1")
}
