package gitlabsim

import (
	"fmt"
	"net/http"
	"slices"
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

	index int
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
	return slices.Clone(s.requests)
}

// Forget empties the list of requests and returns what was in it.
func (s *Server) Forget() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	forgotten := s.requests
	s.requests = nil
	return forgotten
}

func (s *Server) note(c call) Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served++
	entry := Request{
		Method: c.method, Path: c.path + c.query, Body: c.body, Header: c.header,
		RequestID: fmt.Sprintf("01SIM%021d", s.served),
		index:     s.served,
	}
	if s.config.Log == nil {
		s.requests = append(s.requests, entry)
	}
	return entry
}

// statusNoter notes the status of an answer on its way out.
type statusNoter struct {
	http.ResponseWriter
	server   *Server
	request  Request
	answered bool
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *statusNoter) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (r *statusNoter) WriteHeader(status int) {
	// A status below 200 precedes the answer.
	r.answered = status >= http.StatusOK
	r.request.Status = status
	r.server.mu.Lock()
	if requests := r.server.requests; len(requests) > 0 {
		// Negative when the list was emptied since the request came in.
		if i := r.request.index - requests[0].index; i >= 0 {
			requests[i].Status = status
		}
	}
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
