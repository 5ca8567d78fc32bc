package gitlab_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	token     = "glpat-maintainer"
	sentryURL = "https://sentry.example.com/api/0/projects/acme/web/"
)

// start serves a simulated GitLab and returns it with a client for it.
func start(t *testing.T, config gitlabsim.Config, projects ...gitlabsim.Project) (*gitlabsim.Server, *gitlab.Client) {
	t.Helper()
	sim := gitlabsim.New(config)
	sim.AddToken(token, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	for _, p := range projects {
		sim.AddProject(p)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return sim, newClient(t, server.URL+config.Root)
}

func newClient(t *testing.T, baseURL string) *gitlab.Client {
	t.Helper()
	c, err := gitlab.NewClient(gitlab.Config{BaseURL: baseURL, Token: token, RequestTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func web(settings *gitlabsim.Settings) gitlabsim.Project {
	return gitlabsim.Project{ID: 1, Path: "acme/web", Settings: settings}
}

func TestSettingsOfASentryLink(t *testing.T) {
	t.Parallel()
	_, c := start(t, gitlabsim.Config{}, web(gitlabsim.SentryLink(sentryURL)))
	got, err := c.GetSettings(t.Context(), "acme/web")
	if err != nil {
		t.Fatal(err)
	}
	if !got.Active || got.Integrated || *got.ProjectName != "Web" || *got.APIURL != sentryURL ||
		*got.SentryExternalURL != "https://sentry.example.com/acme/web/" {
		t.Errorf("got %+v", got)
	}
}

func TestSettingsCalls(t *testing.T) {
	t.Parallel()
	integrated := true
	for name, c := range map[string]struct {
		config gitlabsim.Config
		record *gitlabsim.Settings
		call   func(*testing.T, *gitlab.Client) (gitlab.Settings, error)
		want   gitlab.Settings
		kind   error
	}{
		"GET of a project never configured": {
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) { return c.GetSettings(t.Context(), "1") },
			kind: gitlab.ErrSettingsNotFound,
		},
		"GET of a missing project": {
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) { return c.GetSettings(t.Context(), "2") },
			kind: gitlab.ErrProjectNotFound,
		},
		"PATCH of a project never configured": {
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.UpdateSettings(t.Context(), "1", gitlab.SettingsUpdate{Active: true})
			},
			kind: gitlab.ErrSettingsNotFound,
		},
		"PATCH that GitLab refuses with 200": {
			record: &gitlabsim.Settings{},
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.UpdateSettings(t.Context(), "1", gitlab.SettingsUpdate{Active: true})
			},
			kind: gitlab.ErrRefused,
		},
		"PATCH of integrated": {
			config: gitlabsim.Config{IntegratedErrorTracking: true},
			record: &gitlabsim.Settings{},
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.UpdateSettings(t.Context(), "1", gitlab.SettingsUpdate{Active: true, Integrated: &integrated})
			},
			want: gitlab.Settings{Active: true, Integrated: true},
		},
		"PATCH of integrated while the flag is off": {
			record: &gitlabsim.Settings{},
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.UpdateSettings(t.Context(), "1", gitlab.SettingsUpdate{Active: true, Integrated: &integrated})
			},
			want: gitlab.Settings{Active: true},
		},
		"PUT of a project never configured": {
			config: gitlabsim.Config{IntegratedErrorTracking: true},
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.CreateSettings(t.Context(), "acme/web", gitlab.SettingsUpdate{Active: true, Integrated: &integrated})
			},
			want: gitlab.Settings{Active: true, Integrated: true},
		},
		"PUT while the flag is off": {
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.CreateSettings(t.Context(), "1", gitlab.SettingsUpdate{Active: true, Integrated: &integrated})
			},
			kind: gitlab.ErrFlagOff,
		},
		"PUT before GitLab 15.10": {
			config: gitlabsim.Config{Version: "15.9", IntegratedErrorTracking: true},
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.CreateSettings(t.Context(), "1", gitlab.SettingsUpdate{Active: true, Integrated: &integrated})
			},
			kind: gitlab.ErrTooOldToCreate,
		},
		"PUT of a missing project": {
			config: gitlabsim.Config{IntegratedErrorTracking: true},
			call: func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) {
				return c.CreateSettings(t.Context(), "2", gitlab.SettingsUpdate{Active: true, Integrated: &integrated})
			},
			kind: gitlab.ErrProjectNotFound,
		},
		"GET before GitLab 14.2, which has no integrated": {
			config: gitlabsim.Config{Version: "14.1"},
			record: &gitlabsim.Settings{Active: true, Integrated: true},
			call:   func(t *testing.T, c *gitlab.Client) (gitlab.Settings, error) { return c.GetSettings(t.Context(), "1") },
			want:   gitlab.Settings{Active: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, client := start(t, c.config, web(c.record))
			got, err := c.call(t, client)
			if !errors.Is(err, c.kind) {
				t.Fatalf("got error %v, want %v", err, c.kind)
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWhatDoesNotPrintIsTakenOutOfSettings(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusOK, `{"active":true,"sentry_external_url":"https://s/\u001b[2Ja"}`)})
	if got, err := c.GetSettings(t.Context(), "1"); err != nil || *got.SentryExternalURL != "https://s/ [2Ja" || got.APIURL != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnswersThatAreNotSettings(t *testing.T) {
	t.Parallel()
	for body, ofWrite := range map[string]error{
		`{"message":"api url is a required field","status":"error"}`:             gitlab.ErrRefused,
		`{"message":{"base":["no"]},"status":"error","http_status":"forbidden"}`: gitlab.ErrRefused,
		`{"active":true,"status":"error"}`:                                       gitlab.ErrRefused,
		`{"message":"no"}`:                                                       gitlab.ErrRefused,
		`{"integrated":true}`:                                                    gitlab.ErrNotGitLab,
		`{"active":null}`:                                                        gitlab.ErrNotGitLab,
		`{"active":"yes"}`:                                                       gitlab.ErrNotGitLab,
		`{"active":true} trailing`:                                               gitlab.ErrNotGitLab,
		`{"active":true}{}`:                                                      gitlab.ErrNotGitLab,
		`{}`:                                                                     gitlab.ErrNotGitLab,
		`[]`:                                                                     gitlab.ErrNotGitLab,
		`null`:                                                                   gitlab.ErrNotGitLab,
		`true`:                                                                   gitlab.ErrNotGitLab,
		``:                                                                       gitlab.ErrNotGitLab,
		`{"active":true`:                                                         gitlab.ErrNotGitLab,
		"<html>Sign in</html>":                                                   gitlab.ErrNotGitLab,
		`{"active":true,"api_url":1}`:                                            gitlab.ErrNotGitLab,
	} {
		sim, c := start(t, gitlabsim.Config{}, web(gitlabsim.SentryLink(sentryURL)))
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusOK, body)})
		if _, err := c.UpdateSettings(t.Context(), "1", gitlab.SettingsUpdate{}); !errors.Is(err, ofWrite) {
			t.Errorf("%s: got error %v, want %v", body, err, ofWrite)
		}
		// GitLab refuses no read in this way.
		if _, err := c.GetSettings(t.Context(), "1"); !errors.Is(err, gitlab.ErrNotGitLab) {
			t.Errorf("%s: got error %v, want %v", body, err, gitlab.ErrNotGitLab)
		}
	}
}
