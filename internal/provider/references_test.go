package provider

import (
	"strings"
	"testing"
)

func TestCheckProject(t *testing.T) {
	t.Parallel()
	for _, project := range []string{"1", "42", "9223372036854775807", "acme/web", "acme/sub/web", "a.b/c_d-e", "_x/.y", "12/34", "Acme/Web"} {
		if err := checkProject(project); err != nil {
			t.Errorf("%q is rejected: %v", project, err)
		}
	}
	for project, says := range map[string]string{
		"":                             "empty",
		"0":                            "greater than zero",
		"-3":                           "greater than zero",
		"007":                          `"7"`,
		"+7":                           `"7"`,
		"1.5":                          "neither a whole number nor a full path",
		"9223372036854775808":          "too large",
		"web":                          "neither a whole number nor a full path",
		"/acme/web":                    `"acme/web"`,
		"acme/web/":                    `"acme/web"`,
		"acme//web":                    "double slash",
		"acme%2Fweb":                   "percent-encoded",
		"acme/my web":                  "space",
		" 42":                          "space",
		"42\n":                         "line break",
		"https://gitlab.com/acme/web":  `"acme/web"`,
		"https://gitlab.com/a/web.git": `"a/web"`,
		"https://gitlab.com":           "it is a URL",
		"https://gitlab.com/acme":      "it is a URL",
		"https://gitlab.com/a/web/-/settings/operations": `"a/web"`,
		"https://gitlab.com/a b/web":                     "it is a URL",
		"acme/web://x":                                   "it is a URL",
		"https://[":                                      "it is a URL",
		"git@gitlab.com:acme/sub/web.git":                `"acme/sub/web"`,
		"ssh://git@gitlab.com/acme/web.git":              `"acme/web"`,
		"99999999999999999999":                           "too large",
		"acme/web.git":                                   `"acme/web"`,
		"git@gitlab.com:acme/web":                        `"acme/web"`,
		"me@acme/web":                                    "not valid in a GitLab path",
		"acme/-web":                                      "not valid in a GitLab path",
		"acme/..":                                        "not valid in a GitLab path",
		"acme/wéb":                                       "not valid in a GitLab path",
		"acme/web?x":                                     "not valid in a GitLab path",
	} {
		if err := checkProject(project); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got error %v, want one that says %s", project, err, says)
		}
	}
}

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
