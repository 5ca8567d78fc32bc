package gitlabsim

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// listProjects lists the projects that the token can see.
func (s *Server) listProjects(c call) Answer {
	var found []*project
	for _, p := range s.visible(c.token) {
		_, name := splitPath(p.Path)
		if strings.Contains(strings.ToLower(name), strings.ToLower(c.text("search"))) {
			found = append(found, p)
		}
	}
	return projectsPage(c, found)
}

// createProject adds a project; the user who asked becomes its owner.
func (s *Server) createProject(c call) Answer {
	name := cmp.Or(c.text("path"), c.text("name"))
	if name == "" {
		return invalid(http.StatusBadRequest, "name, path are missing, at least one parameter must be provided")
	}
	namespace := username
	if id := c.text("namespace_id"); id != "" {
		namespace = ""
		if g := s.findGroup(id); g != nil {
			namespace = g.Path
		}
	}
	if namespace == "" || c.token.Role < Developer {
		return invalidFields(map[string][]string{"namespace": {"is not valid"}})
	}
	path := namespace + "/" + name
	if taken, moved := s.find(path); taken != nil && !moved {
		return invalidFields(pathTaken())
	}
	p := &project{Project: Project{ID: 1, Path: path}, description: c.text("description"), createdAt: time.Now().UTC()}
	if last := len(s.ids) - 1; last >= 0 {
		p.ID = s.ids[last] + 1
	}
	s.put(p)
	c.token.Roles[p.ID] = Owner
	return reply(http.StatusCreated, c.presentProject(p))
}

// updateProject renames a project.
func (s *Server) updateProject(c call) Answer {
	above, name := splitPath(c.project.Path)
	renamed := above + "/" + cmp.Or(c.text("path"), name)
	if taken, moved := s.find(renamed); taken != nil && taken != c.project && !moved {
		return invalidFields(pathTaken())
	}
	c.project.Path = renamed
	s.put(c.project)
	return reply(http.StatusOK, c.presentProject(c.project))
}

func (s *Server) archiveProject(c call) Answer {
	c.project.Archived = true
	return reply(http.StatusCreated, c.presentProject(c.project))
}

// deleteProject marks a project for deletion, and renames it; one that is
// marked it deletes.
func (s *Server) deleteProject(c call) Answer {
	p := c.project
	if s.marks() && !p.MarkedForDeletion {
		p.MarkedForDeletion = true
		p.Path += fmt.Sprintf("-deletion_scheduled-%d", p.ID)
		s.put(p)
	} else {
		delete(s.projects, p.ID)
	}
	return message(http.StatusAccepted, "202 Accepted")
}

// invalidFields has the form of GitLab's validation errors.
func invalidFields(fields map[string][]string) Answer {
	return reply(http.StatusBadRequest, map[string]any{"message": fields})
}

func pathTaken() map[string][]string {
	taken := []string{"has already been taken"}
	return map[string][]string{"name": taken, "path": taken, "project_namespace.name": taken}
}
