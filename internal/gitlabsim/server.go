// Package gitlabsim is a GitLab in memory: the part of its REST API that Error
// Tracking needs, with GitLab's own statuses, bodies and headers.
package gitlabsim

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync"
)

// Config describes the GitLab to simulate.
type Config struct {
	// Version is GitLab's, as "major.minor". Empty means current.
	Version string
	// Root is the relative URL root, such as "/gitlab", if there is one.
	Root string
	// IntegratedErrorTracking is the feature flag of the integrated backend.
	IntegratedErrorTracking bool
	// Log, if set, gets each request at its end. The server then keeps none.
	Log func(Request)
}

// Server is a simulated GitLab. It is safe for concurrent use.
type Server struct {
	mu       sync.Mutex
	config   Config
	routes   map[string]route
	projects map[int64]*Project
	// Keys are in lower case: present and former paths of projects, paths of groups.
	paths  map[string]*Project
	groups map[string]*Group
	// The highest ids that projects and keys have had, and how many groups there were.
	lastID, lastKey, grouped int64
	tokens                   map[string]Token
	faults                   []*Fault
	limit                    rateLimit
	requests                 []*Request
}

// New returns a GitLab without projects and without tokens.
func New(config Config) *Server {
	config.Version = cmp.Or(config.Version, "19.1")
	return &Server{
		config:   config,
		routes:   routes(),
		projects: map[int64]*Project{},
		paths:    map[string]*Project{},
		groups:   map[string]*Group{},
		tokens:   map[string]Token{},
	}
}

// SetIntegratedErrorTracking turns the feature flag on or off.
func (s *Server) SetIntegratedErrorTracking(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config.IntegratedErrorTracking = on
}

func (s *Server) showVersion(c call) Answer {
	return c.done(map[string]string{"version": s.config.Version + ".0", "revision": "simulated"})
}

func (s *Server) setFeature(c call) Answer {
	on, valid := toBoolean(c.params["value"])
	switch name := c.params["id"]; {
	case !c.token.Admin:
		return message(http.StatusForbidden, "403 Forbidden")
	case name != "integrated_error_tracking":
		return message(http.StatusBadRequest, `400 Bad request - Unable to find feature flag with name "`+name+`".`)
	case !valid:
		return invalid(http.StatusBadRequest, "value is missing")
	}
	s.config.IntegratedErrorTracking = on
	state := map[bool]string{true: "on", false: "off"}[on]
	return c.done(map[string]string{"name": c.params["id"], "state": state})
}

// Answer is what GitLab says to one request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := readCall(r, s.config.Root)
	request, effect := s.arrive(call)
	w.Header().Set("X-Request-Id", request.RequestID)
	if s.config.Log != nil {
		defer func() { s.config.Log(*request) }()
	}
	effect(statusNoter{w, s, request}, r, func() Answer {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.limited(call)
	})
}

// arrive notes a call, and returns what happens to it.
func (s *Server) arrive(c call) (*Request, Effect) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &Request{Method: c.Method, Path: c.path + c.query, Body: c.body, Header: c.Header, RequestID: "01SIM" + rand.Text()[5:]}
	if s.config.Log == nil {
		s.requests = append(s.requests, r)
	}
	for _, f := range s.faults {
		if f.strikes(c) {
			return r, f.Effect
		}
	}
	return r, asUsual
}

// done answers a call that GitLab has carried out.
func (c call) done(body any) Answer {
	if c.Method == http.MethodPost {
		return reply(http.StatusCreated, body)
	}
	return reply(http.StatusOK, body)
}

func reply(status int, body any) Answer {
	// All that GitLab says can be encoded.
	encoded, _ := json.Marshal(body)
	return Answer{status, http.Header{"Content-Type": {"application/json"}}, encoded}
}

// message has the form of most of GitLab's errors.
func message(status int, words string) Answer {
	return reply(status, map[string]string{"message": words})
}

// invalid has the form of errors of Grape, which checks parameters.
func invalid(status int, words string) Answer {
	return reply(status, map[string]string{"error": words})
}

// redirectToSignIn is the web UI's answer to anyone it does not know.
func redirectToSignIn(c call) Answer {
	target := c.base + "/users/sign_in"
	header := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Location": {target}}
	body := fmt.Appendf(nil, `<html><body>You are being <a href="%s">redirected</a>.</body></html>`, target)
	return Answer{http.StatusFound, header, body}
}

func write(w http.ResponseWriter, a Answer) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}
