package gitlab

import (
	"context"
	"errors"
	"net/http"
)

// Settings are a project's Error Tracking settings.
type Settings struct {
	// Configured is false if the project never had settings. That counts as
	// inactive, as everywhere in GitLab.
	Configured bool `json:"configured,omitempty"`
	// Linked says whether there is a Sentry link.
	Linked bool `json:"linked,omitempty"`
	// Active says whether error tracking is on.
	Active bool `json:"active,omitempty"`
	// Integrated says whether the backend is GitLab's own instead of Sentry. It
	// reads false while the feature flag integrated_error_tracking is off,
	// whatever is stored, and on GitLab before 14.2.
	Integrated bool `json:"integrated,omitempty"`
	// ProjectName, SentryExternalURL and APIURL are the Sentry link, which only
	// the web UI can enter; nil if there is none.
	ProjectName       *string `json:"project_name,omitempty"`
	SentryExternalURL *string `json:"sentry_external_url,omitempty"`
	APIURL            *string `json:"api_url,omitempty"`
}

// SettingsUpdate is a change of settings.
type SettingsUpdate struct {
	Active bool `json:"active"`
	// Integrated is left as it is when nil.
	Integrated *bool `json:"integrated,omitempty"`
}

// ApplyTo returns what settings become by the update.
func (u SettingsUpdate) ApplyTo(settings Settings) Settings {
	settings.Active = u.Active
	if u.Integrated != nil {
		settings.Integrated = *u.Integrated
	}
	return settings
}

// TakenBy reports whether settings match the update.
func (u SettingsUpdate) TakenBy(settings Settings) bool {
	return u.ApplyTo(settings) == settings
}

// Agrees reports whether both updates can be sent, in any order.
func (u SettingsUpdate) Agrees(other SettingsUpdate) bool {
	return u.TakenBy(other.ApplyTo(u.ApplyTo(Settings{})))
}

// GetSettings reads a project's settings.
//
// GET /projects/:id/error_tracking/settings, GitLab 12.7.
func (c *Client) GetSettings(ctx context.Context, project string) (Settings, error) {
	settings, err := c.settings(ctx, http.MethodGet, project, nil)
	if errors.Is(err, ErrSettingsNotFound) {
		return Settings{}, nil
	}
	return settings, err
}

// SetSettings makes a project's settings match update and returns them. If it
// never had any, they are created for the integrated backend; to turn them off,
// nothing needs to change; otherwise the error is [ErrSettingsNotFound]. See
// [Client.UpdateSettings] and [Client.CreateSettings].
func (c *Client) SetSettings(ctx context.Context, project string, update SettingsUpdate) (Settings, error) {
	settings, err := c.UpdateSettings(ctx, project, update)
	switch {
	case !errors.Is(err, ErrSettingsNotFound):
	case update.Integrated != nil && *update.Integrated:
		return c.CreateSettings(ctx, project, update)
	case !update.Active:
		return Settings{}, nil
	}
	return settings, err
}

// UpdateSettings changes a project's settings and returns the new ones. The
// error is [ErrSettingsNotFound] if the project never had any, and [ErrRefused]
// if GitLab's model did not accept them; either way nothing has changed.
//
// PATCH /projects/:id/error_tracking/settings, GitLab 12.7; Integrated 14.2.
func (c *Client) UpdateSettings(ctx context.Context, project string, update SettingsUpdate) (Settings, error) {
	return c.settings(ctx, http.MethodPatch, project, update)
}

// CreateSettings writes a project's settings, whether it had any or not; update
// must have Integrated. The error is [ErrFlagOff] or [ErrTooOldToCreate] if this
// GitLab does not let the API create them.
//
// PUT /projects/:id/error_tracking/settings, GitLab 15.10.
func (c *Client) CreateSettings(ctx context.Context, project string, update SettingsUpdate) (Settings, error) {
	settings, err := c.settings(ctx, http.MethodPut, project, update)
	if failure, ok := errors.AsType[*Error](err); ok {
		switch failure.Kind {
		case ErrHidden:
			failure.Kind = ErrFlagOff
		case ErrNoRoute:
			failure.Kind = ErrTooOldToCreate
		}
	}
	return settings, err
}

// settings accepts an answer only if it holds settings: GitLab also answers a
// refused write with 200, with an error in the body. It never refuses a read so.
func (c *Client) settings(ctx context.Context, method, project string, update any) (Settings, error) {
	x, err := c.call(ctx, method, projectPath(project, "/error_tracking/settings"), update)
	if err != nil {
		return Settings{}, err
	}
	var body struct {
		Settings
		Active *bool `json:"active"`
		Status any   `json:"status"`
	}
	if err := x.decode(&body); err != nil {
		return Settings{}, err
	}
	message := words(x.body)
	switch {
	case method != http.MethodGet && (body.Status == "error" || body.Active == nil && message != ""):
		return Settings{}, x.fail(ErrRefused, message)
	case body.Active == nil || body.Status == "error":
		return Settings{}, x.notGitLab("JSON that holds no settings")
	}
	body.Configured, body.Linked, body.Settings.Active = true, body.APIURL != nil, *body.Active
	for _, text := range []*string{body.ProjectName, body.SentryExternalURL, body.APIURL} {
		if text != nil {
			*text = printable(*text)
		}
	}
	return body.Settings, nil
}
