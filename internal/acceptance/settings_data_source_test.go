package acceptance_test

import (
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

func TestSettingsDataSourceErrors(t *testing.T) {
	t.Parallel()
	g, w := begun(t, dataSource("acme/nothing"), withSentry())
	w.run("plan").fails().says("Cannot read", "acme/nothing", "no such project")
	w.write(g.block(developerToken) + dataSource("acme/web"))
	w.run("plan").fails().says("Cannot read", "acme/web", "Maintainer")
}
