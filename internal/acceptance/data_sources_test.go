package acceptance_test

import (
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestSettingsDataSource(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		project gitlabsim.Project
		want    map[string]any
	}{
		"a Sentry link": {withSentry(), map[string]any{
			"active": true, "integrated": false, "project_name": "Web",
			"sentry_external_url": "https://sentry.example.com/acme/web/", "api_url": sentryURL,
		}},
		"the integrated backend has nulls": {withIntegrated(), map[string]any{
			"active": true, "integrated": true, "project_name": nil, "sentry_external_url": nil, "api_url": nil,
		}},
		"never configured reads as inactive": {neverConfigured(), map[string]any{
			"active": false, "integrated": false, "project_name": nil, "sentry_external_url": nil, "api_url": nil,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, w := applied(t, dataSource("acme/web"), c.project)
			w.holds("data."+address, c.want)
		})
	}
}

func TestClientKeysDataSource(t *testing.T) {
	t.Parallel()
	g, w := applied(t, clientKeys("acme/web"), neverConfigured())
	w.holds(keysAddress, map[string]any{"client_keys": []any{}, "project": "acme/web"})
	for range 101 { // one more than fit on a page
		g.sim.AddClientKey(1)
	}
	g.sim.DeactivateClientKey(1, 2)
	keys := []any{}
	for _, key := range g.sim.ClientKeys(1) {
		keys = append(keys, map[string]any{
			"key_id": key.ID, "active": key.ID != 2, "public_key": key.PublicKey,
			"sentry_dsn": "http://" + key.PublicKey + "@localhost:8080/errortracking/api/v1/projects/1",
		})
	}
	w.apply().ok().saysNot("glet_").asked(listKeys("acme/web"), strings.Replace(listKeys("acme/web"), "page=1", "page=2", 1))
	w.holds(keysAddress, map[string]any{"client_keys": keys})
	w.run("show").ok().saysNot("glet_")
}

func TestDataSourcesOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	old := newGitLabAs(t, gitlabsim.Config{Version: "14.2"}, withIntegrated())
	for name, c := range map[string]struct {
		config string
		says   []string
	}{
		"settings of a project that is not there": {g.config(dataSource("acme/nothing")), []string{"Cannot read", "acme/nothing", "no such project"}},
		"settings, for a developer":               {g.block(developerToken) + dataSource("acme/web"), []string{"Cannot read", "acme/web", "Maintainer"}},
		"keys of a project that is not there":     {g.config(clientKeys("acme/nothing")), []string{"Cannot read the client keys of", "acme/nothing", "no such project"}},
		"keys, for a developer":                   {g.block(developerToken) + clientKeys("acme/web"), []string{"Cannot read the client keys of", "acme/web", "Maintainer"}},
		"keys of a GitLab before 14.3":            {old.config(clientKeys("acme/web")), []string{"Cannot read the client keys of", "acme/web", "14.3"}},
		"keys of a bad project":                   {g.config(clientKeys("/acme/web")), []string{"Invalid project", `"acme/web"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g.newWorkspace(t, c.config).run("plan").fails().says(c.says...)
		})
	}
}
