package gitlabsim_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestTheIntegratedBackendMakesAClientKey(t *testing.T) {
	t.Parallel()
	const (
		on  = `{"active":true,"integrated":true}`
		off = `{"active":false,"integrated":false}`
	)
	patch := func(body string) request { return request{method: "PATCH", path: newSettings, body: body} }
	put := func(body string) request { return request{method: "PUT", path: newSettings, body: body} }
	for _, test := range []struct {
		name     string
		flagOff  bool
		before   *gitlabsim.Settings
		requests []request
		keys     int
	}{
		{name: "when PUT creates active and integrated settings", requests: []request{put(on)}, keys: 1},
		{name: "when PATCH turns both on", before: unlinked(false, false), requests: []request{patch(on)}, keys: 1},
		{
			name:   "when PATCH turns integrated settings on",
			before: unlinked(false, true), requests: []request{patch(`{"active":true}`)}, keys: 1,
		},
		{
			name:   "when PATCH changes the backend of active settings",
			before: linked(true, false), requests: []request{patch(on)}, keys: 1,
		},
		{
			name: "when the feature flag is off, since both are stored", flagOff: true,
			before: linked(true, false), requests: []request{patch(on)}, keys: 1,
		},
		{name: "only one when it is turned on twice", requests: []request{put(on), put(on)}, keys: 1},
		{name: "only one when it is turned off and on again", requests: []request{put(on), put(off), put(on)}, keys: 1},
		{
			name:   "none when settings are read",
			before: unlinked(true, true), requests: []request{{method: "GET", path: newSettings}},
		},
		{name: "none when they are integrated but inactive", requests: []request{put(`{"active":false,"integrated":true}`)}},
		{
			name:   "none when they are active with Sentry",
			before: linked(false, true), requests: []request{put(`{"active":true,"integrated":false}`)},
		},
		{name: "none when the write is refused with 200", requests: []request{put(`{"active":true,"integrated":false}`)}},
		{name: "none when parameters are wrong", before: unlinked(false, true), requests: []request{patch(`{"integrated":true}`)}},
		{name: "none when there is no record to PATCH", requests: []request{patch(on)}},
		{name: "none when PUT finds the feature flag off", flagOff: true, requests: []request{put(on)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{IntegratedErrorTracking: !test.flagOff})
			g.SetSettings(newID, test.before)
			for _, r := range test.requests {
				g.ask(t, r)
			}
			keys := g.ClientKeys(newID)
			if len(keys) != test.keys {
				t.Fatalf("got %d keys, want %d", len(keys), test.keys)
			}
			for _, key := range keys {
				if !key.Active || !regexp.MustCompile(`^glet_[0-9a-f]{32}$`).MatchString(key.PublicKey) {
					t.Errorf("got the key %+v", key)
				}
			}
			if others := g.ClientKeys(linkedID); len(others) > 0 {
				t.Errorf("another project has %+v", others)
			}
		})
	}
}

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

func TestClientKeysAreListed(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	expectJSON(t, g.ask(t, request{method: "GET", path: newKeys}), 200, `[]`)

	g.AddClientKey(linkedID)
	one, two := g.AddClientKey(newID), g.AddClientKey(newID)
	g.DeactivateClientKey(newID, one.ID)
	one.Active = false
	list := "[" + showKey(one) + "," + showKey(two) + "]"
	for _, project := range []string{"2", "g%2Fnew", "G%2FNEW"} {
		got := g.ask(t, request{method: "GET", path: "/projects/" + project + "/error_tracking/client_keys"})
		expectJSON(t, got, 200, list)
	}
}

func TestAClientKeyIsCreated(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for n := 1; n <= 2; n++ {
		got := g.ask(t, request{method: "POST", path: newKeys})
		keys := g.ClientKeys(newID)
		if len(keys) != n {
			t.Fatalf("GitLab has %+v after %d requests", keys, n)
		}
		expectJSON(t, got, 201, showKey(keys[n-1]))
	}
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

func TestRequestsForClientKeysThatFail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		version string
		token   string
		method  string
		path    string
		status  int
		answer  string
	}{
		{"a developer lists", "", "developer", "GET", newKeys, 403, forbidden},
		{"a developer creates", "", "developer", "POST", newKeys, 403, forbidden},
		{"a developer deletes", "", "developer", "DELETE", newKeys + "/1", 403, forbidden},
		{"a stranger lists", "", "stranger", "GET", newKeys, 404, projectNotFound},
		{"a stranger creates", "", "stranger", "POST", newKeys, 404, projectNotFound},
		{"nobody creates", "", "", "POST", newKeys, 401, unauthorized},
		{"read_api creates", "", "reader", "POST", newKeys, 403, insufficientScope},
		{"read_api deletes", "", "reader", "DELETE", newKeys + "/1", 403, insufficientScope},
		{"the keys of a missing project", "", "maintainer", "GET", "/projects/9/error_tracking/client_keys", 404, projectNotFound},
		{"a key of a missing project", "", "maintainer", "DELETE", "/projects/9/error_tracking/client_keys/1", 404, projectNotFound},
		{"a key of another project is deleted", "", "maintainer", "DELETE", newKeys + "/2", 404, `{"message":"404 Not found"}`},
		{"a word is not a key", "", "maintainer", "DELETE", newKeys + "/one", 404, `{"message":"404 Not found"}`},
		{"one key cannot be read", "", "maintainer", "GET", newKeys + "/1", 404, noSuchRoute},
		{"a key cannot be changed", "", "maintainer", "PATCH", newKeys + "/1", 404, noSuchRoute},
		{"all keys cannot be deleted", "", "maintainer", "DELETE", newKeys, 404, noSuchRoute},
		{"GitLab before 14.3 lists none", "14.2", "maintainer", "GET", newKeys, 404, noSuchRoute},
		{"GitLab before 14.3 creates none", "14.2", "maintainer", "POST", newKeys, 404, noSuchRoute},
		{"GitLab before 14.3 deletes none", "14.2", "maintainer", "DELETE", newKeys + "/1", 404, noSuchRoute},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{Version: test.version})
			g.AddToken("developer", gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}})
			g.AddToken("stranger", gitlabsim.Token{Scopes: []string{"api"}})
			g.AddToken("reader", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"read_api"}})
			mine, others := g.AddClientKey(newID), g.AddClientKey(linkedID)
			got := g.ask(t, request{method: test.method, path: test.path, header: privateToken(test.token)})
			expectJSON(t, got, test.status, test.answer)
			if keys := g.ClientKeys(newID); !slices.Equal(keys, []gitlabsim.ClientKey{mine}) {
				t.Errorf("GitLab has %+v", keys)
			}
			if keys := g.ClientKeys(linkedID); !slices.Equal(keys, []gitlabsim.ClientKey{others}) {
				t.Errorf("another project has %+v", keys)
			}
		})
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

func TestClientKeysOfAMovedProject(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.MoveProject(newID, "acme/renamed")
	const path = "/projects/g%2Fnew/error_tracking/client_keys"
	got := g.ask(t, request{method: "GET", path: path + "?page=2&per_page=100"})
	expectHeader(t, got, "Location", g.url+"/api/v4"+newKeys+"?page=2&per_page=100")
	got = g.ask(t, request{method: "POST", path: path})
	expectJSON(t, got, 405, `{"message":"Non GET methods are not allowed for moved projects"}`)
	if keys := g.ClientKeys(newID); len(keys) > 0 {
		t.Errorf("GitLab has %+v", keys)
	}
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
