package gitlab

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const maxRedirects = 5

// follow returns the path to ask next. A redirect within the API, such as that
// of a renamed project, is followed at the configured base URL, whatever host
// Location names, so that the token goes to no other. All else is an error.
func (c *Client) follow(r request, resp *http.Response, seen map[string]bool) (string, error) {
	location := resp.Header.Get("Location")
	failure := &Error{
		Kind: ErrRedirected, Method: r.method, Path: r.path,
		Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"),
		Message: "no usable Location is given",
	}
	target, err := url.Parse(location)
	if location == "" || err != nil {
		return "", failure
	}
	target.User = nil
	failure.Message = "to " + target.Redacted()
	before, rest, inAPI := strings.Cut(location, "/api/v4/")
	if inAPI && target.Host != "" {
		failure.BaseURL = withoutUser(before)
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

func withoutUser(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// dropBadLocation spares http.Client a Location that does not parse: it would
// make an error of the network from it, with the whole text inside.
func dropBadLocation(header http.Header) {
	if _, err := url.Parse(header.Get("Location")); err != nil {
		header.Del("Location")
	}
}
