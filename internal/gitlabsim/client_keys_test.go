package gitlabsim_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestClientKeysOfTwoProjectsDiffer(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
	for _, path := range []string{linkedSettings, newSettings} {
		g.ask(t, request{method: "PUT", path: path, body: `{"active":true,"integrated":true}`})
	}
	one, two := g.ClientKeys(linkedID)[0], g.ClientKeys(newID)[0]
	if one.ID == two.ID || one.PublicKey == two.PublicKey {
		t.Errorf("got %+v and %+v", one, two)
	}
}

func TestGitLabMakesAnotherClientKeyIfNoneIsActive(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
	inactive := g.AddClientKey(newID)
	g.DeactivateClientKey(newID, inactive.ID)
	g.ask(t, request{method: "PUT", path: newSettings, body: `{"active":true,"integrated":true}`})
	keys := g.ClientKeys(newID)
	if len(keys) != 2 || keys[0].Active || !keys[1].Active {
		t.Errorf("got %+v", keys)
	}
}

func TestTheCallersClientKeysAreACopy(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
	turnOn := request{method: "PUT", path: newSettings, body: `{"active":true,"integrated":true}`}
	g.ask(t, turnOn)
	before := g.ClientKeys(newID)
	g.ClientKeys(newID)[0].Active = false
	g.ask(t, turnOn)
	if after := g.ClientKeys(newID); !slices.Equal(before, after) {
		t.Errorf("got %+v, then %+v", before, after)
	}
}

func TestAProjectThatDoesNotExistHasNoClientKeys(t *testing.T) {
	t.Parallel()
	if keys := start(t, gitlabsim.Config{}).ClientKeys(9); keys != nil {
		t.Errorf("got %+v", keys)
	}
}

const newKeys = "/projects/2/error_tracking/client_keys"

// showKey is a key of project g/new as GitLab shows it.
func showKey(key gitlabsim.ClientKey) string {
	return fmt.Sprintf(`{"id":%d,"active":%t,"public_key":"%s",`+
		`"sentry_dsn":"http://%[3]s@localhost:8080/errortracking/api/v1/projects/2"}`, key.ID, key.Active, key.PublicKey)
}

func TestAClientKeyIsDeletedOnce(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	key, other := g.AddClientKey(newID), g.AddClientKey(newID)
	remove := request{method: "DELETE", path: fmt.Sprintf("%s/%d", newKeys, key.ID)}
	expectJSON(t, g.ask(t, remove), 200, showKey(key))
	expectJSON(t, g.ask(t, remove), 404, `{"message":"404 Not found"}`)
	if keys := g.ClientKeys(newID); !slices.Equal(keys, []gitlabsim.ClientKey{other}) {
		t.Errorf("GitLab has %+v", keys)
	}
	if third := g.AddClientKey(newID); third.ID <= other.ID {
		t.Errorf("the id %d follows %d", third.ID, other.ID)
	}
}

func TestGitLab143HasClientKeysAndReadAPIListsThem(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Version: "14.3"})
	g.AddToken("reader", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"read_api"}})
	key := g.AddClientKey(newID)
	got := g.ask(t, request{method: "GET", path: newKeys, header: privateToken("reader")})
	expectJSON(t, got, 200, "["+showKey(key)+"]")
}

func TestMissingProjectsAndKeysAreLeftAlone(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	if key := g.AddClientKey(9); key != (gitlabsim.ClientKey{}) {
		t.Errorf("got %+v", key)
	}
	key := g.AddClientKey(newID)
	g.RemoveClientKey(9, key.ID)
	g.DeactivateClientKey(9, key.ID)
	g.DeactivateClientKey(newID, 9)
	if keys := g.ClientKeys(newID); !slices.Equal(keys, []gitlabsim.ClientKey{key}) {
		t.Errorf("GitLab has %+v", keys)
	}
	g.RemoveClientKey(newID, key.ID)
	if keys := g.ClientKeys(newID); len(keys) > 0 {
		t.Errorf("GitLab has %+v", keys)
	}
}

func TestAnEmptyListIsOnePage(t *testing.T) {
	t.Parallel()
	got := start(t, gitlabsim.Config{}).ask(t, request{method: "GET", path: newKeys})
	for name, value := range map[string]string{"X-Page": "1", "X-Next-Page": "", "X-Prev-Page": "", "X-Total": "0", "X-Total-Pages": "1"} {
		expectHeader(t, got, name, value)
	}
}
