package gitlabsim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Project is a project to add.
type Project struct {
	ID int64
	// Path is the full path, such as "group/sub/project".
	Path string
	// Settings is GitLab's record of Error Tracking settings; nil if the
	// project never had any.
	Settings *Settings
	Archived bool
}

type project struct {
	Project
	description string
	createdAt   time.Time
	oldPaths    []string
	keys        []ClientKey
}

// AddProject adds a project, or replaces the one with that id.
func (s *Server) AddProject(p Project) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Settings != nil {
		p.Settings = new(*p.Settings)
	}
	s.projects[p.ID] = &project{Project: p}
}

// RemoveProject deletes a project.
func (s *Server) RemoveProject(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.projects, id)
}

// MoveProject renames or transfers a project; its old path redirects.
func (s *Server) MoveProject(id int64, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[id]; p != nil {
		p.oldPaths = append(p.oldPaths, p.Path)
		p.Path = path
	}
}

// find looks up a project by numeric id or by path, ignoring case. moved
// reports that the path is a former one.
func (s *Server) find(reference string) (found *project, moved bool) {
	if id, err := strconv.ParseInt(reference, 10, 64); err == nil {
		return s.projects[id], false
	}
	for _, p := range s.projects {
		if strings.EqualFold(p.Path, reference) {
			return p, false
		}
		for _, old := range p.oldPaths {
			if strings.EqualFold(old, reference) {
				found, moved = p, true
			}
		}
	}
	return found, moved
}

func (s *Server) project(c call, p *project, role Role) Answer {
	switch c.method {
	case http.MethodGet:
		return reply(http.StatusOK, c.presentProject(p))
	case http.MethodPut:
		return s.updateProject(c, p, role)
	case http.MethodDelete:
		return s.deleteProject(p, role)
	}
	return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
}

// presentedProject is the part of GitLab's answer that identifies a project.
type presentedProject struct {
	ID                int64  `json:"id"`
	Name              string `json:"name"`
	Path              string `json:"path"`
	PathWithNamespace string `json:"path_with_namespace"`
	WebURL            string `json:"web_url"`
}

func (c call) presentProject(p *project) presentedProject {
	_, name := splitPath(p.Path)
	return presentedProject{p.ID, name, name, p.Path, c.origin + c.root + "/" + p.Path}
}

// projectsPage answers with the page of a list of projects that a call asks
// for. By default the newest comes first; ids here rise with time.
func projectsPage[T any](c call, list []*project, show func(*project) T) Answer {
	slices.SortFunc(list, func(a, b *project) int { return cmp.Compare(b.ID, a.ID) })
	if c.text("sort") == "asc" {
		slices.Reverse(list)
	}
	shown := make([]T, len(list))
	for i, p := range list {
		shown[i] = show(p)
	}
	return paged(c, shown)
}

// redirectToProject is GitLab's answer at the old path of a moved project.
func redirectToProject(c call, p *project) Answer {
	if c.method != http.MethodGet {
		return message(http.StatusMethodNotAllowed, "Non GET methods are not allowed for moved projects")
	}
	rest := strings.SplitN(c.path, "/", 4)
	target := fmt.Sprintf("%s%s/api/v4/projects/%d", c.origin, c.root, p.ID)
	if len(rest) == 4 {
		target += "/" + rest[3]
	}
	target += c.query
	return Answer{
		http.StatusFound,
		http.Header{"Content-Type": {"text/plain"}, "Location": {target}},
		fmt.Appendf(nil, "This resource has been moved temporarily to %s.", target),
	}
}
