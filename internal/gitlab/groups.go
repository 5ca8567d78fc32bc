package gitlab

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Group is a GitLab group.
type Group struct {
	ID int64 `json:"id"`
	// Path is the full path, such as "group/subgroup".
	Path string `json:"full_path"`
}

// Scope says which projects of a group are meant.
type Scope struct {
	// Group is the id or the full path of the group.
	Group string
	// Subgroups includes the projects of subgroups.
	Subgroups bool
	// Archived includes archived projects, and what GitLab before 18.3 does not
	// mark by its name when it is about to delete it.
	Archived bool
	// Exclude leaves out projects.
	Exclude Exclusions
}

// GetGroup looks up a group by id or path. The error is [ErrGroupNotFound] if
// the token sees no such group; a former path and the namespace of a user are
// none.
//
// GET /groups/:id.
func (c *Client) GetGroup(ctx context.Context, group string) (Group, error) {
	path := groupPath(group, "?with_projects=false")
	return askForOne(ctx, c, http.MethodGet, path, "group", func(g Group) bool { return Project(g).valid() })
}

// Includes reports whether a listed project is in scope.
func (s Scope) Includes(p Project) bool { return !s.Exclude.Exclude(p) && !p.IsBeingDeleted() }

// ListProjects reads the list of a group's projects once, ordered by id: all
// that GitLab lists, of which [Scope.Includes] tells what is in scope. What is
// only shared with the group is not listed. A project is missed if another leaves
// the list meanwhile; see [Client.Walk]. The error is [ErrGroupNotFound] if the
// token sees no such group.
//
// GET /groups/:id/projects.
func (c *Client) ListProjects(ctx context.Context, scope Scope) iter.Seq2[Project, error] {
	query := url.Values{
		"include_subgroups": {strconv.FormatBool(scope.Subgroups)},
		"order_by":          {"id"},
		"sort":              {"asc"},
		"simple":            {"true"},
		"with_shared":       {"false"},
	}
	if !scope.Archived {
		// With active, GitLab leaves out what is archived or being deleted, by
		// itself or with a group above it; before 18.9 it ignores this.
		query.Set("archived", "false")
		query.Set("active", "true")
	}
	return pages(ctx, c.getInSlot, groupPath(scope.Group, "/projects"), query, Project.valid)
}

func groupPath(group, rest string) string { return "/groups/" + url.PathEscape(group) + rest }

// inFlight is how many requests all walks and writes of groups have in flight
// at a time, as many as Terraform has for single resources by default.
const inFlight = 10

// TakeSlot waits until one of the ten requests that groups may have in flight
// can be made; free must be called at its end.
func (c *Client) TakeSlot(ctx context.Context) (free func(), err error) {
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (c *Client) getInSlot(ctx context.Context, path string) (*exchange, error) {
	free, err := c.TakeSlot(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	return c.get(ctx, path)
}

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
