package gitlabsim

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"time"
)

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
