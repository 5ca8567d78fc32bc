package gitlabsim

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Group is a group or subgroup to add.
type Group struct {
	ID int64
	// Path is the full path, such as "group/subgroup".
	Path string
	// Archived and MarkedForDeletion count for everything below, too, although
	// the projects themselves do not show it.
	Archived, MarkedForDeletion bool
}

type group struct {
	Group
	parent *group
}

// firstGroupID is the id of the first group that came with a project.
const firstGroupID = 1001

// AddGroup adds a group, or changes the one at that path. A group that has
// projects is there without this.
func (s *Server) AddGroup(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groupAt(g.Path).Group = g
}

// MoveGroup renames a group with all that is below it. GitLab redirects the
// former paths of the projects, but not those of groups.
func (s *Server) MoveGroup(id int64, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	moved := s.findGroup(strconv.FormatInt(id, 10))
	if moved == nil {
		return
	}
	from := moved.Path
	groups := s.groups
	s.groups = map[string]*group{}
	for _, g := range groups {
		if g.within(moved) {
			g.Path = path + g.Path[len(from):]
		}
		s.groups[strings.ToLower(g.Path)] = g
	}
	above, _ := splitPath(path)
	moved.parent = s.groupAt(above)
	for _, p := range s.projects {
		if p.group.within(moved) {
			p.Path = path + p.Path[len(from):]
			s.put(p)
		}
	}
}

// RemoveGroup deletes a group with all that is below it.
func (s *Server) RemoveGroup(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeGroup(s.findGroup(strconv.FormatInt(id, 10)))
}

func (s *Server) removeGroup(removed *group) {
	maps.DeleteFunc(s.groups, func(_ string, g *group) bool { return g.within(removed) })
	maps.DeleteFunc(s.projects, func(_ int64, p *project) bool { return p.group.within(removed) })
}

// groupAt returns the group at a path, which comes into being with those above
// it if there is none; nil for the empty path.
func (s *Server) groupAt(path string) *group {
	if path == "" {
		return nil
	}
	g := s.groups[strings.ToLower(path)]
	if g == nil {
		above, _ := splitPath(path)
		g = &group{Group{ID: firstGroupID + s.grouped, Path: path}, s.groupAt(above)}
		s.grouped++
		s.groups[strings.ToLower(path)] = g
	}
	return g
}

// within reports whether g is a group, or is below it.
func (g *group) within(above *group) bool {
	for ; g != nil; g = g.parent {
		if g == above {
			return true
		}
	}
	return false
}

// inactive reports whether the group, or one above it, is archived or marked
// for deletion.
func (g *group) inactive() bool {
	return g != nil && (g.Archived || g.MarkedForDeletion || g.parent.inactive())
}

// findGroup looks up a group by id or by path; nil if there is none. The
// namespace of a user is no group.
func (s *Server) findGroup(reference string) *group {
	g := s.groups[strings.ToLower(reference)]
	if id, err := strconv.ParseInt(reference, 10, 64); err == nil {
		for _, other := range s.groups {
			if other.ID == id {
				g = other
			}
		}
	}
	if g == nil || g.Path == username {
		return nil
	}
	return g
}

// seenGroup returns the group that a call names if its token can see it: as a
// member of the group or of a project below it.
func (s *Server) seenGroup(c call) *group {
	g := s.findGroup(c.text("id"))
	if g == nil || c.token.Role != NoAccess {
		return g
	}
	for _, p := range s.visible(c.token) {
		if p.group.within(g) {
			return g
		}
	}
	return nil
}

func noSuchGroup() Answer { return message(http.StatusNotFound, "404 Group Not Found") }

// shownGroup is the part of GitLab's answer that identifies a group.
type shownGroup struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	Kind     string `json:"kind,omitempty"` // of namespaces only
	FullPath string `json:"full_path"`
	ParentID *int64 `json:"parent_id"`
	// MarkedForDeletion is a date, which GitLab shows to all, if only as null.
	MarkedForDeletion string `json:"marked_for_deletion_on,omitempty"`
}

func (g *group) show() shownGroup {
	_, name := splitPath(g.Path)
	shown := shownGroup{ID: g.ID, Name: name, Path: name, FullPath: g.Path}
	if g.parent != nil {
		shown.ParentID = &g.parent.ID
	}
	if g.MarkedForDeletion {
		shown.MarkedForDeletion = time.Now().Format(time.DateOnly)
	}
	return shown
}

func (s *Server) showGroup(c call) Answer {
	g := s.seenGroup(c)
	if g == nil {
		return noSuchGroup()
	}
	return reply(http.StatusOK, g.show())
}

// showNamespace shows a group as a namespace.
func (s *Server) showNamespace(c call) Answer {
	g := s.seenGroup(c)
	if g == nil {
		return message(http.StatusNotFound, "404 Namespace Not Found")
	}
	shown := g.show()
	shown.Kind = "group"
	return reply(http.StatusOK, shown)
}

// groupProjects lists the projects of a group that the token can see. The
// parameter archived looks at the project's own flag only, active also at
// deletion and at the groups above; GitLab before 18.9 does not know active.
func (s *Server) groupProjects(c call) Answer {
	defaults := map[string]any{
		"include_ancestor_groups": false, "include_subgroups": false, "order_by": "created_at", "owned": false,
		"simple": false, "sort": "desc", "starred": false, "with_issues_enabled": false,
		"with_merge_requests_enabled": false, "with_shared": true,
	}
	maps.Copy(defaults, c.params)
	c.params = defaults
	g := s.seenGroup(c)
	if g == nil {
		return noSuchGroup()
	}
	subgroups, _ := toBoolean(c.params["include_subgroups"])
	archived, byArchived := toBoolean(c.params["archived"])
	active, byActive := toBoolean(c.params["active"])
	byActive = byActive && !s.version.before(version{18, 9})

	var found []*project
	for _, p := range s.visible(c.token) {
		inScope := p.group == g || subgroups && p.group.within(g)
		if inScope && (!byArchived || p.Archived == archived) && (!byActive || p.active() == active) {
			found = append(found, p)
		}
	}
	return projectsPage(c, found)
}

func splitPath(path string) (above, name string) {
	i := strings.LastIndex(path, "/")
	return path[:max(i, 0)], path[i+1:]
}
