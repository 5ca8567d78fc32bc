package acceptance_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

// TestTheLifeOfEachResource takes each through HashiCorp's test framework, which
// wants an empty plan after each step and compares what an import reads.
func TestTheLifeOfEachResource(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry(), gitlabsim.Project{ID: 2, Path: "acme/api"}, gitlabsim.Project{ID: 3, Path: "acme/app/web", Settings: turnedOff()})
	updates := func(address string) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
	}
	holds := func(address, attribute string, value knownvalue.Check) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)}
	}

	on, all := g.config(settings("acme/web", "active = true")), g.config(groupSettings("acme/app", "active = true"))
	for name, steps := range map[string][]resource.TestStep{
		"settings": {
			{Config: on, ConfigStateChecks: holds(address, "project_id", knownvalue.Int64Exact(1))},
			{
				ResourceName: address, ImportState: true, ImportStateId: "acme/web",
				ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "project", ImportStateVerifyIgnore: []string{"original"},
			},
			{Config: on, PreConfig: func() { g.sim.SetSettings(1, turnedOff()) }, ConfigPlanChecks: updates(address)},
			{Config: g.config(settings("1", "active = true")), ConfigPlanChecks: updates(address)},
		},
		"client key": {
			{Config: g.config(clientKey("2")), ConfigStateChecks: holds(keyAddress, "active", knownvalue.Bool(true))},
			{ResourceName: keyAddress, ImportState: true, ImportStateId: "2:1", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "key_id"},
		},
		"settings of a group": {
			{Config: all, ConfigStateChecks: holds(groupResource, "projects", knownvalue.MapSizeExact(1))},
			{Config: all, PreConfig: func() { g.sim.SetSettings(3, turnedOff()) }, ConfigPlanChecks: updates(groupResource)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
					"errortracking": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test"), nil },
				},
				Steps: steps,
			})
		})
	}
}
