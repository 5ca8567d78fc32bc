package acceptance_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestClientKeyLifecycle(t *testing.T) {
	t.Parallel()
	for name, project := range map[string]string{"by id": "1", "by path": "acme/web"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, withIntegrated())
			g.sim.AddClientKey(1) // someone else's
			config := g.config(clientKey(project))
			accept(t,
				resource.TestStep{
					Config:            config,
					ConfigPlanChecks:  keyPlanned(plancheck.ResourceActionCreate),
					ConfigStateChecks: append(g.isLastKey(project), g.wrote(postKey("1"))),
				},
				unchanged(config),
				resource.TestStep{
					ResourceName: keyAddress, ImportState: true, ImportStateId: project + ":2",
					ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "key_id",
				},
				resource.TestStep{
					PreConfig:         func() { g.sim.RemoveClientKey(1, 2) },
					Config:            config,
					ConfigPlanChecks:  keyPlanned(plancheck.ResourceActionCreate),
					ConfigStateChecks: append(g.isLastKey(project), g.wrote(postKey("1"))),
				},
				unchanged(config),
			)
			if err := g.checkWrites(deleteKey("1", 3)); err != nil {
				t.Error("destroy: ", err)
			}
			g.hasKeys(t, 1)
		})
	}
}

func TestAnInactiveClientKeyStays(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	config := g.config(clientKey("acme/web"))
	accept(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { g.sim.DeactivateClientKey(1, 1) },
			Config:           config,
			ConfigPlanChecks: keyPlanned(plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(keyAddress, tfjsonpath.New("active"), knownvalue.Bool(false)),
				g.wrote(postKey("1")),
			},
		},
	)
}

func TestAClientKeyAndTheProjectItIsOf(t *testing.T) {
	t.Parallel()
	other := gitlabsim.Project{ID: 2, Path: "acme/app"}
	t.Run("another name of the same project keeps the key", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		kept := statecheck.CompareValue(compare.ValuesSame())
		check := func() statecheck.StateCheck {
			return kept.AddStateValue(keyAddress, tfjsonpath.New("sentry_dsn"))
		}
		accept(t,
			resource.TestStep{Config: g.config(clientKey("acme/web")), ConfigStateChecks: []statecheck.StateCheck{check(), g.wrote(postKey("1"))}},
			resource.TestStep{
				Config: g.config(clientKey("Acme/Web")), ConfigPlanChecks: keyPlanned(plancheck.ResourceActionNoop),
				ConfigStateChecks: []statecheck.StateCheck{check(), g.wrote()},
			},
			resource.TestStep{
				Config: g.config(clientKey("1")), ConfigPlanChecks: keyPlanned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{check(), g.wrote()},
			},
			resource.TestStep{
				PreConfig: func() { g.sim.MoveProject(1, "acme/site") },
				Config:    g.config(clientKey("acme/site")), ConfigPlanChecks: keyPlanned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{check(), g.wrote()},
			},
			unchanged(g.config(clientKey("acme/site"))),
		)
		g.hasKeys(t)
	})
	t.Run("another project makes a new key and deletes the old one", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated(), other)
		changed := statecheck.CompareValue(compare.ValuesDiffer())
		check := func() statecheck.StateCheck {
			return changed.AddStateValue(keyAddress, tfjsonpath.New("sentry_dsn"))
		}
		accept(t,
			resource.TestStep{Config: g.config(clientKey("acme/web")), ConfigStateChecks: []statecheck.StateCheck{check(), g.wrote(postKey("1"))}},
			resource.TestStep{
				Config: g.config(clientKey("acme/app")), ConfigPlanChecks: keyPlanned(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{check(), g.wrote(deleteKey("1", 1), postKey("2"))},
			},
		)
	})
	t.Run("the key of a renamed project is made and deleted under the old path", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		g.sim.MoveProject(1, "acme/site")
		w := g.newWorkspace(t, g.config(clientKey("acme/web")))
		w.apply().ok().saysNot("Warning")
		g.hasKeys(t, 1)
		w.run("plan", "-detailed-exitcode").ok()
		w.run("destroy", "-auto-approve").ok()
		g.hasKeys(t)
	})
}
