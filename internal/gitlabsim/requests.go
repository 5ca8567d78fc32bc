package gitlabsim

import (
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

// String returns method, path and body.
func (r Request) String() string {
	return strings.TrimSpace(r.Method + " " + r.Path + " " + r.Body)
}

// Requests returns the requests since the last Forget, in the order of arrival.
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

// statusNoter notes the status of an answer on its way out.
type statusNoter struct {
	http.ResponseWriter
	server  *Server
	request *Request
}

// Unwrap lets [http.ResponseController] reach the connection.
func (n statusNoter) Unwrap() http.ResponseWriter { return n.ResponseWriter }

func (n statusNoter) WriteHeader(status int) {
	n.note(status)
	n.ResponseWriter.WriteHeader(status)
}

func (n statusNoter) Write(body []byte) (int, error) {
	n.note(http.StatusOK)
	return n.ResponseWriter.Write(body)
}

// note keeps the first status that does not only precede the answer.
func (n statusNoter) note(status int) {
	n.server.mu.Lock()
	defer n.server.mu.Unlock()
	if n.request.Status < http.StatusOK {
		n.request.Status = status
	}
}
