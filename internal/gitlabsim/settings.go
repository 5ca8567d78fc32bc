package gitlabsim

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Settings is GitLab's record of a project's Error Tracking settings.
type Settings struct {
	Active bool
	// Integrated is what is stored, and hidden while the feature flag is off.
	Integrated bool
	// These are the Sentry link, which only the web UI can enter.
	APIURL, Token, ProjectName string
}

// SentryLink returns active settings with a link to the Sentry project at apiURL.
func SentryLink(apiURL string) *Settings {
	return &Settings{Active: true, APIURL: apiURL, Token: "sentry-token"}
}

// Settings returns what GitLab has stored for a project, if anything.
func (s *Server) Settings(id int64) (stored Settings, exists bool) {
	s.onProject(id, func(p *Project) {
		stored, exists = *cmp.Or(p.Settings, &Settings{}), p.Settings != nil
	})
	return stored, exists
}

// SetSettings stores a record, as the web UI does; nil removes it.
func (s *Server) SetSettings(id int64, settings *Settings) {
	if settings != nil {
		settings = new(*settings)
	}
	s.onProject(id, func(p *Project) { p.Settings = settings })
}

// writeSettings stores a record that GitLab's model finds valid. Any other is
// answered with 200 and an error in the body, and changes nothing.
func (s *Server) writeSettings(c call) Answer {
	p, put := c.project, c.Method == http.MethodPut
	active, given := c.params["active"]
	isActive, activeIsBoolean := toBoolean(active)
	integrated := c.params["integrated"]
	if s.olderThan(version{14, 2}) {
		integrated = ""
	}
	isIntegrated, integratedIsBoolean := toBoolean(integrated)
	wrong := broken(
		rule{!given, "active is missing"},
		rule{active == "", "active is empty"},
		rule{active != "" && !activeIsBoolean, "active is invalid"},
		rule{integrated == "" && put, "integrated is missing"},
		rule{integrated != "" && !integratedIsBoolean, "integrated is invalid"},
	)
	switch {
	case wrong != nil:
		return invalid(http.StatusBadRequest, strings.Join(wrong, ", "))
	case put && !s.config.IntegratedErrorTracking:
		return message(http.StatusNotFound, "404 Not Found")
	case !put && p.Settings == nil:
		return s.showSettings(c)
	}
	next := *cmp.Or(p.Settings, &Settings{})
	next.Active = isActive
	if integrated != "" {
		next.Integrated = isIntegrated
	}
	if wrong := next.validate(); wrong != nil {
		return refused(wrong...)
	}
	p.Settings = &next
	if next.Active && next.Integrated && !slices.ContainsFunc(p.keys, func(k ClientKey) bool { return k.Active }) {
		s.createClientKey(p)
	}
	return s.showSettings(c)
}

// rule is one that GitLab checks, with its words for what is wrong.
type rule struct {
	broken bool
	words  string
}

func broken(rules ...rule) (wrong []string) {
	for _, r := range rules {
		if r.broken {
			wrong = append(wrong, r.words)
		}
	}
	return wrong
}

// validate returns what GitLab's model finds wrong.
func (s Settings) validate() []string {
	if !s.Active || s.Integrated {
		return nil
	}
	slug, valid := s.sentryProject()
	return broken(
		rule{s.APIURL == "", "api url is a required field"},
		rule{s.Token == "", "token is a required field"},
		rule{s.APIURL != "" && !valid, "api url is invalid"},
		rule{valid && slug == "", "project is a required field"},
	)
}

// refused is the answer to a record that GitLab's model finds wrong.
func refused(wrong ...string) Answer {
	words := "Error tracking setting " + strings.Join(wrong, " and Error tracking setting ")
	return reply(http.StatusOK, map[string]string{"message": words, "status": "error"})
}

func (s *Server) showSettings(c call) Answer {
	stored := c.project.Settings
	if stored == nil {
		return message(http.StatusNotFound, "404 Error Tracking Setting Not Found")
	}
	var integrated *bool
	if !s.olderThan(version{14, 2}) {
		integrated = new(stored.Integrated && s.config.IntegratedErrorTracking)
	}
	slug, _ := stored.sentryProject()
	return c.done(struct {
		Active            bool    `json:"active"`
		ProjectName       *string `json:"project_name"`
		SentryExternalURL *string `json:"sentry_external_url"`
		APIURL            *string `json:"api_url"`
		Integrated        *bool   `json:"integrated,omitempty"`
	}{
		stored.Active, nullable(cmp.Or(stored.ProjectName, titleize(slug))),
		nullable(strings.Replace(stored.APIURL, "api/0/projects/", "", 1)), nullable(stored.APIURL), integrated,
	})
}

// sentryProject returns the project that the API URL names, or "". valid is
// false if the URL is not one of Sentry's API at the root of its host.
func (s Settings) sentryProject() (slug string, valid bool) {
	parsed, err := url.Parse(s.APIURL)
	if err != nil {
		return "", false
	}
	names, valid := strings.CutPrefix(parsed.Path, "/api/0/projects/")
	parts := strings.FieldsFunc(names, func(r rune) bool { return r == '/' })
	if valid && len(parts) == 2 {
		return parts[1], true
	}
	return "", valid && len(parts) == 0
}

// titleize does what Rails does, in its steps: "my-webApp" becomes "My Web App".
func titleize(slug string) string {
	words := regexp.MustCompile(`([A-Z\d]+)([A-Z][a-z])`).ReplaceAllString(slug, "${1}_$2")
	words = regexp.MustCompile(`([a-z\d])([A-Z])`).ReplaceAllString(words, "${1}_$2")
	words = strings.ToLower(strings.ReplaceAll(words, "-", "_"))
	words = strings.TrimSuffix(strings.TrimLeft(words, "_"), "_id")
	words = strings.ReplaceAll(words, "_", " ")
	return regexp.MustCompile(`\b[a-z]`).ReplaceAllStringFunc(words, strings.ToUpper)
}

func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
