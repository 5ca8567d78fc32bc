package provider

import (
	"strings"
	"testing"
)

func TestCheckGroup(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"1", "acme", "acme/sub", "a.b_c-d", "7up"} {
		if err := checkGroup(group); err != nil {
			t.Errorf("%q is rejected: %v", group, err)
		}
	}
	for group, says := range map[string]string{
		"":                                  "empty",
		"0":                                 "greater than zero",
		"/acme":                             `"acme"`,
		"acme/":                             `"acme"`,
		"ac me":                             "a space",
		"acme%2Fsub":                        "percent-encoded",
		"wéb":                               "not valid in a GitLab path",
		"https://gitlab.com/acme":           `"acme"`,
		"https://gitlab.com/groups/acme":    `"acme"`,
		"https://gitlab.com/groups/a/b/-/x": `"a/b"`,
		"https://gitlab.com":                "it is a URL",
	} {
		if err := checkGroup(group); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got error %v, want one that says %s", group, err, says)
		}
	}
}
