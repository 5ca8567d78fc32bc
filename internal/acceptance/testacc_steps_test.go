//go:build testacc

package acceptance_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

// factories returns the provider, served from within the test.
func factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"errortracking": func() (tfprotov6.ProviderServer, error) { return provider.NewServer("test"), nil },
	}
}

// accept runs steps with the provider in this process.
func accept(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: steps})
}

// planned checks that the plan does this to the resource "test".
func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// unchanged is a step whose plan must do nothing; PlanOnly sees to that.
func unchanged(config string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true}
}

func isBool(attribute string, want bool) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.Bool(want))
}

// words matches the phrases in this order, wherever Terraform breaks lines.
func words(phrases ...string) *regexp.Regexp {
	parts := make([]string, len(phrases))
	for i, phrase := range phrases {
		fields := strings.Fields(phrase)
		for j, field := range fields {
			fields[j] = regexp.QuoteMeta(field)
		}
		parts[i] = strings.Join(fields, `[\s│]+`)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(parts, ".*"))
}
