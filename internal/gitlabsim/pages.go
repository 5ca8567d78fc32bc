package gitlabsim

import (
	"maps"
	"net/http"
	"strconv"
)

const (
	defaultPerPage = 20
	maxPerPage     = 100
)

// paged answers with the page of a list that a call asks for, and with the
// headers of offset pagination.
func paged[T any](c call, list []T) Answer {
	page := max(1, c.number("page"))
	perPage := min(c.number("per_page"), maxPerPage)
	if perPage <= 0 {
		perPage = defaultPerPage
	}
	pages := max(1, (len(list)+perPage-1)/perPage)
	first := min(len(list), (min(page, pages+1)-1)*perPage)
	last := min(len(list), first+perPage)

	a := reply(http.StatusOK, append([]T{}, list[first:last]...))
	maps.Copy(a.Header, http.Header{
		"X-Page":        {strconv.Itoa(page)},
		"X-Per-Page":    {strconv.Itoa(perPage)},
		"X-Next-Page":   {pageNumber(page+1, pages)},
		"X-Prev-Page":   {pageNumber(page-1, pages)},
		"X-Total":       {strconv.Itoa(len(list))},
		"X-Total-Pages": {strconv.Itoa(pages)},
	})
	return a
}

// pageNumber returns "" if there is no such page.
func pageNumber(page, pages int) string {
	if page < 1 || page > pages {
		return ""
	}
	return strconv.Itoa(page)
}
