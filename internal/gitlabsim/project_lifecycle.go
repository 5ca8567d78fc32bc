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

// username is the user's that every token belongs to.
const username = "simulated"

// currentUser says whose token it is.
func (s *Server) currentUser(c call) Answer {
	if _, refusal := s.authenticate(c); refusal != nil {
		return *refusal
	}
	return reply(http.StatusOK, struct {
		ID       int64  `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
		State    string `json:"state"`
		WebURL   string `json:"web_url"`
	}{1, username, "Simulated User", "active", c.origin + c.root + "/" + username})
}

// showNamespace shows a group that has an id.
func (s *Server) showNamespace(c call) Answer {
	token, refusal := s.authenticate(c)
	if refusal != nil {
		return *refusal
	}
	id, path := s.findGroup(c.segments[1])
	if path == "" || token.Role == NoAccess {
		return message(http.StatusNotFound, "404 Namespace Not Found")
	}
	above, name := splitPath(path)
	shown := struct {
		ID       int64  `json:"id"`
		Name     string `json:"name"`
		Path     string `json:"path"`
		Kind     string `json:"kind"`
		FullPath string `json:"full_path"`
		ParentID *int64 `json:"parent_id"`
	}{id, name, name, "group", path, nil}
	if parent, _ := s.findGroup(above); parent != 0 {
		shown.ParentID = &parent
	}
	return reply(http.StatusOK, shown)
}

// findGroup looks a group that has an id up, by it or by path.
func (s *Server) findGroup(reference string) (id int64, path string) {
	for id, path := range s.groups {
		if strings.EqualFold(path, reference) || reference == strconv.FormatInt(id, 10) {
			return id, path
		}
	}
	return 0, ""
}

func splitPath(path string) (above, name string) {
	i := strings.LastIndex(path, "/")
	return path[:max(i, 0)], path[i+1:]
}

// allProjects lists the projects that the token can see, or adds one.
func (s *Server) allProjects(c call) Answer {
	token, refusal := s.authenticate(c)
	if refusal != nil {
		return *refusal
	}
	switch c.method {
	case http.MethodGet:
		return s.listProjects(c, token)
	case http.MethodPost:
		return s.createProject(c, token)
	}
	return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
}

// listedProject has two things more that tell a project from another.
type listedProject struct {
	presentedProject
	Description *string   `json:"description"`
	CreatedAt   time.Time `json:"created_at"`
}

func (c call) listProject(p *project) listedProject {
	return listedProject{c.presentProject(p), nullable(p.description), p.createdAt}
}

func (s *Server) listProjects(c call, token Token) Answer {
	var found []listedProject
	for _, p := range s.projects {
		_, name := splitPath(p.Path)
		if token.role(p) != NoAccess && strings.Contains(strings.ToLower(name), strings.ToLower(c.text("search"))) {
			found = append(found, c.listProject(p))
		}
	}
	// By default the newest comes first; ids rise with time here.
	slices.SortFunc(found, func(a, b listedProject) int { return cmp.Compare(b.ID, a.ID) })
	if c.text("sort") == "asc" {
		slices.Reverse(found)
	}
	return paged(c, found)
}

// createProject adds a project that its maker owns.
func (s *Server) createProject(c call, token Token) Answer {
	name := cmp.Or(c.text("path"), c.text("name"))
	if name == "" {
		return invalid(http.StatusBadRequest, "name, path are missing, at least one parameter must be provided")
	}
	namespace := username
	if id := c.text("namespace_id"); id != "" {
		_, namespace = s.findGroup(id)
	}
	if namespace == "" || token.Role < Developer {
		return invalidFields(map[string][]string{"namespace": {"is not valid"}})
	}
	path := namespace + "/" + name
	if taken, moved := s.find(path); taken != nil && !moved {
		return invalidFields(pathTaken())
	}
	for id := range s.projects {
		s.lastProject = max(s.lastProject, id)
	}
	s.lastProject++
	p := &project{Project: Project{ID: s.lastProject, Path: path}, description: c.text("description"), createdAt: time.Now().UTC()}
	s.projects[p.ID] = p
	token.Roles[p.ID] = Owner
	return reply(http.StatusCreated, c.listProject(p))
}

// updateProject renames a project.
func (s *Server) updateProject(c call, p *project, role Role) Answer {
	if role < Maintainer {
		return message(http.StatusForbidden, "403 Forbidden")
	}
	above, name := splitPath(p.Path)
	renamed := above + "/" + cmp.Or(c.text("path"), name)
	if taken, moved := s.find(renamed); taken != nil && taken != p && !moved {
		return invalidFields(pathTaken())
	}
	if renamed != p.Path {
		p.oldPaths = append(p.oldPaths, p.Path)
		p.Path = renamed
	}
	return reply(http.StatusOK, c.listProject(p))
}

func (s *Server) deleteProject(p *project, role Role) Answer {
	if role < Owner {
		return message(http.StatusForbidden, "403 Forbidden")
	}
	delete(s.projects, p.ID)
	return message(http.StatusAccepted, "202 Accepted")
}

// invalidFields is the form of the errors of a record that does not validate.
func invalidFields(fields map[string][]string) Answer {
	return reply(http.StatusBadRequest, struct {
		Message map[string][]string `json:"message"`
	}{fields})
}

func pathTaken() map[string][]string {
	taken := []string{"has already been taken"}
	return map[string][]string{"name": taken, "path": taken, "project_namespace.name": taken}
}

// text is a parameter as text; empty where it is not given.
func (c call) text(param string) string {
	if value, given := c.params[param]; given && value != nil {
		return fmt.Sprint(value)
	}
	return ""
}
