package gitlab

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Exclusions are projects to leave out. An entry is the numeric id of a project,
// the full path of a project, the full path of a group, which stands for all
// that is below it, or a pattern for such paths (see [doublestar.Match]). Letter
// case makes no difference.
type Exclusions []string

// IsPattern reports whether an entry is a pattern.
func IsPattern(entry string) bool { return strings.ContainsAny(entry, `*?[]{}\`) }

// Exclude reports whether a project is left out.
func (e Exclusions) Exclude(p Project) bool {
	p.Path = strings.ToLower(p.Path)
	return slices.ContainsFunc(e, func(entry string) bool { return fits(entry, p) })
}

// Unfit returns the entries that leave out none of these projects.
func (e Exclusions) Unfit(projects []Project) []string {
	return slices.DeleteFunc(slices.Clone(e), func(entry string) bool {
		return slices.ContainsFunc(projects, Exclusions{entry}.Exclude)
	})
}

// fits reports whether an entry leaves out a project, whose path is in lower case.
func fits(entry string, p Project) bool {
	entry, path := strings.ToLower(entry), p.Path
	switch {
	case strings.Trim(entry, "0123456789") == "":
		return entry == ByID(p.ID)
	case !IsPattern(entry):
		below, found := strings.CutPrefix(path, entry)
		return found && (below == "" || below[0] == '/')
	}
	// A pattern that fits a group stands for all that is below it, too.
	for end, r := range path {
		if r == '/' && doublestar.MatchUnvalidated(entry, path[:end]) {
			return true
		}
	}
	return doublestar.MatchUnvalidated(entry, path)
}
