package gitlab

import (
	"context"
	"iter"
	"net/url"
	"strconv"
)

// perPage is the largest page that GitLab allows.
const perPage = 100

// getter makes a GET of a path after /api/v4.
type getter func(ctx context.Context, path string) (*exchange, error)

// pages iterates over a list with offset pagination, page by page. It ends
// after the first error. An item that is not valid means that the answer does
// not come from GitLab: taking it for an empty list would make Terraform forget
// resources.
func pages[T any](ctx context.Context, get getter, path string, query url.Values, valid func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for number := 1; number > 0; {
			items, next, err := page(ctx, get, path, query, number, valid)
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
			number = next
		}
	}
}

// page asks for one page and returns the number of the next, 0 for none.
func page[T any](ctx context.Context, get getter, path string, query url.Values, number int, valid func(T) bool) (items []T, next int, err error) {
	full := url.Values{"page": {strconv.Itoa(number)}, "per_page": {strconv.Itoa(perPage)}}
	for name, values := range query {
		full[name] = values
	}
	x, err := get(ctx, path+"?"+full.Encode())
	if err != nil {
		return nil, 0, err
	}
	if err := x.decode(&items); err != nil {
		return nil, 0, err
	}
	if items == nil {
		return nil, 0, x.notGitLab("JSON that holds no list")
	}
	for _, item := range items {
		if !valid(item) {
			return nil, 0, x.notGitLab("a list of something else")
		}
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
