package provider

import (
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// checkReferences compares what a check accepts, and what it says of the rest.
func checkReferences(t *testing.T, check func(string) error, valid []string, invalid map[string]string) {
	t.Helper()
	for _, reference := range valid {
		if err := check(reference); err != nil {
			t.Errorf("%q is rejected: %v", reference, err)
		}
	}
	for reference, says := range invalid {
		if err := check(reference); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got error %v, want one that says %s", reference, err, says)
		}
	}
}

func TestCheckProject(t *testing.T) {
	t.Parallel()
	checkReferences(t, checkProject, []string{"1", "42", "9223372036854775807", "acme/web", "acme/sub/web", "a.b/c_d-e", "_x/.y", "12/34", "Acme/Web"}, map[string]string{
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
	})
}

func TestCheckGroup(t *testing.T) {
	t.Parallel()
	checkReferences(t, checkGroup, []string{"1", "acme", "acme/sub", "a.b_c-d", "7up"}, map[string]string{
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
	})
}

func FuzzCheckProject(f *testing.F) {
	for _, seed := range []string{
		"1", "0", "-3", "007", "+7", "9223372036854775808", "acme/web", "Acme/sub/we.b_c-d", "/acme/web/", "acme//web", "acme/-web", "acme/..",
		"acme%2Fweb", "acme/my web", "acme/web.git", "https://gitlab.com/acme/web.git", "https://[::1", "git@gitlab.com:acme/web", "acme/wéb", "acme/web?x#y", "acme/web://x", "git@x:git@y:acme/web", "https://h/https://h/acme/web", "", "\x00/\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, project string) {
		if err := checkProject(project); err != nil {
			if err.Error() == "" {
				t.Errorf("%q is rejected without a word", project)
			}
			return
		}
		if project == "" || strings.ContainsRune(project, '%') || strings.ContainsFunc(project, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.IsControl(r)
		}) {
			t.Errorf("%q is accepted", project)
		}
		// One segment of the URL, which GitLab decodes to the same text.
		escaped := url.PathEscape(project)
		if back, err := url.PathUnescape(escaped); err != nil || back != project || strings.ContainsAny(escaped, "/?#") {
			t.Errorf("%q is sent as %q, which is read as %q, %v", project, escaped, back, err)
		}
	})
}
