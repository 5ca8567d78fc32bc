package gitlabsim

import (
	"net/http"
	"strings"
)

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
