package gitlabsim

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	defaultPerPage = 20
	maxPerPage     = 100
	// maxCounted is the longest list whose length GitLab tells.
	maxCounted = 10_000
)

// paged answers with the page of a list that a call asks for, and with the
// headers of offset pagination.
func paged[T any](c call, list []T, show func(T) any) Answer {
	page := max(1, c.number("page"))
	perPage := min(c.number("per_page"), maxPerPage)
	if perPage <= 0 {
		perPage = defaultPerPage
	}
	pages := max(1, (len(list)+perPage-1)/perPage)
	start := min(len(list), (min(page, pages+1)-1)*perPage)
	shown := []any{}
	for _, item := range list[start:min(len(list), start+perPage)] {
		shown = append(shown, show(item))
	}

	query := url.Values{}
	for name, value := range c.params {
		query.Set(name, value)
	}
	query.Set("per_page", strconv.Itoa(perPage))
	var links []string
	link := func(rel string, number int, exists bool) string {
		if !exists {
			return ""
		}
		query.Set("page", strconv.Itoa(number))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, c.api(), c.path, query.Encode(), rel))
		return strconv.Itoa(number)
	}
	// A page past the last has no neighbours.
	prev := link("prev", page-1, page > 1 && page <= pages)
	next := link("next", page+1, page < pages)
	link("first", 1, true)
	last := ""
	if len(list) <= maxCounted {
		last = link("last", pages, true)
	}

	a := c.done(shown)
	maps.Copy(a.Header, http.Header{
		"Link":        {strings.Join(links, ", ")},
		"X-Page":      {strconv.Itoa(page)},
		"X-Per-Page":  {strconv.Itoa(perPage)},
		"X-Prev-Page": {prev},
		"X-Next-Page": {next},
	})
	if len(list) <= maxCounted {
		maps.Copy(a.Header, http.Header{"X-Total": {strconv.Itoa(len(list))}, "X-Total-Pages": {last}})
	}
	return a
}
