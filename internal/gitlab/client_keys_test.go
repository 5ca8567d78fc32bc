package gitlab_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

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

// startWithKeys is start with one project that has n keys.
func startWithKeys(t *testing.T, n int) (*gitlabsim.Server, *gitlab.Client) {
	t.Helper()
	sim, c := start(t, gitlabsim.Config{}, web(nil))
	for range n {
		sim.AddClientKey(1)
	}
	return sim, c
}

func TestAKeyIsMadeAndDeleted(t *testing.T) {
	t.Parallel()
	_, c := start(t, gitlabsim.Config{}, web(nil))
	made, err := c.CreateClientKey(t.Context(), "acme/web")
	if err != nil || !made.Active || !strings.HasSuffix(made.SentryDSN, "/errortracking/api/v1/projects/1") {
		t.Errorf("got %+v, %v", made, err)
	}
	if keys, err := listKeys(t, c, "1"); err != nil || !slices.Equal(keys, []gitlab.ClientKey{made}) {
		t.Errorf("got %+v, %v, want %+v", keys, err, made)
	}
	for _, want := range []error{nil, gitlab.ErrClientKeyNotFound} {
		if err := c.DeleteClientKey(t.Context(), "acme/web", made.ID); !errors.Is(err, want) {
			t.Errorf("got error %v, want %v", err, want)
		}
	}
}

func TestAKeyIsLookedForInTheList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		keys     int
		id       int64
		requests int
		err      error
	}{
		"one on the first page needs no second": {150, 100, 1, nil},
		"one on the second page":                {150, 150, 2, nil},
		"a missing one is looked for twice":     {150, 151, 4, gitlab.ErrClientKeyNotFound},
		"on one full page, too":                 {100, 101, 2, gitlab.ErrClientKeyNotFound},
		"but once if the page is not full":      {99, 100, 1, gitlab.ErrClientKeyNotFound},
		"and once if there is none":             {0, 1, 1, gitlab.ErrClientKeyNotFound},
	} {
		sim, client := startWithKeys(t, c.keys)
		key, err := client.GetClientKey(t.Context(), "1", c.id)
		if !errors.Is(err, c.err) || err == nil && key.ID != c.id || len(sim.Requests()) != c.requests {
			t.Errorf("%s: got %+v, %v in %d requests", name, key, err, len(sim.Requests()))
		}
	}
	// One moves up to a page that was read already.
	sim, client := startWithKeys(t, 150)
	sim.AddFault(gitlabsim.Fault{Times: 1, Effect: gitlabsim.Then(func() { sim.RemoveClientKey(1, 1) })})
	if key, err := client.GetClientKey(t.Context(), "1", 101); err != nil || key.ID != 101 {
		t.Errorf("got %+v, %v", key, err)
	}
}

// withoutHeader is a proxy that drops X-Next-Page.
func withoutHeader(w http.ResponseWriter, _ *http.Request, answer func() gitlabsim.Answer) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer().Body)
}

func TestAllPagesAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ keys, pages, withoutHeader int }{{0, 1, 1}, {1, 1, 1}, {99, 1, 1}, {100, 1, 2}, {101, 2, 2}, {205, 3, 3}} {
		sim, client := startWithKeys(t, c.keys)
		for _, pages := range []int{c.pages, c.withoutHeader} {
			before := len(sim.Requests())
			keys, err := listKeys(t, client, "1")
			if err != nil || len(keys) != c.keys || c.keys > 0 && keys[c.keys-1].ID != int64(c.keys) {
				t.Errorf("got %d keys, want %d: %v", len(keys), c.keys, err)
			}
			asked := sim.Requests()[before:]
			last := fmt.Sprintf("GET /projects/1/error_tracking/client_keys?page=%d&per_page=100", pages)
			if len(asked) != pages || asked[pages-1].String() != last {
				t.Errorf("%d keys: got the requests %v, want the last to be %s", c.keys, asked, last)
			}
			sim.AddFault(gitlabsim.Fault{Effect: withoutHeader})
		}
	}
}

func TestPagesAreReadOnDemandUpToAnError(t *testing.T) {
	t.Parallel()
	sim, c := startWithKeys(t, 250)
	for key, err := range c.ClientKeys(t.Context(), "1") {
		if err != nil || key.ID == 100 {
			break
		}
	}
	if n := len(sim.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	sim.AddFault(gitlabsim.Fault{After: 1, Effect: gitlabsim.JSON(http.StatusInternalServerError, `{}`)})
	if keys, err := listKeys(t, c, "1"); !errors.Is(err, gitlab.ErrServer) || len(keys) != 100 {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
}

func TestANextPageThatCannotBeIsAnError(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"1", "0", "two", "99999999999999999999"} {
		sim, client := start(t, gitlabsim.Config{}, web(nil))
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Status(http.StatusOK,
			http.Header{"Content-Type": {"application/json"}, "X-Next-Page": {next}}, `[{"id":1,"public_key":"glet_1"}]`)})
		if keys, err := listKeys(t, client, "1"); !errors.Is(err, gitlab.ErrNotGitLab) || len(keys) > 0 {
			t.Errorf("%s: got %+v, %v", next, keys, err)
		}
	}
}
