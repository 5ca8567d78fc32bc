package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestSettingsLifecycle(t *testing.T) {
	t.Parallel()
	for name, project := range map[string]string{"by id": "1", "by path": "acme/sub/web"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, gitlabsim.Project{ID: 1, Path: "acme/sub/web", Settings: gitlabsim.SentryLink(sentryURL)})
			on := g.config(settings(project, "active = true"))
			off := g.config(settings(project, "active = false", "integrated = false", `on_destroy = "disable"`))
			accept(t,
				resource.TestStep{
					Config:           on,
					ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
					ConfigStateChecks: []statecheck.StateCheck{
						g.wrote(patch("1", bodyOn)), isString("project", project), isNumber("project_id", 1),
						isBool("active", true), isBool("integrated", false), isString("on_destroy", "keep"),
					},
				},
				unchanged(on),
				resource.TestStep{
					PreConfig:         func() { g.sim.SetSettings(1, &gitlabsim.Settings{APIURL: sentryURL, Token: "t"}) },
					Config:            on,
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{g.wrote(patch("1", `{"active":true}`)), isBool("active", true)},
				},
				resource.TestStep{
					ResourceName: address, ImportState: true, ImportStateId: project,
					ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "project",
				},
				resource.TestStep{
					Config:            off,
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{g.wrote(patch("1", `{"active":false,"integrated":false}`)), isBool("active", false)},
				},
				unchanged(off),
			)
			if err := g.checkWrites(patch("1", `{"active":false}`)); err != nil {
				t.Error("destroy: ", err)
			}
		})
	}
}

func TestSettingsOfAProjectNeverConfigured(t *testing.T) {
	t.Parallel()
	t.Run("inactive is stable and creates no record", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		config := g.config(settings("acme/web", "active = false"))
		accept(t,
			resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				g.wrote(patch("1", `{"active":false}`)), isBool("active", false), isBool("integrated", false),
			}},
			unchanged(config),
		)
		if _, ok := g.sim.Settings(1); ok {
			t.Error("GitLab has a record of settings, want none")
		}
	})
	t.Run("active alone fails at plan and names both ways out", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		accept(t, resource.TestStep{
			Config: g.config(settings("acme/web", "active = true")), PlanOnly: true,
			ExpectError: words("acme/web cannot be turned on", "Settings > Monitor > Error Tracking", "integrated = true"),
		})
		if err := g.checkWrites(); err != nil {
			t.Error(err)
		}
	})
	t.Run("active with integrated = false fails at plan", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		accept(t, resource.TestStep{
			Config: g.config(settings("acme/web", "active = true", "integrated = false")), PlanOnly: true,
			ExpectError: words("cannot be turned on"),
		})
	})
	t.Run("turning on an inactive project fails at plan", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		accept(t,
			resource.TestStep{Config: g.config(settings("acme/web", "active = false"))},
			resource.TestStep{
				Config: g.config(settings("acme/web", "active = true")), PlanOnly: true,
				ExpectError: words("cannot be turned on", "integrated = true"),
			},
		)
	})
	t.Run("the integrated backend is created by PUT", func(t *testing.T) {
		t.Parallel()
		for name, active := range map[string]string{"active": "true", "inactive": "false"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g := newGitLab(t, neverConfigured())
				config := g.config(settings("acme/web", "active = "+active, "integrated = true"))
				body := `{"active":` + active + `,"integrated":true}`
				accept(t,
					resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
						g.wrote(patch("1", body), put("1", body)),
						isBool("active", active == "true"), isBool("integrated", true),
					}},
					unchanged(config),
				)
			})
		}
	})
	t.Run("a record that vanishes is created again by the next apply", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, neverConfigured())
		config := g.config(settings("acme/web", "active = true", "integrated = true"))
		body := `{"active":true,"integrated":true}`
		accept(t,
			resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{g.wrote(patch("1", body), put("1", body))}},
			resource.TestStep{
				PreConfig:         func() { g.sim.SetSettings(1, nil) },
				Config:            config,
				ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{g.wrote(patch("1", body), put("1", body))},
			},
		)
	})
}

func TestSettingsWhereGitLabCannotCreateARecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config        gitlabsim.Config
		says, saysNot string
	}{
		"the feature flag is off":     {gitlabsim.Config{}, ofTheFlag, "15.10"},
		"GitLab is older than 15.10":  {gitlabsim.Config{Version: "15.9", IntegratedErrorTracking: true}, "15.10", ofTheFlag},
		"both, as before GitLab 14.2": {gitlabsim.Config{Version: "14.1"}, "15.10", ofTheFlag},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLabAs(t, c.config, neverConfigured())
			w := g.newWorkspace(t, g.config(settings("acme/web", "active = true", "integrated = true")))
			w.apply().fails().says("Cannot turn on the integrated backend of acme/web", c.says).saysNot(c.saysNot)
		})
	}
}

func TestSettingsWhileTheFeatureFlagIsOff(t *testing.T) {
	t.Parallel()
	t.Run("a project with a Sentry link is managed without trouble", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
		on := g.config(settings("acme/web", "active = true", "integrated = false"))
		off := g.config(settings("acme/web", "active = false"))
		accept(t,
			resource.TestStep{Config: on, ConfigStateChecks: []statecheck.StateCheck{isBool("active", true), isBool("integrated", false)}},
			unchanged(on),
			resource.TestStep{Config: off, ConfigStateChecks: []statecheck.StateCheck{isBool("active", false)}},
			unchanged(off),
		)
	})
	t.Run("creating with integrated = true is an error without a state", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
		config := g.config(settings("acme/web", "active = true", "integrated = true"))
		accept(t,
			resource.TestStep{Config: config, ExpectError: words("acme/web", "integrated_error_tracking")},
			resource.TestStep{
				PreConfig:        func() { g.sim.SetIntegratedErrorTracking(true) },
				Config:           config,
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				ConfigStateChecks: []statecheck.StateCheck{
					g.wrote(patch("1", `{"active":true,"integrated":true}`), patch("1", `{"active":true,"integrated":true}`)),
					isBool("integrated", true),
				},
			},
		)
	})
	t.Run("changing to integrated = true is an error and the state is GitLab's", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{}, withSentry())
		accept(t,
			resource.TestStep{Config: g.config(settings("acme/web", "active = false"))},
			resource.TestStep{
				Config:      g.config(settings("acme/web", "active = true", "integrated = true")),
				ExpectError: words("acme/web", "integrated_error_tracking"),
			},
			resource.TestStep{
				// What GitLab took is in state: nothing is left to change.
				Config:            g.config(settings("acme/web", "active = true", "integrated = false")),
				ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{isBool("active", true), isBool("integrated", false)},
			},
		)
	})
	t.Run("GitLab before 14.2 has no integrated", func(t *testing.T) {
		t.Parallel()
		g := newGitLabAs(t, gitlabsim.Config{Version: "14.1"}, withSentry())
		plain := g.config(settings("acme/web", "active = true"))
		accept(t,
			resource.TestStep{Config: plain, ConfigStateChecks: []statecheck.StateCheck{isBool("integrated", false)}},
			unchanged(plain),
			resource.TestStep{
				Config:      g.config(settings("acme/web", "active = true", "integrated = true")),
				ExpectError: words("acme/web", "14.2"),
			},
		)
	})
}

func TestSettingsRefusedWithStatus200(t *testing.T) {
	t.Parallel()
	refusal := words("acme/web", "Error tracking setting api url is a required field")
	t.Run("on create nothing enters the state", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		accept(t,
			resource.TestStep{
				Config:      g.config(settings("acme/web", "active = true", "integrated = false")),
				ExpectError: refusal,
			},
			resource.TestStep{
				Config:           g.config(settings("acme/web", "active = true", "integrated = true")),
				ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			},
		)
	})
	t.Run("on update the state does not claim the change", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		before := g.config(settings("acme/web", "active = true", "integrated = true"))
		accept(t,
			resource.TestStep{Config: before},
			resource.TestStep{
				Config:      g.config(settings("acme/web", "active = true", "integrated = false")),
				ExpectError: refusal,
			},
			unchanged(before),
		)
	})
	t.Run("http_status forbidden is a refusal, too", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Times: 1, Effect: gitlabsim.JSON(http.StatusOK,
			`{"message":"You may not","status":"error","http_status":"forbidden"}`)})
		accept(t, resource.TestStep{
			Config:      g.config(settings("acme/web", "active = false")),
			ExpectError: words("acme/web", "You may not"),
		})
	})
}

func TestSettingsUnmanagedIntegratedFollowsGitLab(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	config := g.config(settings("acme/web", "active = true"))
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	accept(t,
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownValue(address, tfjsonpath.New("integrated")),
		}}, ConfigStateChecks: []statecheck.StateCheck{isBool("integrated", false)}},
		resource.TestStep{
			PreConfig:         func() { g.sim.SetSettings(1, linked) },
			Config:            config,
			ConfigPlanChecks:  planned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{g.wrote(patch("1", `{"active":true}`)), isBool("integrated", true)},
		},
		resource.TestStep{
			// An update of active neither changes nor sends integrated.
			Config: g.config(settings("acme/web", "active = false")),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("integrated"), knownvalue.Bool(true)),
			}},
			ConfigStateChecks: []statecheck.StateCheck{g.wrote(patch("1", `{"active":false}`)), isBool("integrated", true)},
		},
	)
}

func TestSettingsIgnoreChanges(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	ignoring := func(active string) string {
		return g.config(settings("acme/web", "active = "+active, "integrated = false", "lifecycle { ignore_changes = [integrated] }"))
	}
	linked := gitlabsim.SentryLink(sentryURL)
	linked.Integrated = true
	accept(t,
		resource.TestStep{Config: ignoring("true")},
		resource.TestStep{
			PreConfig:        func() { g.sim.SetSettings(1, linked) },
			Config:           ignoring("true"),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			PreConfig: func() { g.sim.Forget() },
			Config:    ignoring("false"),
			// The value that is sent is GitLab's own, not the ignored one.
			ConfigStateChecks: []statecheck.StateCheck{
				g.wrote(patch("1", `{"active":false,"integrated":true}`)), isBool("integrated", true),
			},
		},
	)
}
