package gitlab

import (
	"context"
	"net/http"
)

// Project is a GitLab project.
type Project struct {
	ID int64
	// Path is the full path, such as "group/sub/project".
	Path string
}

// GetProject looks a project up by id or path; a path that the project had
// before works too.
//
// GET /projects/:id.
func (c *Client) GetProject(ctx context.Context, project string) (Project, error) {
	a, err := c.call(ctx, http.MethodGet, projectPath(project, ""), nil)
	if err != nil {
		return Project{}, err
	}
	var body struct {
		ID   int64  `json:"id"`
		Path string `json:"path_with_namespace"`
	}
	if err := a.decode(&body); err != nil {
		return Project{}, err
	}
	if body.ID <= 0 || body.Path == "" {
		return Project{}, a.notGitLab("answered with JSON that holds no project")
	}
	return Project{body.ID, body.Path}, nil
}
