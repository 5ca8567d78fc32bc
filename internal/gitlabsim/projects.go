package gitlabsim

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Project is a project to add, with its full path, and with the record of its
// settings if it ever had any.
type Project struct {
	ID       int64
	Path     string
	Settings *Settings
	Archived bool
	// MarkedForDeletion does not rename the project: GitLab renames only some.
	MarkedForDeletion bool

	description string
	createdAt   time.Time
	keys        []ClientKey
}

// AddProject adds a project, or replaces the one with that id.
func (s *Server) AddProject(p Project) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Settings != nil {
		p.Settings = new(*p.Settings)
	}
	s.put(&p, p.Path)
}

// RemoveProject deletes a project.
func (s *Server) RemoveProject(id int64) {
	s.onProject(id, func(*Project) { delete(s.projects, id) })
}

// MoveProject renames or transfers a project; its old path redirects.
func (s *Server) MoveProject(id int64, path string) {
	s.onProject(id, func(p *Project) { s.put(p, path) })
}

// onProject does something to a project; nothing if there is none.
func (s *Server) onProject(id int64, do func(*Project)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[id]; p != nil {
		do(p)
	}
}

// put stores a project at a path. One that used to have it is no longer found there,
// not even later, as in GitLab.
func (s *Server) put(p *Project, path string) {
	p.Path = path
	s.groupAt(above(path))
	s.projects[p.ID] = p
	s.paths[strings.ToLower(path)] = p
	s.lastID = max(s.lastID, p.ID)
}

// active tells whether no flag is set on a project or on a group above it.
func (s *Server) active(p *Project) bool {
	for _, g := range s.groups {
		if (g.Archived || g.MarkedForDeletion) && within(p.Path, g.Path) {
			return false
		}
	}
	return !p.Archived && !p.MarkedForDeletion
}

// visible returns the projects that a token can see, by id.
func (s *Server) visible(token Token) (list []*Project) {
	for _, id := range slices.Sorted(maps.Keys(s.projects)) {
		if p := s.projects[id]; token.role(p) != NoAccess {
			list = append(list, p)
		}
	}
	return list
}

// find looks up a project by id, or by its path or a former one: then it has moved.
func (s *Server) find(reference string) (found *Project, moved bool) {
	if id, err := strconv.ParseInt(reference, 10, 64); err == nil {
		return s.projects[id], false
	}
	p := s.paths[strings.ToLower(reference)]
	if p == nil || s.projects[p.ID] != p {
		return nil, false
	}
	return p, !strings.EqualFold(p.Path, reference)
}

func (s *Server) showProject(c call) Answer {
	return c.done(c.presentProject(c.project))
}

// presentProject returns what identifies a project.
func (c call) presentProject(p *Project) any {
	return struct {
		ID                int64     `json:"id"`
		Description       *string   `json:"description"`
		Name              string    `json:"name"`
		Path              string    `json:"path"`
		PathWithNamespace string    `json:"path_with_namespace"`
		CreatedAt         time.Time `json:"created_at"`
		WebURL            string    `json:"web_url"`
		Deletion          string    `json:"marked_for_deletion_on,omitempty"`
	}{p.ID, nullable(p.description), path.Base(p.Path), path.Base(p.Path), p.Path, p.createdAt, c.base + "/" + p.Path, dayOf(p.MarkedForDeletion)}
}

// projectsPage answers with a page of some of the projects that the token can see:
// by default the newest, which have the highest ids, come first.
func (s *Server) projectsPage(c call, some func(*Project) bool) Answer {
	list := slices.DeleteFunc(s.visible(c.token), func(p *Project) bool { return !some(p) })
	if c.params["sort"] != "asc" {
		slices.Reverse(list)
	}
	return paged(c, list, c.presentProject)
}

// redirectToProject is GitLab's answer at the old path of a moved project. What
// looks like an extension is added to the new one, where nothing is found then.
func redirectToProject(c call) Answer {
	if c.Method != http.MethodGet {
		return message(http.StatusMethodNotAllowed, "Non GET methods are not allowed for moved projects")
	}
	c.segments[1] = strconv.FormatInt(c.project.ID, 10)
	if len(c.segments) == 2 {
		c.segments[1] += path.Ext(c.params["id"])
	}
	target := c.base + "/api/v4/" + strings.Join(c.segments, "/") + c.query
	// Without nil, Go would add a type.
	header := http.Header{"Content-Type": nil, "Location": {target}}
	return Answer{http.StatusMovedPermanently, header, []byte("This resource has been moved permanently to " + target)}
}

func (s *Server) listProjects(c call) Answer {
	return s.projectsPage(c, func(p *Project) bool {
		return strings.Contains(strings.ToLower(path.Base(p.Path)), strings.ToLower(c.params["search"]))
	})
}

// createProject adds a project, of which the user who asked becomes the owner.
func (s *Server) createProject(c call) Answer {
	name := cmp.Or(c.params["path"], c.params["name"])
	if name == "" {
		return invalid(http.StatusBadRequest, "name, path are missing, at least one parameter must be provided")
	}
	namespace := &Group{Path: username}
	if id := c.params["namespace_id"]; id != "" {
		namespace = s.findGroup(id)
	}
	if namespace == nil || c.token.Role < Developer {
		return invalidFields(map[string][]string{"namespace": {"is not valid"}})
	}
	c.project = &Project{ID: s.lastID + 1, description: c.params["description"], createdAt: time.Now().UTC()}
	a := s.rename(c, namespace.Path+"/"+name)
	if a.Status == http.StatusCreated {
		c.token.Roles[c.project.ID] = Owner
	}
	return a
}

func (s *Server) updateProject(c call) Answer {
	name := cmp.Or(c.params["path"], path.Base(c.project.Path))
	return s.rename(c, above(c.project.Path)+"/"+name)
}

// rename puts a call's project at a path, unless another project has it.
func (s *Server) rename(c call, path string) Answer {
	if other, moved := s.find(path); other != nil && other != c.project && !moved {
		taken := []string{"has already been taken"}
		return invalidFields(map[string][]string{"name": taken, "path": taken, "project_namespace.name": taken})
	}
	s.put(c.project, path)
	return s.showProject(c)
}

func (s *Server) archiveProject(c call) Answer {
	c.project.Archived = true
	return s.showProject(c)
}

// deleteProject marks a project for deletion; one that is marked, or in an older
// GitLab, it deletes.
func (s *Server) deleteProject(c call) Answer {
	p := c.project
	if p.MarkedForDeletion || s.olderThan(version{18, 0}) {
		delete(s.projects, p.ID)
	} else {
		p.MarkedForDeletion = true
		s.put(p, fmt.Sprintf("%s-deletion_scheduled-%d", p.Path, p.ID))
	}
	return message(http.StatusAccepted, "202 Accepted")
}

// invalidFields has the form of GitLab's validation errors.
func invalidFields(wrong map[string][]string) Answer {
	return reply(http.StatusBadRequest, map[string]any{"message": wrong})
}
