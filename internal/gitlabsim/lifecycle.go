package gitlabsim

import (
	"cmp"
	"crypto/rand"
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
	return reply(http.StatusCreated, s.groupAt(path).show())
}

// onGroup does something to the group that a call of its owner names.
func (s *Server) onGroup(c call, do func(*group) Answer) Answer {
	g := s.seenGroup(c)
	switch {
	case g == nil:
		return noSuchGroup()
	case c.token.Role < Maintainer:
		return message(http.StatusForbidden, "403 Forbidden")
	}
	return do(g)
}

func (s *Server) archiveGroup(c call) Answer {
	return s.onGroup(c, func(g *group) Answer {
		g.Archived = true
		return reply(http.StatusCreated, g.show())
	})
}

// deleteGroup marks a group for deletion; one that is marked it deletes, if the
// call asks for that.
func (s *Server) deleteGroup(c call) Answer {
	return s.onGroup(c, func(g *group) Answer {
		if s.marks() && !g.MarkedForDeletion {
			g.MarkedForDeletion = true
		} else {
			s.removeGroup(g)
		}
		return message(http.StatusAccepted, "202 Accepted")
	})
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
	role := map[int]Role{10: Guest, 20: Reporter, 30: Developer, 40: Maintainer, 50: Owner}[c.number("access_level")]
	if err != nil || role == NoAccess {
		return invalid(http.StatusBadRequest, "expires_at is invalid, access_level does not have a valid value")
	}
	token := Token{Roles: map[int64]Role{c.project.ID: role}, Scopes: []string{"api"}}
	if !expires.After(time.Now()) {
		token.State = Expired
	}
	value := "glpat-" + rand.Text()
	s.tokens[value] = token
	return reply(http.StatusCreated, map[string]any{"name": c.text("name"), "token": value, "access_level": c.number("access_level")})
}
