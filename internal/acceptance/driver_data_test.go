package acceptance_test

import (
	"crypto/rand"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// dataAttributes are those of a terraform_data.
var dataAttributes = []*tfprotov6.SchemaAttribute{
	{Name: "id", Type: tftypes.String, Computed: true}, {Name: "input", Type: tftypes.DynamicPseudoType},
	{Name: "output", Type: tftypes.DynamicPseudoType, Computed: true}, {Name: "triggers_replace", Type: tftypes.DynamicPseudoType},
}

// planData plans a terraform_data, as Terraform's built-in provider does.
func planData(prior, proposed cty.Value) cty.Value {
	if proposed.IsNull() {
		return proposed
	}
	attributes := proposed.AsValueMap()
	if prior.IsNull() {
		attributes["id"] = cty.UnknownVal(cty.String)
	}
	if input := attributes["input"]; input.IsNull() {
		attributes["output"] = input
	} else if prior.IsNull() || !prior.GetAttr("input").RawEquals(input) {
		attributes["output"] = cty.UnknownVal(input.Type())
	}
	return cty.ObjectVal(attributes)
}

// applyData stores the input.
func applyData(planned cty.Value) cty.Value {
	if planned.IsNull() {
		return planned
	}
	attributes := planned.AsValueMap()
	if !attributes["id"].IsKnown() {
		attributes["id"] = cty.StringVal(rand.Text())
	}
	attributes["output"] = attributes["input"]
	return cty.ObjectVal(attributes)
}
