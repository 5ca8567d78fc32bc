package gitlabsim

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
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

// ensureClientKey makes the key that GitLab makes by itself when the
// integrated backend is turned on and the project has no active key.
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
