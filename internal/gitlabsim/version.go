package gitlabsim

import "fmt"

// version is that of GitLab; the zero value is newer than any.
type version struct{ major, minor int }

func parseVersion(s string) (v version) {
	// What is not a number reads as 0, and 0.0 as current.
	_, _ = fmt.Sscanf(s, "%d.%d", &v.major, &v.minor)
	return v
}

func (v version) before(other version) bool {
	return v != version{} && (v.major < other.major || v.major == other.major && v.minor < other.minor)
}
