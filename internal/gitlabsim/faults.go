package gitlabsim

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fault makes some requests go wrong.
type Fault struct {
	// Method and Path choose the requests: an HTTP method and a part of the
	// escaped path after /api/v4. Empty means every one.
	Method, Path string
	// After lets that many of the chosen requests pass first. Times is how many it
	// strikes then; 0 means every one.
	After, Times int
	Effect       Effect
	seen         int
}

// Effect takes the place of GitLab's answer to a request, and may write anything,
// or nothing. Only calling answer carries the request out.
type Effect func(w http.ResponseWriter, r *http.Request, answer func() Answer)

// AddFault adds a fault. If several choose a request, the first one strikes.
func (s *Server) AddFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults ends all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// strikes counts the calls that a fault chooses, and says if it strikes this one.
func (f *Fault) strikes(c call) bool {
	if f.Method != "" && f.Method != c.Method || !strings.Contains(c.path, f.Path) {
		return false
	}
	f.seen++
	return f.seen > f.After && (f.Times == 0 || f.seen <= f.After+f.Times)
}

func asUsual(w http.ResponseWriter, _ *http.Request, answer func() Answer) { write(w, answer()) }

// Status answers with status, headers and body.
func Status(status int, header http.Header, body string) Effect {
	return always(Answer{status, header, []byte(body)})
}

func always(a Answer) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() Answer) { write(w, a) }
}

// JSON answers with a status and a JSON body.
func JSON(status int, body string) Effect {
	return Status(status, http.Header{"Content-Type": {"application/json"}}, body)
}

// HTML answers with a status and a web page.
func HTML(status int, body string) Effect {
	return Status(status, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, body)
}

// Forbidden answers with a reason such as "Your account has been blocked."
func Forbidden(reason string) Effect {
	return always(message(http.StatusForbidden, "403 Forbidden - "+reason))
}

// InsufficientGranularScope answers as to a fine-grained token without a
// permission such as "Error Tracking: Read".
func InsufficientGranularScope(permission string) Effect {
	const words = "Access denied: This operation requires a fine-grained personal access token with the following project permissions: [%s]."
	return always(tokenError(http.StatusForbidden, "insufficient_granular_scope", fmt.Sprintf(words, permission), ""))
}

// BlockedURL refuses writes as when GitLab may not call the Sentry link's URL.
func BlockedURL() Effect {
	return OnWrites(always(refused("api url is blocked: Requests to the local network are not allowed")))
}

// ReadOnly refuses writes as a read-only instance does.
func ReadOnly() Effect {
	return readOnly(http.StatusForbidden, "You cannot perform write operations on a read-only instance")
}

// Maintenance refuses writes as GitLab's maintenance mode does.
func Maintenance() Effect {
	return readOnly(http.StatusServiceUnavailable, "GitLab Maintenance: system is in maintenance mode")
}

// readOnly answers JSON in words, and leads any other write to the start page.
func readOnly(status int, words string) Effect {
	return OnWrites(func(w http.ResponseWriter, r *http.Request, _ func() Answer) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			write(w, message(status, words))
			return
		}
		root, _, _ := strings.Cut(r.URL.Path, "/api/v4/")
		write(w, Answer{http.StatusMovedPermanently, http.Header{"Location": {origin(r) + root + "/"}}, nil})
	})
}

// OnWrites lets reads pass.
func OnWrites(effect Effect) Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() Answer) {
		if r.Method == http.MethodGet {
			asUsual(w, r, answer)
		} else {
			effect(w, r, answer)
		}
	}
}

// Delay waits, then answers as usual, unless the client goes away.
func Delay(d time.Duration) Effect {
	return func(w http.ResponseWriter, r *http.Request, answer func() Answer) {
		select {
		case <-time.After(d):
			write(w, answer())
		case <-r.Context().Done():
		}
	}
}

// Then answers as usual, and does something before the answer is on its way.
func Then(do func()) Effect {
	return func(w http.ResponseWriter, _ *http.Request, answer func() Answer) {
		a := answer()
		do()
		write(w, a)
	}
}

// ResetBefore breaks the connection.
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
