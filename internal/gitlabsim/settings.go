package gitlabsim

import (
	"net/http"
	"strings"
	"unicode"
)

// Settings is GitLab's record of a project's Error Tracking settings.
type Settings struct {
	Active bool
	// Integrated is the stored value; answers hide it while the feature flag
	// is off.
	Integrated bool
	// APIURL, Token and ProjectName are the Sentry link, which only the web
	// UI can enter. Without a link all three are empty.
	APIURL      string
	Token       string
	ProjectName string
}

// SentryLink returns active settings of a project that sends its errors to the
// Sentry project at apiURL.
func SentryLink(apiURL string) *Settings {
	return &Settings{Active: true, APIURL: apiURL, Token: "sentry-token"}
}

// Settings returns what GitLab has stored for a project; false if there is no
// record or no project.
func (s *Server) Settings(id int64) (Settings, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.projects[id]
	if p == nil || p.Settings == nil {
		return Settings{}, false
	}
	return *p.Settings, true
}

// SetSettings stores a record, as the web UI does when someone clicks; nil
// removes it. A project that does not exist is left alone.
func (s *Server) SetSettings(id int64, settings *Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.projects[id]; p != nil {
		if settings != nil {
			settings = new(*settings)
		}
		p.Settings = settings
	}
}

func (s *Server) settings(c call, p *project, role Role) Answer {
	if c.method == http.MethodPut && s.version.before(15, 10) {
		return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
	}
	if role < Maintainer {
		return message(http.StatusForbidden, "403 Forbidden")
	}
	switch c.method {
	case http.MethodGet:
		if p.Settings == nil {
			return settingsNotFound()
		}
		return s.presentSettings(p)
	case http.MethodPatch:
		return s.patchSettings(c, p)
	case http.MethodPut:
		return s.putSettings(c, p)
	}
	return invalid(http.StatusMethodNotAllowed, "405 Not Allowed")
}

func (s *Server) patchSettings(c call, p *project) Answer {
	change, refusal := s.settingsParams(c, false)
	if refusal != nil {
		return *refusal
	}
	if p.Settings == nil {
		return settingsNotFound()
	}
	return s.store(p, change)
}

func (s *Server) putSettings(c call, p *project) Answer {
	change, refusal := s.settingsParams(c, true)
	if refusal != nil {
		return *refusal
	}
	if !s.config.IntegratedErrorTracking {
		return message(http.StatusNotFound, "404 Not Found")
	}
	return s.store(p, change)
}

type settingsChange struct {
	active     bool
	integrated *bool
}

// settingsParams checks the parameters in Grape's order and words.
func (s *Server) settingsParams(c call, put bool) (settingsChange, *Answer) {
	if c.unreadable {
		return settingsChange{}, new(invalid(http.StatusBadRequest, "message body does not match declared format"))
	}
	var wrong []string
	active, given := c.params["active"]
	isActive, valid := toBoolean(active)
	switch {
	case !given:
		wrong = append(wrong, "active is missing", "active is empty")
	case active == nil || active == "":
		wrong = append(wrong, "active is empty")
	case !valid:
		wrong = append(wrong, "active is invalid")
	}
	change := settingsChange{active: isActive}

	integrated := c.params["integrated"]
	if s.version.before(14, 2) {
		integrated = nil
	}
	if integrated == nil || integrated == "" {
		if put {
			wrong = append(wrong, "integrated is missing")
		}
	} else if value, valid := toBoolean(integrated); valid {
		change.integrated = &value
	} else {
		wrong = append(wrong, "integrated is invalid")
	}
	if wrong != nil {
		return change, new(invalid(http.StatusBadRequest, strings.Join(wrong, ", ")))
	}
	return change, nil
}

// store validates the record as GitLab's model does. A record that is not valid
// is answered with 200 and an error in the body, and changes nothing.
func (s *Server) store(p *project, change settingsChange) Answer {
	next := Settings{}
	if p.Settings != nil {
		next = *p.Settings
	}
	next.Active = change.active
	if change.integrated != nil {
		next.Integrated = *change.integrated
	}
	var missing []string
	if next.Active && !next.Integrated {
		if next.APIURL == "" {
			missing = append(missing, "Error tracking setting api url is a required field")
		}
		if next.Token == "" {
			missing = append(missing, "Error tracking setting token is a required field")
		}
	}
	if missing != nil {
		return reply(http.StatusOK, struct {
			Message string `json:"message"`
			Status  string `json:"status"`
		}{strings.Join(missing, " and "), "error"})
	}
	p.Settings = &next
	if next.Active && next.Integrated {
		s.ensureClientKey(p)
	}
	return s.presentSettings(p)
}

func (s *Server) presentSettings(p *project) Answer {
	type withoutIntegrated struct {
		Active            bool    `json:"active"`
		ProjectName       *string `json:"project_name"`
		SentryExternalURL *string `json:"sentry_external_url"`
		APIURL            *string `json:"api_url"`
	}
	shown := withoutIntegrated{Active: p.Settings.Active, ProjectName: nullable(p.Settings.projectName())}
	if url := p.Settings.APIURL; url != "" {
		shown.APIURL = &url
		shown.SentryExternalURL = new(strings.Replace(url, "api/0/projects/", "", 1))
	}
	if s.version.before(14, 2) {
		return reply(http.StatusOK, shown)
	}
	return reply(http.StatusOK, struct {
		withoutIntegrated
		Integrated bool `json:"integrated"`
	}{shown, p.Settings.Integrated && s.config.IntegratedErrorTracking})
}

// projectName falls back to the last segment of the API URL, titleized.
func (s Settings) projectName() string {
	if s.ProjectName != "" || s.APIURL == "" {
		return s.ProjectName
	}
	url := strings.TrimRight(s.APIURL, "/")
	words := strings.FieldsFunc(url[strings.LastIndex(url, "/")+1:], func(r rune) bool {
		return r == '-' || r == '_'
	})
	for i, word := range words {
		letters := []rune(word)
		letters[0] = unicode.ToUpper(letters[0])
		words[i] = string(letters)
	}
	return strings.Join(words, " ")
}

func settingsNotFound() Answer {
	return message(http.StatusNotFound, "404 Error Tracking Setting Not Found")
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
