package gitlabsim_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for range 205 {
		g.AddClientKey(newID)
	}
	for _, test := range []struct {
		name, query       string
		first, last       int
		page, perPage     string
		next, prev, total string
	}{
		{"the first 20 by default", "", 1, 20, "1", "20", "2", "", "11"},
		{"as many as are asked for", "?per_page=3", 1, 3, "1", "3", "2", "", "69"},
		{"a page in the middle", "?page=2&per_page=100", 101, 200, "2", "100", "3", "1", "3"},
		{"the last page has no next", "?page=3&per_page=100", 201, 205, "3", "100", "", "2", "3"},
		{"a last page that is full has no next", "?page=5&per_page=41", 165, 205, "5", "41", "", "4", "5"},
		{"nothing follows the last page", "?page=4&per_page=100", 0, -1, "4", "100", "", "", "3"},
		{"100 at most", "?per_page=101", 1, 100, "1", "100", "2", "", "3"},
		{"an invalid number counts as not given", "?page=x&per_page=y", 1, 20, "1", "20", "2", "", "11"},
		{"a number below one counts as not given", "?page=0&per_page=0", 1, 20, "1", "20", "2", "", "11"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := g.ask(t, request{method: "GET", path: newKeys + test.query})
			var ids []string
			for _, match := range regexp.MustCompile(`"id":(\d+)`).FindAllStringSubmatch(got.body, -1) {
				ids = append(ids, match[1])
			}
			var want []string
			for id := test.first; id <= test.last; id++ {
				want = append(want, fmt.Sprint(id))
			}
			if !slices.Equal(ids, want) {
				t.Errorf("got %v, want %v", ids, want)
			}
			for name, value := range map[string]string{
				"X-Page": test.page, "X-Per-Page": test.perPage, "X-Next-Page": test.next, "X-Prev-Page": test.prev,
				"X-Total": "205", "X-Total-Pages": test.total,
			} {
				expectHeader(t, got, name, value)
			}
			if _, given := got.header["X-Next-Page"]; !given {
				t.Error("X-Next-Page is not empty but absent")
			}
		})
	}
}

func TestAnEmptyListIsOnePage(t *testing.T) {
	t.Parallel()
	got := start(t, gitlabsim.Config{}).ask(t, request{method: "GET", path: newKeys})
	for name, value := range map[string]string{"X-Page": "1", "X-Next-Page": "", "X-Prev-Page": "", "X-Total": "0", "X-Total-Pages": "1"} {
		expectHeader(t, got, name, value)
	}
}
