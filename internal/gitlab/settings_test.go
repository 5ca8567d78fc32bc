package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	token     = "glpat-maintainer"
	sentryURL = "https://sentry.example.com/api/0/projects/acme/web/"
)

// start serves a simulated GitLab and returns it with a client for it.
func start(t *testing.T, config gitlabsim.Config, projects ...gitlabsim.Project) (*gitlabsim.Server, *Client) {
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

func newClient(t *testing.T, baseURL string) *Client {
	t.Helper()
	c, err := NewClient(Config{BaseURL: baseURL, Token: token, RequestTimeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func web() gitlabsim.Project {
	return gitlabsim.Project{ID: 1, Path: "acme/web"}
}

// call is a method of the client, the result of which does not matter.
type call func(ctx context.Context, c *Client) error

// of makes a call of a method.
func of[T any](method func(*Client, context.Context, string) (T, error), reference string) call {
	return func(ctx context.Context, c *Client) error {
		_, err := method(c, ctx, reference)
		return err
	}
}

func read(ctx context.Context, c *Client) error { return of((*Client).GetSettings, "1")(ctx, c) }

func makeKey(ctx context.Context, c *Client) error { return of((*Client).CreateClientKey, "1")(ctx, c) }

func write(ctx context.Context, c *Client) error {
	_, err := c.UpdateSettings(ctx, "1", SettingsUpdate{})
	return err
}

func TestASentryLinkCanBePrinted(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web())
	sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusOK, `{"active":true,"sentry_external_url":"https://s/\u001b[2Ja"}`)})
	if got, err := c.GetSettings(t.Context(), "1"); err != nil || *got.SentryExternalURL != "https://s/ [2Ja" || got.APIURL != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnAnswerThatHoldsSomethingElseIsAnError(t *testing.T) {
	t.Parallel()
	nothing := []string{``, `null`, `true`, `1`, `"x"`, `{`, `{}{}`, `<html>`, `{"id":0}`, `{"id":"1"}`}
	object := func(more ...string) []string { return slices.Concat(nothing, []string{`[]`, `{}`}, more) }
	list := func(more ...string) []string {
		return slices.Concat(nothing, []string{`{}`, `[{}]`, `[null]`, `[1]`, `[{"id":1}]`, `[{"id":"x"}]`}, more)
	}
	refusals := []string{
		`{"message":"api url is a required field","status":"error"}`, `{"message":{"base":["no"]},"status":"error","http_status":"forbidden"}`,
		`{"active":true,"status":"error"}`, `{"message":"no"}`,
	}
	for name, c := range map[string]struct {
		call   call
		kind   Kind
		bodies []string
	}{
		"settings that are written, and refused": {write, ErrRefused, refusals},
		"settings that are read, as if refused":  {read, ErrNotGitLab, refusals},
		"settings that are read":                 {read, ErrNotGitLab, object(`{"integrated":true}`, `{"active":null}`, `{"active":"yes"}`, `{"active":true} trailing`, `{"active":true,"api_url":1}`)},
		"settings that are written":              {write, ErrNotGitLab, object(`{"active":null}`, `{"active":true}{}`)},
		"a new key":                              {makeKey, ErrNotGitLab, object(`{"id":0,"public_key":"glet_1"}`, `{"id":1}`)},
		"keys": {func(ctx context.Context, c *Client) error {
			_, err := c.GetClientKey(ctx, "1", 1)
			return err
		}, ErrNotGitLab, list(`[{"public_key":"glet_1"}]`)},
		"a project": {of((*Client).GetProject, "1"), ErrNotGitLab, object(`{"id":1}`, `{"id":-1,"path_with_namespace":"acme/web"}`, `{"id":1,"path_with_namespace":"acme/\u001b"}`)},
		"a group":   {of((*Client).GetGroup, "7"), ErrNotGitLab, object(`{"id":7}`, `{"full_path":"acme"}`, `{"id":7,"full_path":"acme/\u0007"}`)},
		"the projects of a group": {func(ctx context.Context, c *Client) error {
			_, err := c.Survey(ctx, Scope{Group: "acme"})
			return err
		}, ErrNotGitLab, list(`[{"id":1,"path_with_namespace":"acme/\u0007"}]`)},
	} {
		for _, body := range c.bodies {
			sim, client := start(t, gitlabsim.Config{}, web())
			sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusOK, body)})
			if err := c.call(t.Context(), client); !errors.Is(err, c.kind) {
				t.Errorf("%s in place of %s: got error %v, want %v", body, name, err, c.kind)
			}
		}
	}
}
