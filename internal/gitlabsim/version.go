package gitlabsim

import (
	"strconv"
	"strings"
)

// version is that of GitLab; the zero value is newer than any.
type version struct{ major, minor int }

func parseVersion(s string) version {
	major, rest, _ := strings.Cut(s, ".")
	minor, _, _ := strings.Cut(rest, ".")
	var v version
	// A part that is not a number reads as 0, and 0.0 as current.
	v.major, _ = strconv.Atoi(major)
	v.minor, _ = strconv.Atoi(minor)
	return v
}

func (v version) before(major, minor int) bool {
	if v == (version{}) {
		return false
	}
	return v.major < major || v.major == major && v.minor < minor
}
