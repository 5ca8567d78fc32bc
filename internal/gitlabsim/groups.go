package gitlabsim

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Group is a group or subgroup to add, with its full path.
type Group struct {
	ID   int64
	Path string
	// These count for everything below, too, although the projects do not show it.
	Archived, MarkedForDeletion bool
}

// AddGroup adds a group, or changes the one at that path, as projects bring theirs.
func (s *Server) AddGroup(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.groupAt(g.Path) = g
}

// MoveGroup renames a group. Only former paths of projects redirect, as in GitLab.
func (s *Server) MoveGroup(id int64, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.findGroup(strconv.FormatInt(id, 10))
	if moved == nil {
		return
	}
	from, groups := moved.Path, s.groups
	s.groups = map[string]*Group{}
	for _, g := range groups {
		if within(g.Path, from) {
			g.Path = path + g.Path[len(from):]
		}
		s.groups[strings.ToLower(g.Path)] = g
	}
	s.groupAt(above(path))
	for _, p := range s.projects {
		if within(p.Path, from) {
			s.put(p, path+p.Path[len(from):])
		}
	}
}

// RemoveGroup deletes a group with all that is below it.
func (s *Server) RemoveGroup(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.findGroup(strconv.FormatInt(id, 10)); g != nil {
		s.removeGroup(g.Path)
	}
}

func (s *Server) removeGroup(path string) {
	maps.DeleteFunc(s.groups, func(_ string, g *Group) bool { return within(g.Path, path) })
	maps.DeleteFunc(s.projects, func(_ int64, p *Project) bool { return within(p.Path, path) })
}

// groupAt returns the group at a path, and makes it if need be; nil at the top.
func (s *Server) groupAt(path string) *Group {
	key := strings.ToLower(path)
	if path != "" && s.groups[key] == nil {
		s.groupAt(above(path))
		s.groups[key] = &Group{ID: 1001 + s.grouped, Path: path}
		s.grouped++
	}
	return s.groups[key]
}

// above returns the path of what a path is in; "" at the top.
func above(path string) string { return path[:max(0, strings.LastIndex(path, "/"))] }

// within tells whether a path is that of a group, or below it.
func within(path, group string) bool {
	return strings.HasPrefix(strings.ToLower(path)+"/", strings.ToLower(group)+"/")
}

// findGroup looks up a group by id or by path. A user's namespace is none.
func (s *Server) findGroup(reference string) *Group {
	for path, g := range s.groups {
		if (path == strings.ToLower(reference) || strconv.FormatInt(g.ID, 10) == reference) && path != username {
			return g
		}
	}
	return nil
}

// sees tells whether a token's user is a member of a group or of a project in it.
func (s *Server) sees(t Token, g *Group) bool {
	below := func(p *Project) bool { return within(p.Path, g.Path) }
	return t.Role != NoAccess || slices.ContainsFunc(s.visible(t), below)
}

// showGroup shows what identifies a group, as a group or as a namespace.
func (s *Server) showGroup(c call) Answer {
	g := c.group
	shown := struct {
		ID       int64  `json:"id"`
		Name     string `json:"name"`
		Path     string `json:"path"`
		Kind     string `json:"kind,omitempty"`
		FullPath string `json:"full_path"`
		ParentID *int64 `json:"parent_id"`
		Deletion string `json:"marked_for_deletion_on,omitempty"`
	}{g.ID, path.Base(g.Path), path.Base(g.Path), "", g.Path, nil, dayOf(g.MarkedForDeletion)}
	if c.segments[0] == "namespaces" {
		shown.Kind = "group"
	}
	if parent := s.groupAt(above(g.Path)); parent != nil {
		shown.ParentID = &parent.ID
	}
	return c.done(shown)
}

// dayOf returns the day of a deletion.
func dayOf(marked bool) string {
	if !marked {
		return ""
	}
	return time.Now().Format(time.DateOnly)
}

// groupProjects lists a group's projects. The parameter archived looks at their own
// flags only, active at deletion and the groups above, too, since GitLab 18.9.
func (s *Server) groupProjects(c call) Answer {
	defaults := map[string]string{
		"include_ancestor_groups": "false", "include_subgroups": "false", "order_by": "created_at", "owned": "false",
		"simple": "false", "sort": "desc", "starred": "false", "with_issues_enabled": "false",
		"with_merge_requests_enabled": "false", "with_shared": "true",
	}
	maps.Copy(defaults, c.params)
	c.params = defaults
	subgroups, _ := toBoolean(c.params["include_subgroups"])
	archived, byArchived := toBoolean(c.params["archived"])
	active, byActive := toBoolean(c.params["active"])
	byActive = byActive && !s.olderThan(version{18, 9})

	return s.projectsPage(c, func(p *Project) bool {
		inScope := within(p.Path, c.group.Path) && (subgroups || strings.EqualFold(above(p.Path), c.group.Path))
		return inScope && (!byArchived || p.Archived == archived) && (!byActive || s.active(p) == active)
	})
}

// createGroup adds a group, or a subgroup of the one that parent_id names.
func (s *Server) createGroup(c call) Answer {
	path := c.params["path"]
	if path == "" {
		return invalid(http.StatusBadRequest, "path is missing")
	}
	if id := c.params["parent_id"]; id != "" {
		parent := s.findGroup(id)
		if parent == nil {
			return message(http.StatusNotFound, "404 Group Not Found")
		}
		path = parent.Path + "/" + path
	}
	switch {
	case c.token.Role < Maintainer:
		return message(http.StatusForbidden, "403 Forbidden")
	case s.groups[strings.ToLower(path)] != nil:
		return message(http.StatusBadRequest, `Failed to save group {:path=>["has already been taken"]}`)
	}
	c.group = s.groupAt(path)
	return s.showGroup(c)
}

func (s *Server) archiveGroup(c call) Answer {
	c.group.Archived = true
	return s.showGroup(c)
}

// deleteGroup marks and deletes as deleteProject does.
func (s *Server) deleteGroup(c call) Answer {
	if c.group.MarkedForDeletion || s.olderThan(version{18, 0}) {
		s.removeGroup(c.group.Path)
	}
	c.group.MarkedForDeletion = true
	return message(http.StatusAccepted, "202 Accepted")
}
