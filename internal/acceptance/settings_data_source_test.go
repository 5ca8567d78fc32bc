package acceptance_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestSettingsDataSource(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		project gitlabsim.Project
		want    map[string]knownvalue.Check
	}{
		"a Sentry link": {withSentry(), map[string]knownvalue.Check{
			"active": knownvalue.Bool(true), "integrated": knownvalue.Bool(false),
			"project_name":        knownvalue.StringExact("Web"),
			"sentry_external_url": knownvalue.StringExact("https://sentry.example.com/acme/web/"),
			"api_url":             knownvalue.StringExact(sentryURL),
		}},
		"the integrated backend has nulls": {withIntegrated(), map[string]knownvalue.Check{
			"active": knownvalue.Bool(true), "integrated": knownvalue.Bool(true),
			"project_name": knownvalue.Null(), "sentry_external_url": knownvalue.Null(), "api_url": knownvalue.Null(),
		}},
		"never configured reads as inactive": {neverConfigured(), map[string]knownvalue.Check{
			"active": knownvalue.Bool(false), "integrated": knownvalue.Bool(false),
			"project_name": knownvalue.Null(), "sentry_external_url": knownvalue.Null(), "api_url": knownvalue.Null(),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, c.project)
			var checks []statecheck.StateCheck
			for attribute, want := range c.want {
				checks = append(checks, statecheck.ExpectKnownValue("data.errortracking_settings.test", tfjsonpath.New(attribute), want))
			}
			accept(t, resource.TestStep{Config: g.config(dataSource("acme/web")), ConfigStateChecks: checks})
		})
	}
}

func TestSettingsDataSourceErrors(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	for name, c := range map[string]struct {
		config string
		says   []string
	}{
		"project not found": {g.config(dataSource("acme/nothing")), []string{"Cannot read", "acme/nothing", "no such project"}},
		"forbidden":         {g.block(developerToken) + dataSource("acme/web"), []string{"Cannot read", "acme/web", "Maintainer"}},
	} {
		t.Run(name, func(t *testing.T) {
			accept(t, resource.TestStep{Config: c.config, ExpectError: words(c.says...)})
		})
	}
}
