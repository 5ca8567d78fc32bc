package gitlabsim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func linked(active, integrated bool) *gitlabsim.Settings {
	settings := gitlabsim.SentryLink(sentryURL)
	settings.Active, settings.Integrated = active, integrated
	return settings
}

func unlinked(active, integrated bool) *gitlabsim.Settings {
	return &gitlabsim.Settings{Active: active, Integrated: integrated}
}

func shown(active bool, link string, integrated bool) string {
	return fmt.Sprintf(`{"active":%t,%s,"integrated":%t}`, active, link, integrated)
}

// TestSettingsThatAreNotRecorded sends one request to a project whose record is
// before, and looks at the answer and at what GitLab has stored then.
func TestSettingsThatAreNotRecorded(t *testing.T) {
	t.Parallel()
	const noLink = `"project_name":null,"sentry_external_url":null,"api_url":null`
	on := func(version string) gitlabsim.Config {
		return gitlabsim.Config{Version: version, IntegratedErrorTracking: true}
	}
	for name, test := range map[string]struct {
		config      gitlabsim.Config
		before      *gitlabsim.Settings
		asked, want string
		after       *gitlabsim.Settings // nil if nothing changes
	}{

		"a URL that Sentry's API does not have, and no token":         {on(""), &gitlabsim.Settings{APIURL: "https://sentry.io/a/b"}, `PATCH {"active":true}`, `200 {"message":"Error tracking setting token is a required field and Error tracking setting api url is invalid","status":"error"}`, nil},
		"without a link, what is stored validates, not what is shown": {gitlabsim.Config{}, unlinked(false, true), `PATCH {"active":true}`, "200 " + shown(true, noLink, false), unlinked(true, true)},
		"integrated as an empty string counts as not given":           {on(""), linked(false, true), `PATCH {"active":true,"integrated":""}`, "200 " + shown(true, link, true), linked(true, true)},
		"GitLab before 14.2 does not even check integrated":           {on("14.1"), linked(true, false), `PATCH {"active":false,"integrated":"zz"}`, `200 {"active":false,` + link + `}`, linked(false, false)},
		"GitLab 14.2 stores integrated":                               {on("14.2"), linked(true, false), `PATCH {"active":false,"integrated":true}`, "200 " + shown(false, link, true), linked(false, true)},

		"PUT without the feature flag is 404": {gitlabsim.Config{}, nil, `PUT {"active":true,"integrated":true}`, `404 {"message":"404 Not Found"}`, nil},
		"GitLab before 15.10 has no PUT":      {on("15.9"), linked(false, false), `PUT {"active":true,"integrated":true}`, noSuchRoute, nil},
		"GitLab 15.10 is later than 15.9":     {on("15.10"), nil, `PUT {"active":true,"integrated":true}`, "200 " + shown(true, noLink, true), unlinked(true, true)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, test.config)
			g.SetSettings(newID, test.before)
			method, body, _ := strings.Cut(test.asked, " ")
			g.says(t, method+" "+newSettings+" "+body, test.want)
			want := test.after
			if want == nil {
				want = test.before
			}
			if stored, exists := g.Settings(newID); exists != (want != nil) || exists && stored != *want {
				t.Errorf("GitLab has stored %+v, %t, not %+v", stored, exists, want)
			}
		})
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
		g.says(t, "GET "+newSettings, `200 {"active":true,"project_name":`+want+`,…}`)
	}
}

func TestTheWebUIStoresACopyOfSettings(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	mine := linked(true, false)
	g.SetSettings(newID, mine)
	g.AddProject(gitlabsim.Project{ID: 3, Path: "g/third", Settings: mine})
	mine.Active = false
	for _, path := range []string{newSettings, "/projects/3/error_tracking/settings"} {
		g.says(t, "GET "+path, "200 "+shown(true, link, false))
		if g.says(t, "PATCH "+path+` {"active":true,"integrated":true}`, "200 …"); mine.Integrated {
			t.Error("a PATCH has changed the caller's record")
		}
	}
	g.SetSettings(newID, nil)
	g.says(t, "GET "+newSettings, neverConfigured)
	g.SetSettings(9, mine)
	if settings, exists := g.Settings(9); exists {
		t.Errorf("a project that does not exist has %+v", settings)
	}
}

func TestWordsThatCountAsBooleans(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{})
	for active, words := range map[bool][]string{
		true:  {"1", "on", "On", "ON", "t", "T", "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES"},
		false: {"0", "off", "Off", "OFF", "f", "F", "false", "False", "FALSE", "n", "N", "no", "No", "NO"},
	} {
		for _, word := range words {
			g.SetSettings(linkedID, linked(!active, false))
			g.says(t, "PATCH "+linkedSettings+"?active="+word, "200 "+shown(active, link, false))
		}
	}
}
