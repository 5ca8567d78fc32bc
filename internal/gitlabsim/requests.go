package gitlabsim

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// Request is a request that reached GitLab.
type Request struct {
	Method string
	// Path is the escaped path after /api/v4, with the query.
	Path   string
	Body   string
	Header http.Header
	// Status is what was answered; 0 for none.
	Status    int
	RequestID string
}

// String returns method, path and body, separated by spaces.
func (r Request) String() string {
	return strings.TrimSpace(r.Method + " " + r.Path + " " + r.Body)
}

// Requests returns all requests since the start or the last Forget, in the
// order of their arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.noted()
}

// Forget empties the list of requests and returns what was in it.
func (s *Server) Forget() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	forgotten := s.noted()
	s.requests = nil
	return forgotten
}

func (s *Server) noted() (list []Request) {
	for _, r := range s.requests {
		list = append(list, *r)
	}
	return list
}

func (s *Server) note(c call) *Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &Request{Method: c.Method, Path: c.path + c.query, Body: c.body, Header: c.Header, RequestID: "01SIM" + rand.Text()[5:]}
	if s.config.Log == nil {
		s.requests = append(s.requests, r)
	}
	return r
}

// statusNoter notes the status of an answer on its way out.
type statusNoter struct {
	http.ResponseWriter
	server   *Server
	request  *Request
	answered bool
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *statusNoter) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (r *statusNoter) WriteHeader(status int) {
	// A status below 200 precedes the answer.
	r.answered = status >= http.StatusOK
	r.server.mu.Lock()
	r.request.Status = status
	r.server.mu.Unlock()
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *statusNoter) Write(body []byte) (int, error) {
	if !r.answered {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(body)
}
