package gitlab

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const maxRedirects = 5

// follow returns the path to request next. A redirect within the API, such as
// that of a renamed project, is followed at the configured base URL, whatever
// host Location names, so no other host gets the token. All else is an error.
func (c *Client) follow(r request, resp *http.Response, seen map[string]bool) (string, error) {
	a := answer{request: r, status: resp.StatusCode, header: resp.Header}
	failure := a.newError(ErrRedirected, "no usable Location is given")
	target, err := resp.Location()
	if err != nil {
		return "", failure
	}
	before, rest, inAPI := strings.Cut(target.EscapedPath(), "/api/v4/")
	site := target.Scheme + "://" + target.Host
	if base := site + before; inAPI && base+"/api/v4" != c.api {
		failure.BaseURL = c.secrets.hide(base)
	}
	// Without the query, which may carry secrets for a sign-in page.
	failure.Message = "to " + c.secrets.hide(site+target.EscapedPath())
	if target.RawQuery != "" {
		rest += "?" + target.RawQuery
	}
	next := "/" + rest
	switch {
	case r.method != http.MethodGet || !inAPI:
		return "", failure
	case seen[next]:
		if failure.BaseURL == "" {
			failure.Message += ", in a circle"
		}
		return "", failure
	case len(seen) > maxRedirects:
		failure.Message = fmt.Sprintf("more than %d times", maxRedirects)
		failure.BaseURL = ""
		return "", failure
	}
	return next, nil
}

// dropBadLocation removes a Location that does not parse: http.Client would
// turn it into a network error that quotes it.
func dropBadLocation(header http.Header) {
	if _, err := url.Parse(header.Get("Location")); err != nil {
		header.Del("Location")
	}
}
