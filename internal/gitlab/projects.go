package gitlab

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// Project is a GitLab project.
type Project struct {
	ID int64 `json:"id"`
	// Path is the full path, such as "group/sub/project".
	Path string `json:"path_with_namespace"`
}

func (p Project) valid() bool { return p.ID > 0 && p.Path != "" && p.Path == printable(p.Path) }

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
	asked := projectPath(project, "")
	found, err := askForOne(ctx, c, http.MethodGet, asked, "project", Project.valid)
	if failure, ok := errors.AsType[*Error](err); ok && failure.Kind == ErrProjectNotFound && failure.Path != asked {
		path, _, _ := strings.Cut(failure.Path, "?")
		if id, err := strconv.ParseInt(strings.TrimPrefix(path, "/projects/"), 10, 64); err == nil {
			return Project{ID: id}, nil
		}
		// That there is no such project is not certain.
		failure.Kind = ErrRedirected
	}
	return found, err
}
