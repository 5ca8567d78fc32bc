package gitlabsim

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// listProjects lists the projects that the token can see.
func (s *Server) listProjects(c call) Answer {
	var found []*project
	for _, p := range s.visible(c.token) {
		if strings.Contains(strings.ToLower(nameOf(p.Path)), strings.ToLower(c.text("search"))) {
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
		return invalidFields("is not valid", "namespace")
	}
	p := &project{Project: Project{ID: s.lastID + 1}, description: c.text("description"), createdAt: time.Now().UTC()}
	a := s.rename(c, p, namespace+"/"+name, http.StatusCreated)
	if a.Status == http.StatusCreated {
		c.token.Roles[p.ID] = Owner
	}
	return a
}

func (s *Server) updateProject(c call) Answer {
	name := cmp.Or(c.text("path"), nameOf(c.project.Path))
	return s.rename(c, c.project, above(c.project.Path)+"/"+name, http.StatusOK)
}

// rename puts a project at a path, unless another project has it.
func (s *Server) rename(c call, p *project, path string, status int) Answer {
	if other, moved := s.find(path); other != nil && other != p && !moved {
		return invalidFields("has already been taken", "name", "path", "project_namespace.name")
	}
	p.Path = path
	s.put(p)
	return reply(status, c.presentProject(p))
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
func invalidFields(words string, fields ...string) Answer {
	wrong := map[string][]string{}
	for _, field := range fields {
		wrong[field] = []string{words}
	}
	return reply(http.StatusBadRequest, map[string]any{"message": wrong})
}

// createGroup adds a group, or a subgroup of the one that parent_id names.
func (s *Server) createGroup(c call) Answer {
	path := c.text("path")
	if id := c.text("parent_id"); id != "" {
		parent := s.findGroup(id)
		if parent == nil {
			return noSuchGroup()
		}
		path = parent.Path + "/" + path
	}
	switch {
	case c.token.Role < Maintainer:
		return message(http.StatusForbidden, "403 Forbidden")
	case s.groups[strings.ToLower(path)] != nil:
		return message(http.StatusBadRequest, `Failed to save group {:path=>["has already been taken"]}`)
	}
	return reply(http.StatusCreated, s.presentGroup(s.groupAt(path), ""))
}

func (s *Server) archiveGroup(c call) Answer {
	c.group.Archived = true
	return reply(http.StatusCreated, s.presentGroup(c.group, ""))
}

// deleteGroup marks a group for deletion; one that is marked it deletes.
func (s *Server) deleteGroup(c call) Answer {
	if s.marks() && !c.group.MarkedForDeletion {
		c.group.MarkedForDeletion = true
	} else {
		s.removeGroup(c.group.Path)
	}
	return message(http.StatusAccepted, "202 Accepted")
}

// marks reports whether GitLab only marks what is to be deleted.
func (s *Server) marks() bool { return !s.version.before(version{18, 0}) }

// showVersion tells GitLab's version.
func (s *Server) showVersion(call) Answer {
	return reply(http.StatusOK, map[string]string{"version": cmp.Or(s.config.Version, "19.1") + ".0", "revision": "simulated"})
}

// setFeature turns the feature flag integrated_error_tracking on or off.
func (s *Server) setFeature(c call) Answer {
	on, valid := toBoolean(c.params["value"])
	switch name := c.text("id"); {
	case !c.token.Admin:
		return message(http.StatusForbidden, "403 Forbidden")
	case name != "integrated_error_tracking":
		return message(http.StatusBadRequest, `400 Bad request - Unable to find feature flag with name "`+name+`".`)
	case !valid:
		return invalid(http.StatusBadRequest, "value is missing")
	}
	s.config.IntegratedErrorTracking = on
	state := map[bool]string{true: "on", false: "off"}[on]
	return reply(http.StatusCreated, map[string]string{"name": c.text("id"), "state": state})
}

// createToken makes a project access token with scope api, which expires when its day begins.
func (s *Server) createToken(c call) Answer {
	expires, err := time.Parse(time.DateOnly, c.text("expires_at"))
	role := Role(c.number("access_level"))
	if err != nil || !slices.Contains([]Role{Guest, Reporter, Developer, Maintainer, Owner}, role) {
		return invalid(http.StatusBadRequest, "expires_at is invalid, access_level does not have a valid value")
	}
	token := Token{Roles: map[int64]Role{c.project.ID: role}, Scopes: []string{"api"}}
	if !expires.After(time.Now()) {
		token.State = Expired
	}
	value := "glpat-" + rand.Text()
	s.tokens[value] = token
	return reply(http.StatusCreated, map[string]any{"name": c.text("name"), "token": value, "access_level": role})
}
