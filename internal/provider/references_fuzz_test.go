package provider

import (
	"net/url"
	"strings"
	"testing"
	"unicode"
)

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
