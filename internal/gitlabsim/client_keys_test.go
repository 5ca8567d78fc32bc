package gitlabsim_test

import (
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

func TestTheCallersClientKeysAndGitLabsAreTwo(t *testing.T) {
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
