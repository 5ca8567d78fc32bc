package gitlab

import (
	"testing"
)

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://gitlab.com":                 "https://gitlab.com/api/v4",
		"https://gitlab.com/":                "https://gitlab.com/api/v4",
		"https://gitlab.com/api/v4/":         "https://gitlab.com/api/v4",
		"https://host.example/gitlab":        "https://host.example/gitlab/api/v4",
		"https://host.example/gitlab/api/v4": "https://host.example/gitlab/api/v4",
		"http://127.0.0.1:8080//":            "http://127.0.0.1:8080/api/v4",
		"HTTPS://[::1]:8443":                 "https://[::1]:8443/api/v4",
		" https://gitlab.com\n":              "https://gitlab.com/api/v4",
		"https://git lab.com":                "",
		"https://gitlab.com/git\tlab":        "",
		"gitlab.com":                         "",
		"ssh://gitlab.com":                   "",
		"https://:443":                       "",
		"https://u@gitlab.com":               "",
		"https://gitlab.com?":                "",
		"https://gitlab.com?x=1":             "",
		"https://gitlab.com#":                "",
		"https://[::1":                       "",
		"":                                   "",
	} {
		got, err := ParseBaseURL(base)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", base, got, err, want)
		}
	}
}
