package gitlabsim

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// username is the user that every token belongs to.
const username = "simulated"

// Role is a member's role in a project.
type Role int

// The roles, by their access levels. Who has none cannot see the project.
const (
	NoAccess Role = 10 * iota
	Guest
	Reporter
	Developer
	Maintainer
	Owner
)

// TokenState tells why a token does not work any more.
type TokenState string

// The states of a token, in GitLab's words.
const (
	Valid   TokenState = ""
	Revoked TokenState = "Token was revoked. You have to re-authorize from the user."
	Expired TokenState = "Token is expired. You can either do re-authorization or token refresh."
)

// Token is an access token of any kind, or an OAuth 2.0 token.
type Token struct {
	// Role is the role of the token's user in every project.
	Role Role
	// Roles overrides Role in individual projects, by project id.
	Roles map[int64]Role
	// Scopes lists scopes such as "api" and "read_api".
	Scopes []string
	State  TokenState
	// Admin lets the token turn feature flags on and off.
	Admin bool
	// OAuth tokens are accepted as "Authorization: Bearer" only.
	OAuth bool
}

// AddToken makes a token known, or replaces it.
func (s *Server) AddToken(value string, token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A copy, and never nil, because creating a project adds a role.
	token.Roles = maps.Collect(maps.All(token.Roles))
	s.tokens[value] = token
}

func (t Token) role(p *Project) Role {
	if role, ok := t.Roles[p.ID]; ok {
		return role
	}
	return t.Role
}

// authenticate finds the token, and returns GitLab's answer to one that will not do.
// CI job tokens do not count: GitLab's Error Tracking endpoints do not allow them.
func (s *Server) authenticate(c *call) *Answer {
	private := c.Header.Get("Private-Token")
	bearer, isBearer := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	token, known := s.tokens[cmp.Or(private, bearer)]
	c.token = token
	readable := c.Method == http.MethodGet && slices.Contains(token.Scopes, "read_api")
	switch {
	case !known, private == "" && !isBearer, private != "" && token.OAuth:
		return new(message(http.StatusUnauthorized, "401 Unauthorized"))
	case token.State != Valid:
		a := tokenError(http.StatusUnauthorized, "invalid_token", string(token.State), "")
		a.Header.Set("WWW-Authenticate", fmt.Sprintf(
			`Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="%s"`, token.State))
		return &a
	case !readable && !slices.Contains(token.Scopes, "api"):
		return new(tokenError(http.StatusForbidden, "insufficient_scope",
			"The request requires higher privileges than provided by the access token.", "api read_api"))
	}
	return nil
}

// tokenError has the form of errors of OAuth 2.0.
func tokenError(status int, code, description, scope string) Answer {
	return reply(status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Scope       string `json:"scope,omitempty"`
	}{code, description, scope})
}

func (s *Server) currentUser(c call) Answer {
	const user = `{"id":1,"username":"%s","name":"Simulated User","state":"active","web_url":"%s/%[1]s"}`
	return c.done(json.RawMessage(fmt.Sprintf(user, username, c.base)))
}

// createToken makes a project access token with scope api, which expires when its day begins.
func (s *Server) createToken(c call) Answer {
	expires, err := time.Parse(time.DateOnly, c.params["expires_at"])
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
	return c.done(map[string]any{"name": c.params["name"], "token": value, "access_level": role})
}
