package gitlabsim

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// paged answers with the page of a list that a call asks for, and with the
// headers of offset pagination.
func paged[T any](c call, list []T, show func(T) any) Answer {
	page := max(1, c.number("page"))
	perPage := min(cmp.Or(max(0, c.number("per_page")), 20), 100)
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
	link := func(rel string, number int) string {
		query.Set("page", strconv.Itoa(number))
		links = append(links, fmt.Sprintf(`<%s/api/v4%s?%s>; rel="%s"`, c.base, c.path, query.Encode(), rel))
		return strconv.Itoa(number)
	}
	header := http.Header{"X-Page": {strconv.Itoa(page)}, "X-Per-Page": {strconv.Itoa(perPage)}, "X-Prev-Page": {""}, "X-Next-Page": {""}}
	// A page past the last has no neighbours.
	if page > 1 && page <= pages {
		header.Set("X-Prev-Page", link("prev", page-1))
	}
	if page < pages {
		header.Set("X-Next-Page", link("next", page+1))
	}
	link("first", 1)
	// GitLab does not count longer lists.
	if len(list) <= 10_000 {
		header.Set("X-Total-Pages", link("last", pages))
		header.Set("X-Total", strconv.Itoa(len(list)))
	}
	header.Set("Link", strings.Join(links, ", "))
	a := c.done(shown)
	maps.Copy(a.Header, header)
	return a
}
