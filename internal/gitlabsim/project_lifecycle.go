package gitlabsim

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

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

// listedProject has two more fields that help to recognise a project.
type listedProject struct {
	presentedProject
	Description *string   `json:"description"`
	CreatedAt   time.Time `json:"created_at"`
}

func (c call) listProject(p *project) listedProject {
	return listedProject{c.presentProject(p), nullable(p.description), p.createdAt}
}

func (s *Server) listProjects(c call, token Token) Answer {
	var found []*project
	for _, p := range s.projects {
		_, name := splitPath(p.Path)
		if token.role(p) != NoAccess && strings.Contains(strings.ToLower(name), strings.ToLower(c.text("search"))) {
			found = append(found, p)
		}
	}
	return projectsPage(c, found, c.listProject)
}

// createProject adds a project; the user who asked becomes its owner.
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

// invalidFields has the form of GitLab's validation errors.
func invalidFields(fields map[string][]string) Answer {
	return reply(http.StatusBadRequest, struct {
		Message map[string][]string `json:"message"`
	}{fields})
}

func pathTaken() map[string][]string {
	taken := []string{"has already been taken"}
	return map[string][]string{"name": taken, "path": taken, "project_namespace.name": taken}
}
