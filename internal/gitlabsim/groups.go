package gitlabsim

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// AddGroup gives a group an id. A group that has projects is found by its path
// without this.
func (s *Server) AddGroup(id int64, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[id] = path
}

// findGroup looks up a group that has an id, by id or by path. The path is
// empty if there is none.
func (s *Server) findGroup(reference string) (id int64, path string) {
	if id, err := strconv.ParseInt(reference, 10, 64); err == nil {
		return id, s.groups[id]
	}
	for id, path := range s.groups {
		if strings.EqualFold(path, reference) {
			return id, path
		}
	}
	return 0, ""
}

// showNamespace shows a group that has an id.
func (s *Server) showNamespace(c call) Answer {
	id, path := s.findGroup(c.text("id"))
	if path == "" || c.token.Role == NoAccess {
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

// groupProjects lists the projects of a group that the token can see.
func (s *Server) groupProjects(c call) Answer {
	defaults := map[string]any{
		"include_ancestor_groups": false, "include_subgroups": false, "order_by": "created_at", "owned": false,
		"simple": false, "sort": "desc", "starred": false, "with_issues_enabled": false,
		"with_merge_requests_enabled": false, "with_shared": true,
	}
	maps.Copy(defaults, c.params)
	c.params = defaults
	id, group := s.findGroup(c.text("id"))
	known := group != ""
	if !known && id == 0 {
		// A group that has projects needs no id.
		group = c.text("id")
	}
	subgroups, _ := toBoolean(c.params["include_subgroups"])
	archived, filtered := toBoolean(c.params["archived"])

	var found []*project
	for _, p := range s.visible(c.token) {
		rest, within := cutPrefixFold(p.Path, group+"/")
		if !within {
			continue
		}
		known = true
		if (subgroups || !strings.Contains(rest, "/")) && (!filtered || p.Archived == archived) {
			found = append(found, p)
		}
	}
	if !known || c.token.Role == NoAccess && len(found) == 0 {
		return message(http.StatusNotFound, "404 Group Not Found")
	}
	return projectsPage(c, found)
}

func cutPrefixFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func splitPath(path string) (above, name string) {
	i := strings.LastIndex(path, "/")
	return path[:max(i, 0)], path[i+1:]
}
