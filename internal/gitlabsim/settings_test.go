package gitlabsim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	refused = `{"message":"Error tracking setting api url is a required field` +
		` and Error tracking setting token is a required field","status":"error"}`
	neverConfigured = `{"message":"404 Error Tracking Setting Not Found"}`
)

// settingsTest sends one request to a project whose record is before, and
// looks at the answer and at what GitLab has stored then.
type settingsTest struct {
	name    string
	flagOff bool
	version string
	before  *gitlabsim.Settings
	method  string
	body    string
	status  int
	answer  string
	after   *gitlabsim.Settings
}

func (test settingsTest) run(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Version: test.version, IntegratedErrorTracking: !test.flagOff})
	g.SetSettings(newID, test.before)
	got := g.ask(t, request{method: test.method, path: newSettings, body: test.body})
	expectJSON(t, got, test.status, test.answer)
	stored, exists := g.Settings(newID)
	switch {
	case exists != (test.after != nil):
		t.Errorf("GitLab has a record: %t", exists)
	case exists && stored != *test.after:
		t.Errorf("GitLab has stored %+v, not %+v", stored, *test.after)
	}
}

func linked(active, integrated bool) *gitlabsim.Settings {
	settings := gitlabsim.SentryLink(sentryURL)
	settings.Active, settings.Integrated = active, integrated
	return settings
}

func unlinked(active, integrated bool) *gitlabsim.Settings {
	return &gitlabsim.Settings{Active: active, Integrated: integrated}
}

func shown(active bool, strings string, integrated bool) string {
	return fmt.Sprintf(`{"active":%t,%s,"integrated":%t}`, active, strings, integrated)
}

func TestGetSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []settingsTest{
		{
			name:   "a project that never had settings is 404",
			status: 404, answer: neverConfigured,
		},
		{
			name:   "a project name that was entered is not derived from the URL",
			before: &gitlabsim.Settings{APIURL: sentryURL, ProjectName: "Back end, EU"},
			status: 200,
			answer: `{"active":false,"project_name":"Back end, EU",` +
				`"sentry_external_url":"https://sentry.example.com/a/b/",` +
				`"api_url":"https://sentry.example.com/api/0/projects/a/b/","integrated":false}`,
		},
		{
			name: "GitLab before 14.2 has no integrated", version: "14.1",
			before: linked(true, false),
			status: 200, answer: `{"active":true,` + link + `}`,
		},
		{
			name: "GitLab 14.2 has integrated", version: "14.2",
			before: linked(true, false),
			status: 200, answer: shown(true, link, false),
		},
	} {
		test.method, test.after = "GET", test.before
		t.Run(test.name, test.run)
	}
}

func TestAProjectNameIsTheTitleOfTheSentryProject(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for url, want := range map[string]string{
		"https://sentry.io/api/0/projects/acme/web":          `"Web"`,
		"https://sentry.io/api/0/projects/acme/web.app//":    `"Web.App"`,
		"https://sentry.io/api/0/projects/Acme/myWebAPP2":    `"My Web App2"`,
		"https://sentry.io/api/0/projects/acme/HTTPServer-v": `"Http Server V"`,
		"https://sentry.io/api/0/projects/acme/_user_id":     `"User"`,
		"https://sentry.io/api/0/projects/acme":              `null`,
		"https://sentry.io/api/0/projects/acme/web/keys":     `null`,
		"https://sentry.io/root/api/0/projects/acme/web":     `null`,
		"https://sentry.io/%zz":                              `null`,
	} {
		g.SetSettings(newID, gitlabsim.SentryLink(url))
		got := g.ask(t, request{method: "GET", path: newSettings})
		if !strings.Contains(got.body, `"project_name":`+want+`,`) {
			t.Errorf("%s: want %s in %s", url, want, got.body)
		}
	}
}

func TestPatchSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []settingsTest{
		{
			name: "active alone is enough",
			body: `{"active":false}`, before: linked(true, false),
			status: 200, answer: shown(false, link, false), after: linked(false, false),
		},
		{
			name: "a URL that Sentry's API does not have is refused, beside the missing token",
			body: `{"active":true}`, before: &gitlabsim.Settings{APIURL: "https://sentry.io/a/b"},
			status: 200,
			answer: `{"message":"Error tracking setting token is a required field` +
				` and Error tracking setting api url is invalid","status":"error"}`,
			after: &gitlabsim.Settings{APIURL: "https://sentry.io/a/b"},
		},
		{
			name: "a record without a link validates by what is stored, not by what is shown", flagOff: true,
			body: `{"active":true}`, before: unlinked(false, true),
			status: 200, answer: shown(true, noLink, false), after: unlinked(true, true),
		},
		{
			name: "integrated as an empty string counts as not given",
			body: `{"active":true,"integrated":""}`, before: linked(false, true),
			status: 200, answer: shown(true, link, true), after: linked(true, true),
		},
		{
			name: "GitLab before 14.2 does not even check integrated", version: "14.1",
			body: `{"active":false,"integrated":"zz"}`, before: linked(true, false),
			status: 200, answer: `{"active":false,` + link + `}`, after: linked(false, false),
		},
		{
			name: "GitLab 14.2 stores integrated", version: "14.2",
			body: `{"active":false,"integrated":true}`, before: linked(true, false),
			status: 200, answer: shown(false, link, true), after: linked(false, true),
		},
	} {
		test.method = "PATCH"
		t.Run(test.name, test.run)
	}
}

func TestPutSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []settingsTest{
		{
			name:   "an inactive record can be created too",
			body:   `{"active":false,"integrated":false}`,
			status: 200, answer: shown(false, noLink, false), after: unlinked(false, false),
		},
		{
			name: "the feature flag off is 404 if there is none", flagOff: true,
			body:   `{"active":true,"integrated":true}`,
			status: 404, answer: `{"message":"404 Not Found"}`,
		},
		{
			name: "GitLab before 15.10 has no PUT", version: "15.9",
			body: `{"active":true,"integrated":true}`, before: linked(false, false),
			status: 404, answer: noSuchRoute, after: linked(false, false),
		},
		{
			name: "GitLab 15.10 is later than 15.9", version: "15.10",
			body:   `{"active":true,"integrated":true}`,
			status: 200, answer: shown(true, noLink, true), after: unlinked(true, true),
		},
	} {
		test.method = "PUT"
		t.Run(test.name, test.run)
	}
}

func TestTheFeatureFlagCanBeSwitched(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	g.SetSettings(newID, unlinked(true, true))
	for _, on := range []bool{false, true, false} {
		g.SetIntegratedErrorTracking(on)
		got := g.ask(t, request{method: "GET", path: newSettings})
		expectJSON(t, got, 200, shown(true, noLink, on))
	}
}

func TestTheWebUIStoresSettings(t *testing.T) {
	t.Parallel()

	t.Run("a click replaces the record", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		g.SetSettings(linkedID, linked(false, false))
		expectJSON(t, g.ask(t, request{method: "GET", path: linkedSettings}), 200, shown(false, link, false))
	})
	t.Run("nil removes the record", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		g.SetSettings(linkedID, nil)
		expectJSON(t, g.ask(t, request{method: "GET", path: linkedSettings}), 404, neverConfigured)
	})
	t.Run("the caller's record is a copy", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		mine := linked(true, false)
		g.SetSettings(newID, mine)
		g.AddProject(gitlabsim.Project{ID: 3, Path: "g/third", Settings: mine})
		mine.Active = false
		expectJSON(t, g.ask(t, request{method: "GET", path: newSettings}), 200, shown(true, link, false))
		expectJSON(t, g.ask(t, request{method: "GET", path: "/projects/3/error_tracking/settings"}), 200, shown(true, link, false))
		g.ask(t, request{method: "PATCH", path: newSettings, body: `{"active":true,"integrated":true}`})
		if mine.Integrated {
			t.Error("a PATCH has changed the caller's record")
		}
	})
	t.Run("a project that does not exist has none", func(t *testing.T) {
		t.Parallel()
		g := start(t, gitlabsim.Config{})
		g.SetSettings(9, linked(true, false))
		if settings, exists := g.Settings(9); exists {
			t.Errorf("got %+v", settings)
		}
		expectJSON(t, g.ask(t, request{method: "GET", path: "/projects/9/error_tracking/settings"}), 404,
			`{"message":"404 Project Not Found"}`)
	})
}

func TestWordsThatCountAsBooleans(t *testing.T) {
	t.Parallel()
	for active, words := range map[bool][]string{
		true:  {"1", "on", "On", "ON", "t", "T", "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES"},
		false: {"0", "off", "Off", "OFF", "f", "F", "false", "False", "FALSE", "n", "N", "no", "No", "NO"},
	} {
		t.Run(fmt.Sprintf("for %t", active), func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			for _, word := range words {
				g.SetSettings(linkedID, linked(!active, false))
				got := g.ask(t, request{method: "PATCH", path: linkedSettings + "?active=" + word})
				expectJSON(t, got, 200, shown(active, link, false))
			}
		})
	}
}
