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
func (s *Server) Settings(id int64) (stored Settings, exists bool) {
	s.onProject(id, func(p *Project) {
		if exists = p.Settings != nil; exists {
			stored = *p.Settings
		}
	})
	return stored, exists
}

// SetSettings stores a record, as the web UI does when someone clicks; nil
// removes it. A project that does not exist is left alone.
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
	next, refusal := s.settingsParams(c, put)
	switch {
	case refusal != nil:
		return *refusal
	case put && !s.config.IntegratedErrorTracking:
		return message(http.StatusNotFound, "404 Not Found")
	case !put && p.Settings == nil:
		return s.showSettings(c)
	}
	if wrong := next.validate(); wrong != nil {
		return refused(wrong...)
	}
	p.Settings = &next
	hasKey := slices.ContainsFunc(p.keys, func(k ClientKey) bool { return k.Active })
	if next.Active && next.Integrated && !hasKey {
		s.createClientKey(p)
	}
	return s.showSettings(c)
}

// settingsParams checks the parameters in Grape's order and words, and returns
// the record with them.
func (s *Server) settingsParams(c call, put bool) (next Settings, refusal *Answer) {
	if c.project.Settings != nil {
		next = *c.project.Settings
	}
	var wrong []string
	active, given := c.params["active"]
	isActive, valid := toBoolean(active)
	switch {
	case !given:
		wrong = append(wrong, "active is missing", "active is empty")
	case active == "":
		wrong = append(wrong, "active is empty")
	case !valid:
		wrong = append(wrong, "active is invalid")
	}
	next.Active = isActive

	integrated := c.params["integrated"]
	isIntegrated, valid := toBoolean(integrated)
	switch {
	case integrated == "" || s.version.before(version{14, 2}):
		if put {
			wrong = append(wrong, "integrated is missing")
		}
	case valid:
		next.Integrated = isIntegrated
	default:
		wrong = append(wrong, "integrated is invalid")
	}
	if wrong != nil {
		return next, new(invalid(http.StatusBadRequest, strings.Join(wrong, ", ")))
	}
	return next, nil
}

// refused is the answer to a record that GitLab's model finds wrong.
func refused(wrong ...string) Answer {
	for i, words := range wrong {
		wrong[i] = "Error tracking setting " + words
	}
	return reply(http.StatusOK, map[string]string{"message": strings.Join(wrong, " and "), "status": "error"})
}

// validate returns what GitLab's model finds wrong.
func (s Settings) validate() (wrong []string) {
	if !s.Active || s.Integrated {
		return nil
	}
	slug, valid := s.sentryProject()
	if s.APIURL == "" {
		wrong = append(wrong, "api url is a required field")
	}
	if s.Token == "" {
		wrong = append(wrong, "token is a required field")
	}
	switch {
	case s.APIURL == "":
	case !valid:
		wrong = append(wrong, "api url is invalid")
	case slug == "":
		wrong = append(wrong, "project is a required field")
	}
	return wrong
}

func (s *Server) showSettings(c call) Answer {
	stored := c.project.Settings
	if stored == nil {
		return message(http.StatusNotFound, "404 Error Tracking Setting Not Found")
	}
	shown := struct {
		Active            bool    `json:"active"`
		ProjectName       *string `json:"project_name"`
		SentryExternalURL *string `json:"sentry_external_url"`
		APIURL            *string `json:"api_url"`
		Integrated        *bool   `json:"integrated,omitempty"`
	}{
		Active:            stored.Active,
		ProjectName:       nullable(stored.projectName()),
		SentryExternalURL: nullable(strings.Replace(stored.APIURL, "api/0/projects/", "", 1)),
		APIURL:            nullable(stored.APIURL),
	}
	if !s.version.before(version{14, 2}) {
		shown.Integrated = new(stored.Integrated && s.config.IntegratedErrorTracking)
	}
	return c.done(shown)
}

// projectName falls back to the project that the API URL names.
func (s Settings) projectName() string {
	slug, _ := s.sentryProject()
	return cmp.Or(s.ProjectName, titleize(slug))
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
