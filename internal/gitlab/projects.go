package gitlab

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Project is a GitLab project.
type Project struct {
	ID int64
	// Path is the full path, such as "group/sub/project".
	Path string
}

// IsBeingDeleted reports whether the project is marked for deletion: GitLab then
// renames it. Its name must not be recommended to anyone.
func (p Project) IsBeingDeleted() bool {
	id := strconv.FormatInt(p.ID, 10)
	return strings.HasSuffix(p.Path, "-deletion_scheduled-"+id) || strings.HasSuffix(p.Path, "-deleted-"+id)
}

// ByID refers to a project by its id, which no rename changes.
func ByID(id int64) string { return strconv.FormatInt(id, 10) }

// GetProject looks up a project by id or path; a former path works too. The
// project has no Path if GitLab redirects a former path to an id and then does
// not show the project: it exists all the same.
//
// GET /projects/:id.
func (c *Client) GetProject(ctx context.Context, project string) (Project, error) {
	x, err := c.get(ctx, projectPath(project, ""))
	if failure, ok := errors.AsType[*Error](err); ok && failure.Kind == ErrProjectNotFound && failure.redirectedTo != "" {
		path, _, _ := strings.Cut(failure.redirectedTo, "?")
		if id, err := strconv.ParseInt(strings.TrimPrefix(path, "/projects/"), 10, 64); err == nil {
			return Project{ID: id}, nil
		}
		// That there is no such project is not certain.
		failure.Kind = ErrRedirected
	}
	if err != nil {
		return Project{}, err
	}
	body, err := decodeOne(x, "project", projectBody.valid)
	return Project(body), err
}

// projectBody is the part of GitLab's answer that is needed.
type projectBody struct {
	ID   int64  `json:"id"`
	Path string `json:"path_with_namespace"`
}

func (b projectBody) valid() bool { return Project(b).valid() }

// valid reports whether this may be a project or a group.
func (p Project) valid() bool { return p.ID > 0 && p.Path != "" && p.Path == printable(p.Path) }
