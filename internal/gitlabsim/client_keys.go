package gitlabsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// ClientKey is a key of the integrated backend.
type ClientKey struct {
	ID        int64  `json:"id"`
	Active    bool   `json:"active"`
	PublicKey string `json:"public_key"`
}

// ClientKeys returns a project's keys, oldest first.
func (s *Server) ClientKeys(id int64) (keys []ClientKey) {
	s.onProject(id, func(p *Project) { keys = slices.Clone(p.keys) })
	return keys
}

// AddClientKey makes a key, as another user would.
func (s *Server) AddClientKey(id int64) (key ClientKey) {
	s.onProject(id, func(p *Project) { key = s.createClientKey(p) })
	return key
}

// RemoveClientKey deletes a key, as another user would.
func (s *Server) RemoveClientKey(id, keyID int64) {
	s.onProject(id, func(p *Project) {
		p.keys = slices.DeleteFunc(p.keys, func(k ClientKey) bool { return k.ID == keyID })
	})
}

// DeactivateClientKey makes a key inactive.
func (s *Server) DeactivateClientKey(id, keyID int64) {
	s.onProject(id, func(p *Project) {
		for i := range p.keys {
			p.keys[i].Active = p.keys[i].Active && p.keys[i].ID != keyID
		}
	})
}

func (s *Server) listClientKeys(c call) Answer {
	return paged(c, c.project.keys, c.showClientKey)
}

func (s *Server) postClientKey(c call) Answer {
	return c.done(c.showClientKey(s.createClientKey(c.project)))
}

func (s *Server) deleteClientKey(c call) Answer {
	for i, key := range c.project.keys {
		if strconv.FormatInt(key.ID, 10) == c.segments[4] {
			c.project.keys = slices.Delete(c.project.keys, i, i+1)
			return c.done(c.showClientKey(key))
		}
	}
	return message(http.StatusNotFound, "404 Not found")
}

// showClientKey builds the DSN on the URL that GitLab has until somebody sets one.
func (c call) showClientKey(key ClientKey) any {
	dsn := fmt.Sprintf("http://%s@localhost:8080/errortracking/api/v1/projects/%d", key.PublicKey, c.project.ID)
	return struct {
		ClientKey
		SentryDSN string `json:"sentry_dsn"`
	}{key, dsn}
}

func (s *Server) createClientKey(p *Project) ClientKey {
	s.lastKey++
	key := ClientKey{ID: s.lastKey, Active: true, PublicKey: fmt.Sprintf("glet_%032x", s.lastKey)}
	p.keys = append(p.keys, key)
	return key
}
