package gitlabsim

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ClientKey is a key of the integrated backend.
type ClientKey struct {
	ID        int64
	Active    bool
	PublicKey string
}

// ClientKeys returns a project's keys, oldest first.
func (s *Server) ClientKeys(id int64) []ClientKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[id]; p != nil {
		return slices.Clone(p.keys)
	}
	return nil
}

// AddClientKey makes a key, as another user would. A project that does not
// exist gets none.
func (s *Server) AddClientKey(id int64) ClientKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[id]; p != nil {
		return s.createClientKey(p)
	}
	return ClientKey{}
}

// RemoveClientKey deletes a key, as another user would.
func (s *Server) RemoveClientKey(id, keyID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[id]; p != nil {
		p.keys = slices.DeleteFunc(p.keys, func(k ClientKey) bool { return k.ID == keyID })
	}
}

// DeactivateClientKey makes a key inactive, which no API call does.
func (s *Server) DeactivateClientKey(id, keyID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[id]
	if p == nil {
		return
	}
	if i := p.keyIndex(keyID); i >= 0 {
		p.keys[i].Active = false
	}
}

func (p *project) keyIndex(keyID int64) int {
	return slices.IndexFunc(p.keys, func(k ClientKey) bool { return k.ID == keyID })
}

func (s *Server) clientKeys(c call, p *project, role Role) Answer {
	if role < Maintainer {
		return message(http.StatusForbidden, "403 Forbidden")
	}
	switch c.method {
	case http.MethodGet:
		var list []shownClientKey
		for _, key := range p.keys {
			list = append(list, showClientKey(c, p, key))
		}
		return paged(c, list)
	case http.MethodPost:
		return reply(http.StatusCreated, showClientKey(c, p, s.createClientKey(p)))
	}
	return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
}

func (s *Server) clientKey(c call, p *project, role Role) Answer {
	if role < Maintainer {
		return message(http.StatusForbidden, "403 Forbidden")
	}
	if c.method != http.MethodDelete {
		return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
	}
	// An invalid id becomes one that no key has.
	keyID, _ := strconv.ParseInt(c.segments[4], 10, 64)
	i := p.keyIndex(keyID)
	if i < 0 {
		return message(http.StatusNotFound, "404 Not found")
	}
	key := p.keys[i]
	p.keys = slices.Delete(p.keys, i, i+1)
	return reply(http.StatusOK, showClientKey(c, p, key))
}

type shownClientKey struct {
	ID        int64  `json:"id"`
	Active    bool   `json:"active"`
	PublicKey string `json:"public_key"`
	SentryDSN string `json:"sentry_dsn"`
}

func showClientKey(c call, p *project, key ClientKey) shownClientKey {
	withKey := strings.Replace(c.origin, "://", "://"+key.PublicKey+"@", 1)
	dsn := fmt.Sprintf("%s%s/api/v4/error_tracking/collector/%d", withKey, c.root, p.ID)
	return shownClientKey{key.ID, key.Active, key.PublicKey, dsn}
}

// ensureClientKey makes the key that GitLab itself makes when the integrated
// backend is turned on and the project has no active key.
func (s *Server) ensureClientKey(p *project) {
	if !slices.ContainsFunc(p.keys, func(k ClientKey) bool { return k.Active }) {
		s.createClientKey(p)
	}
}

func (s *Server) createClientKey(p *project) ClientKey {
	s.lastKey++
	secret := make([]byte, 16)
	// crypto/rand.Read never fails.
	_, _ = rand.Read(secret)
	key := ClientKey{ID: s.lastKey, Active: true, PublicKey: "glet_" + hex.EncodeToString(secret)}
	p.keys = append(p.keys, key)
	return key
}
