package gitlabsim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// route is an endpoint of the API, with the least role in the project or group
// that the path names, and the version that brought it.
type route struct {
	role     Role
	since    version
	endpoint func(*Server, call) Answer
}

// routes lists all that the API has.
func routes() map[string]route {
	const (
		project  = "projects/*"
		settings = project + "/error_tracking/settings"
		keys     = project + "/error_tracking/client_keys"
	)
	return map[string]route{
		"GET version":                        {endpoint: (*Server).showVersion},
		"POST features/*":                    {endpoint: (*Server).setFeature},
		"GET user":                           {endpoint: (*Server).currentUser},
		"GET namespaces/*":                   {endpoint: (*Server).showGroup},
		"GET groups/*":                       {endpoint: (*Server).showGroup},
		"GET groups/*/projects":              {endpoint: (*Server).groupProjects},
		"POST groups":                        {endpoint: (*Server).createGroup},
		"POST groups/*/archive":              {Maintainer, version{18, 0}, (*Server).archiveGroup},
		"DELETE groups/*":                    {Maintainer, version{}, (*Server).deleteGroup},
		"GET projects":                       {endpoint: (*Server).listProjects},
		"POST projects":                      {endpoint: (*Server).createProject},
		"GET " + project:                     {Guest, version{}, (*Server).showProject},
		"PUT " + project:                     {Maintainer, version{}, (*Server).updateProject},
		"DELETE " + project:                  {Owner, version{}, (*Server).deleteProject},
		"POST " + project + "/archive":       {Owner, version{}, (*Server).archiveProject},
		"POST " + project + "/access_tokens": {Maintainer, version{13, 10}, (*Server).createToken},
		"GET " + settings:                    {Maintainer, version{12, 7}, (*Server).showSettings},
		"PATCH " + settings:                  {Maintainer, version{12, 7}, (*Server).writeSettings},
		"PUT " + settings:                    {Maintainer, version{15, 10}, (*Server).writeSettings},
		"GET " + keys:                        {Maintainer, version{14, 3}, (*Server).listClientKeys},
		"POST " + keys:                       {Maintainer, version{14, 3}, (*Server).postClientKey},
		"DELETE " + keys + "/*":              {Maintainer, version{14, 3}, (*Server).deleteClientKey},
	}
}

// route names the route of a call as in the table, with "*" in place of ids.
func (c call) route() string {
	segments := slices.Clone(c.segments)
	for i := 1; i < len(segments); i += 3 {
		segments[i] = "*"
	}
	return c.Method + " " + strings.Join(segments, "/")
}

// answer routes a call. The caller holds s.mu, so every call is atomic.
func (s *Server) answer(c call) Answer {
	if c.segments == nil {
		return redirectToSignIn(c)
	}
	if refusal := c.readParams(); refusal != nil {
		return *refusal
	}
	// Without a route, GitLab does not even look at the token.
	r, exists := s.routes[c.route()]
	if !exists || s.olderThan(r.since) {
		return invalid(http.StatusNotFound, "404 Not Found")
	}
	if refusal := s.authenticate(&c); refusal != nil {
		return *refusal
	}
	if len(c.segments) == 1 {
		return r.endpoint(s, c)
	}
	role, moved := c.token.Role, false
	switch c.segments[0] {
	case "projects":
		if c.project, moved = s.find(c.params["id"]); c.project == nil || c.token.role(c.project) == NoAccess {
			return message(http.StatusNotFound, "404 Project Not Found")
		}
		role = c.token.role(c.project)
	case "groups", "namespaces":
		if c.group = s.findGroup(c.params["id"]); c.group == nil || !s.sees(c.token, c.group) {
			what := map[string]string{"groups": "Group", "namespaces": "Namespace"}[c.segments[0]]
			return message(http.StatusNotFound, "404 "+what+" Not Found")
		}
	}
	switch {
	case moved:
		return redirectToProject(c)
	case role < r.role:
		return message(http.StatusForbidden, "403 Forbidden")
	}
	return r.endpoint(s, c)
}

type version struct{ major, minor int }

func (s *Server) olderThan(v version) bool {
	var own version
	// What is not a number reads as 0.
	_, _ = fmt.Sscanf(s.config.Version, "%d.%d", &own.major, &own.minor)
	return own.major < v.major || own.major == v.major && own.minor < v.minor
}
