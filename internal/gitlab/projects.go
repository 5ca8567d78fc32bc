package gitlab

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// Project is a GitLab project.
type Project struct {
	ID int64
	// Path is the full path, such as "group/sub/project".
	Path string
}

// ByID refers to a project by its id, which no rename changes.
func ByID(id int64) string { return strconv.FormatInt(id, 10) }

// GetProject looks up a project by id or path; a former path works too.
//
// GET /projects/:id.
func (c *Client) GetProject(ctx context.Context, project string) (Project, error) {
	a, err := c.call(ctx, http.MethodGet, projectPath(project, ""), nil)
	if err != nil {
		return Project{}, err
	}
	var body projectBody
	if err := a.decode(&body); err != nil {
		return Project{}, err
	}
	if !body.valid() {
		return Project{}, a.notGitLab("JSON that holds no project")
	}
	return Project(body), nil
}

// GroupProjects lists a group's projects, ordered by id: on request also those
// of its subgroups and archived ones, but never those only shared with it. The
// error is [ErrGroupNotFound] if the token sees no such group.
//
// GET /groups/:id/projects.
func (c *Client) GroupProjects(ctx context.Context, group string, subgroups, archived bool) iter.Seq2[Project, error] {
	query := url.Values{
		"include_subgroups": {strconv.FormatBool(subgroups)},
		"order_by":          {"id"},
		"sort":              {"asc"},
		"simple":            {"true"},
		"with_shared":       {"false"},
	}
	if !archived {
		query.Set("archived", "false")
	}
	path := "/groups/" + url.PathEscape(group) + "/projects"
	return func(yield func(Project, error) bool) {
		for body, err := range pages(ctx, c, path, query, projectBody.valid) {
			if !yield(Project(body), err) {
				return
			}
		}
	}
}

// projectBody is the part of GitLab's answer that is needed.
type projectBody struct {
	ID   int64  `json:"id"`
	Path string `json:"path_with_namespace"`
}

func (b projectBody) valid() bool { return b.ID > 0 && b.Path != "" }
