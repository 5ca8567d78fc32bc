package gitlabsim

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault makes some requests go wrong.
type Fault struct {
	// Method and Path choose the requests: an HTTP method and a part of the
	// escaped path after /api/v4. Empty means every one.
	Method, Path string
	// After lets that many of the chosen requests pass first.
	After int
	// Times is how many requests it strikes; 0 means every one.
	Times int
	// Effect is what happens to them.
	Effect Effect

	seen int
}

// Effect takes the place of GitLab's answer to a request. Calling answer
// carries the request out and returns what GitLab says; not calling it leaves
// GitLab unchanged. An Effect is free to write anything, or nothing.
type Effect func(w http.ResponseWriter, r *http.Request, answer func() Answer)

// AddFault adds a fault. If several choose a request, the first one strikes.
func (s *Server) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Server) fault(c call) Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f *Fault) bool {
		if f.Method != "" && f.Method != c.method || !strings.Contains(c.path, f.Path) {
			return false
		}
		f.seen++
		return f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times)
	})
	if i < 0 {
		return nil
	}
	return s.faults[i].Effect
}

// Status answers with status, headers and body, and leaves GitLab unchanged.
func Status(status int, header http.Header, body string) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() Answer) {
		write(w, Answer{status, header, []byte(body)})
	}
}

// JSON answers with a status and a JSON body, and leaves GitLab unchanged.
func JSON(status int, body string) Effect {
	return Status(status, http.Header{"Content-Type": {"application/json"}}, body)
}

// HTML answers with a status and a web page, and leaves GitLab unchanged.
func HTML(status int, body string) Effect {
	return Status(status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body)
}

// Delay waits, then answers as usual. It stops when the client goes away; the
// request is then not carried out.
func Delay(d time.Duration) Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() Answer) {
		select {
		case <-time.After(d):
			write(w, answer())
		case <-r.Context().Done():
		}
	}
}

// ResetBefore breaks the connection and leaves GitLab unchanged.
func ResetBefore() Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() Answer) { reset(w) }
}

// ResetAfter carries the request out and breaks the connection.
func ResetAfter() Effect {
	return func(w http.ResponseWriter, _ *http.Request, answer func() Answer) {
		answer()
		reset(w)
	}
}

// CutOff carries the request out and breaks the connection in mid-body.
func CutOff() Effect {
	return func(w http.ResponseWriter, _ *http.Request, answer func() Answer) {
		a := answer()
		w.Header().Set("Content-Type", a.Header.Get("Content-Type"))
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body[:len(a.Body)/2])
		// An error here means that the client is gone, which is the aim.
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// reset sends RST if it can take over the connection (HTTP/1). Otherwise it
// aborts the stream, which is all that HTTP/2 allows.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
