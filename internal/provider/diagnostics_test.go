package provider

import (
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

func TestWhatFailsForAllIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		failure gitlab.Error
		once    bool
	}{
		"an outage":                 {gitlab.Error{Kind: gitlab.ErrServer, Status: 503}, true},
		"no connection":             {gitlab.Error{Kind: gitlab.ErrUnreachable, Message: "connection refused"}, true},
		"a rejected token":          {gitlab.Error{Kind: gitlab.ErrUnauthorized, Status: 401}, true},
		"500, which has its own id": {gitlab.Error{Kind: gitlab.ErrServer, Status: 500}, false},
		"a role in one project":     {gitlab.Error{Kind: gitlab.ErrForbidden, Status: 403}, false},
	} {
		var run connection
		first, second := run.explain(&c.failure), run.explain(&c.failure)
		if strings.HasPrefix(second, "As in another error: ") != c.once || strings.HasPrefix(first, "As in another error") {
			t.Errorf("%s: first %q, then %q", name, first, second)
		}
	}
}
