package gitlabsim

import (
	"cmp"
	"net/http"
	"slices"
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

// groupProjects lists the projects of a group that the token can see.
func (s *Server) groupProjects(c call) Answer {
	token, refusal := s.authenticate(c)
	if refusal != nil {
		return *refusal
	}
	if c.method != http.MethodGet {
		return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
	}
	group, known := c.segments[1], false
	if id, err := strconv.ParseInt(group, 10, 64); err == nil {
		group, known = s.groups[id], s.groups[id] != ""
	}
	subgroups, _ := toBoolean(c.params["include_subgroups"])
	archived, filtered := toBoolean(c.params["archived"])

	var found []*project
	for _, p := range s.projects {
		rest, within := cutPrefixFold(p.Path, group+"/")
		if !within || token.role(p) == NoAccess {
			continue
		}
		known = true
		if (subgroups || !strings.Contains(rest, "/")) && (!filtered || p.Archived == archived) {
			found = append(found, p)
		}
	}
	for _, path := range s.groups {
		known = known || strings.EqualFold(path, group)
	}
	if !known || token.Role == NoAccess && len(found) == 0 {
		return message(http.StatusNotFound, "404 Group Not Found")
	}
	// By default the newest comes first; ids rise with time here.
	slices.SortFunc(found, func(a, b *project) int { return cmp.Compare(b.ID, a.ID) })
	if c.params["sort"] == "asc" {
		slices.Reverse(found)
	}
	shown := make([]presentedProject, len(found))
	for i, p := range found {
		shown[i] = c.presentProject(p)
	}
	return paged(c, shown)
}

func cutPrefixFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
