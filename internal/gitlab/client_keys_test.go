package gitlab_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// listKeys collects a project's keys up to the first error.
func listKeys(t *testing.T, c *gitlab.Client, project string) (keys []gitlab.ClientKey, err error) {
	t.Helper()
	for key, err := range c.ClientKeys(t.Context(), project) {
		if err != nil {
			return keys, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func TestClientKeyLifecycle(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	if keys, err := listKeys(t, c, "acme/web"); err != nil || len(keys) > 0 {
		t.Fatalf("got %+v, %v", keys, err)
	}
	made, err := c.CreateClientKey(t.Context(), "acme/web")
	if err != nil {
		t.Fatal(err)
	}
	stored := sim.ClientKeys(1)[0]
	if made.ID != stored.ID || !made.Active || made.PublicKey != stored.PublicKey ||
		!strings.HasSuffix(made.SentryDSN, "/errortracking/api/v1/projects/1") {
		t.Errorf("got %+v, GitLab has %+v", made, stored)
	}
	if keys, err := listKeys(t, c, "1"); err != nil || !slices.Equal(keys, []gitlab.ClientKey{made}) {
		t.Errorf("got %+v, %v, want %+v", keys, err, made)
	}
	if err := c.DeleteClientKey(t.Context(), "acme/web", made.ID); err != nil {
		t.Error(err)
	}
	if err := c.DeleteClientKey(t.Context(), "acme/web", made.ID); !errors.Is(err, gitlab.ErrClientKeyNotFound) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrClientKeyNotFound)
	}
}

func TestGetClientKey(t *testing.T) {
	t.Parallel()
	const last = 150
	startFull := func(t *testing.T) (*gitlabsim.Server, *gitlab.Client) {
		t.Helper()
		sim, c := start(t, gitlabsim.Config{}, web(nil))
		for range last {
			sim.AddClientKey(1)
		}
		return sim, c
	}
	for _, c := range []struct {
		name     string
		id       int64
		requests int
		err      error
	}{
		{"one on the first page needs no second", 100, 1, nil},
		{"one on the second page", last, 2, nil},
		{"a missing one is looked for twice", last + 1, 4, gitlab.ErrClientKeyNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sim, client := startFull(t)
			key, err := client.GetClientKey(t.Context(), "1", c.id)
			if !errors.Is(err, c.err) || err == nil && key.ID != c.id {
				t.Errorf("got %+v, %v", key, err)
			}
			if n := len(sim.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		})
	}
	t.Run("one that moves up a page while the list is read", func(t *testing.T) {
		t.Parallel()
		sim, client := startFull(t)
		sim.AddFault(gitlabsim.Fault{After: 1, Times: 1, Effect: func(w http.ResponseWriter, _ *http.Request, answer func() gitlabsim.Answer) {
			sim.RemoveClientKey(1, 1)
			gitlabsim.JSON(http.StatusOK, string(answer().Body))(w, nil, nil)
		}})
		if key, err := client.GetClientKey(t.Context(), "1", 101); err != nil || key.ID != 101 {
			t.Errorf("got %+v, %v", key, err)
		}
	})
	for count, looks := range map[int]int{0: 1, 99: 1, 100: 2} {
		t.Run(fmt.Sprintf("a missing one of %d is looked for %d times", count, looks), func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, web(nil))
			for range count {
				sim.AddClientKey(1)
			}
			if _, err := client.GetClientKey(t.Context(), "1", 1000); !errors.Is(err, gitlab.ErrClientKeyNotFound) || len(sim.Requests()) != looks {
				t.Errorf("got error %v after %d requests", err, len(sim.Requests()))
			}
		})
	}
}

func TestErrorsOfClientKeyCalls(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(*testing.T, *gitlab.Client, string) error{
		"a list": func(t *testing.T, c *gitlab.Client, project string) error {
			_, err := listKeys(t, c, project)
			return err
		},
		"a look at one": func(t *testing.T, c *gitlab.Client, project string) error {
			_, err := c.GetClientKey(t.Context(), project, 1)
			return err
		},
		"a creation": func(t *testing.T, c *gitlab.Client, project string) error {
			_, err := c.CreateClientKey(t.Context(), project)
			return err
		},
		"a deletion": func(t *testing.T, c *gitlab.Client, project string) error {
			return c.DeleteClientKey(t.Context(), project, 1)
		},
	} {
		t.Run(name+" of a missing project", func(t *testing.T) {
			t.Parallel()
			_, c := start(t, gitlabsim.Config{})
			if err := call(t, c, "1"); !errors.Is(err, gitlab.ErrProjectNotFound) {
				t.Errorf("got error %v", err)
			}
		})
		t.Run(name+" before GitLab 14.3", func(t *testing.T) {
			t.Parallel()
			_, c := start(t, gitlabsim.Config{Version: "14.2"}, web(nil))
			if err := call(t, c, "1"); !errors.Is(err, gitlab.ErrNoRoute) {
				t.Errorf("got error %v", err)
			}
		})
		t.Run(name+" by a developer", func(t *testing.T) {
			t.Parallel()
			sim, c := start(t, gitlabsim.Config{}, web(nil))
			sim.AddToken(token, gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}})
			if err := call(t, c, "1"); !errors.Is(err, gitlab.ErrForbidden) {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestClientKeysOfARenamedProject(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	for range 101 {
		sim.AddClientKey(1)
	}
	sim.MoveProject(1, "acme/site")
	if keys, err := listKeys(t, c, "acme/web"); err != nil || len(keys) != 101 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
	if _, err := c.CreateClientKey(t.Context(), "acme/web"); !errors.Is(err, gitlab.ErrOther) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrOther)
	}
	if err := c.DeleteClientKey(t.Context(), "acme/web", 1); !errors.Is(err, gitlab.ErrOther) {
		t.Errorf("got error %v, want %v", err, gitlab.ErrOther)
	}
}

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	for count, pages := range map[int]int{0: 1, 1: 1, 99: 1, 100: 1, 101: 2, 200: 2, 205: 3} {
		sim, c := start(t, gitlabsim.Config{}, web(nil))
		for range count {
			sim.AddClientKey(1)
		}
		keys, err := listKeys(t, c, "1")
		if err != nil || len(keys) != count {
			t.Errorf("got %d keys, want %d: %v", len(keys), count, err)
		}
		for i, key := range keys {
			if key.ID != int64(i+1) {
				t.Fatalf("key %d is number %d", key.ID, i+1)
			}
		}
		var want []string
		for page := 1; page <= pages; page++ {
			want = append(want, fmt.Sprintf("GET /projects/1/error_tracking/client_keys?page=%d&per_page=100", page))
		}
		var got []string
		for _, r := range sim.Requests() {
			got = append(got, r.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d keys: got the requests %v, want %v", count, got, want)
		}
	}
}

func TestPagesAreReadOnDemand(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	for range 250 {
		sim.AddClientKey(1)
	}
	for key, err := range c.ClientKeys(t.Context(), "1") {
		if err != nil || key.ID == 100 {
			break
		}
	}
	if n := len(sim.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestPagesWithoutXNextPage(t *testing.T) {
	t.Parallel()
	for count, requests := range map[int]int{99: 1, 100: 2, 101: 2} {
		sim, c := start(t, gitlabsim.Config{}, web(nil))
		for range count {
			sim.AddClientKey(1)
		}
		sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, _ *http.Request, answer func() gitlabsim.Answer) {
			a := answer()
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(a.Status)
			_, _ = w.Write(a.Body)
		}})
		keys, err := listKeys(t, c, "1")
		if err != nil || len(keys) != count || len(sim.Requests()) != requests {
			t.Errorf("%d keys: got %d in %d requests, want %d: %v", count, len(keys), len(sim.Requests()), requests, err)
		}
	}
}

func TestAnAnswerThatIsNotAListIsAnError(t *testing.T) {
	t.Parallel()
	const key = `{"id":1,"active":true,"public_key":"glet_1","sentry_dsn":"https://glet_1@host/1"}`
	for name, c := range map[string]struct {
		body, next string
	}{
		"an object":                        {key, ""},
		"null":                             {"null", ""},
		"nothing":                          {"", ""},
		"an item without id":               {`[{"active":true,"public_key":"glet_1"}]`, ""},
		"an item without public_key":       {`[{"id":1}]`, ""},
		"an item that is null":             {`[null]`, ""},
		"items of another type":            {`[1]`, ""},
		"a next page that is this one":     {"[" + key + "]", "1"},
		"a next page before this one":      {"[" + key + "]", "0"},
		"a next page that is not a number": {"[" + key + "]", "two"},
		"a next page number out of range":  {"[" + key + "]", "99999999999999999999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := start(t, gitlabsim.Config{}, web(nil))
			sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Status(http.StatusOK,
				http.Header{"Content-Type": {"application/json"}, "X-Next-Page": {c.next}}, c.body)})
			keys, err := listKeys(t, client, "1")
			if !errors.Is(err, gitlab.ErrNotGitLab) || len(keys) > 0 {
				t.Errorf("got %+v, %v", keys, err)
			}
		})
	}
}

func TestAnErrorOnALaterPageIsReported(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	for range 101 {
		sim.AddClientKey(1)
	}
	sim.AddFault(gitlabsim.Fault{Path: "client_keys", After: 1, Effect: gitlabsim.JSON(500, `{"message":"500 Internal Server Error"}`)})
	keys, err := listKeys(t, c, "1")
	if !errors.Is(err, gitlab.ErrServer) || len(keys) != 100 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
}

func TestAnAnswerThatIsNotAClientKey(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `null`, `[]`, ``, `{"id":0,"public_key":"glet_1"}`, `{"id":1}`, `{"id":"one"}`, `<html>`} {
		sim, c := start(t, gitlabsim.Config{}, web(nil))
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusCreated, body)})
		_, err := c.CreateClientKey(t.Context(), "1")
		if !errors.Is(err, gitlab.ErrNotGitLab) || gitlab.OutcomeOf(err) < gitlab.Unknown {
			t.Errorf("%s: got error %v, may have acted: %t", body, err, gitlab.OutcomeOf(err) >= gitlab.Unknown)
		}
	}
}

// startImpatient is start with a client that waits half a second.
func startImpatient(t *testing.T) (*gitlabsim.Server, *gitlab.Client) {
	t.Helper()
	sim, _ := start(t, gitlabsim.Config{}, web(nil))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	c, err := gitlab.NewClient(gitlab.Config{BaseURL: server.URL, Token: token, Retries: 6, RequestTimeout: time.Second / 2})
	if err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func TestWhetherAFailedRequestMayHaveActed(t *testing.T) {
	t.Parallel()
	const json500 = `{"message":"500 Internal Server Error"}`
	for name, c := range map[string]struct {
		effect gitlabsim.Effect
		acted  bool
	}{
		"a connection that breaks before GitLab acts": {gitlabsim.ResetBefore(), true},
		"a connection that breaks after GitLab acted": {gitlabsim.ResetAfter(), true},
		"a body that is cut off":                      {gitlabsim.CutOff(), true},
		"500":                                         {gitlabsim.JSON(500, json500), true},
		"502 in HTML":                                 {gitlabsim.HTML(502, "<html>"), true},
		"504 from a proxy that did not wait":          {gitlabsim.HTML(504, "<html>"), true},
		"a time-out":                                  {gitlabsim.Delay(time.Minute), true},
		"a web page in place of the success":          {gitlabsim.HTML(200, "<html>"), true},
		"a web page in place of a refusal":            {gitlabsim.HTML(403, "<html>"), false},
		"403":                                         {gitlabsim.JSON(403, `{"message":"403 Forbidden"}`), false},
		"404":                                         {gitlabsim.JSON(404, `{"message":"404 Project Not Found"}`), false},
		"422":                                         {gitlabsim.JSON(422, `{"message":"no"}`), false},
		"429 that asks for an hour":                   {gitlabsim.Status(429, http.Header{"Retry-After": {"3600"}}, "Retry later"), false},
		"a redirect":                                  {gitlabsim.Status(302, http.Header{"Location": {"https://other.example.com/"}}, ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, client := startImpatient(t)
			sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			_, err := client.CreateClientKey(t.Context(), "1")
			if err == nil {
				t.Fatal("got no error")
			}
			if acted := gitlab.OutcomeOf(err) >= gitlab.Unknown; acted != c.acted {
				t.Errorf("%v: may have acted: %t, want %t", err, acted, c.acted)
			}
			if n := len(sim.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
	t.Run("no connection at all", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, "http://127.0.0.1:1").CreateClientKey(t.Context(), "1")
		if err == nil || gitlab.OutcomeOf(err) >= gitlab.Unknown {
			t.Errorf("got error %v", err)
		}
	})
	t.Run("a run that is cancelled", func(t *testing.T) {
		t.Parallel()
		sim, client := start(t, gitlabsim.Config{}, web(nil))
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Delay(time.Minute)})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := client.CreateClientKey(ctx, "1")
		if gitlab.OutcomeOf(err) < gitlab.Unknown {
			t.Errorf("got error %v", err)
		}
	})
}
