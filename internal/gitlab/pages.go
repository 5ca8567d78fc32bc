package gitlab

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strconv"
)

// perPage is the largest page that GitLab allows.
const perPage = 100

// pages iterates over a list with offset pagination, page by page. It ends
// after the first error. An item that is not valid means that the answer does
// not come from GitLab: taking it for an empty list would make Terraform forget
// resources.
func pages[T any](ctx context.Context, get func(context.Context, string) (*exchange, error), path string, query url.Values, valid func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		query.Set("per_page", strconv.Itoa(perPage))
		for number := 1; number > 0; {
			query.Set("page", strconv.Itoa(number))
			var items []T
			x, err := get(ctx, path+"?"+query.Encode())
			if err == nil {
				items, number, err = page(x, number, valid)
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// page returns the items of a page and the number of the next one, 0 for none.
func page[T any](x *exchange, number int, valid func(T) bool) (items []T, next int, err error) {
	if err := x.decode(&items); err != nil {
		return nil, 0, err
	}
	switch {
	case items == nil:
		return nil, 0, x.notGitLab("JSON that holds no list")
	case slices.ContainsFunc(items, func(item T) bool { return !valid(item) }):
		return nil, 0, x.notGitLab("a list of something else")
	}
	next, err = x.nextPage(number, len(items))
	return items, next, err
}

// nextPage reads X-Next-Page, which is empty on the last page. If a proxy has
// dropped the header, a full page may have a next one.
func (x *exchange) nextPage(number, items int) (int, error) {
	values, given := x.header["X-Next-Page"]
	switch {
	case !given && items < perPage, given && values[0] == "":
		return 0, nil
	case !given:
		return number + 1, nil
	}
	next, err := strconv.Atoi(values[0])
	if err != nil || next <= number {
		return 0, x.notGitLab("X-Next-Page " + strconv.Quote(values[0]) + " on page " + strconv.Itoa(number))
	}
	return next, nil
}
