package acceptance_test

import (
	"crypto/rand"

	"github.com/zclconf/go-cty/cty"
)

// planData plans a terraform_data, as Terraform's built-in provider does.
func planData(prior, proposed cty.Value) (planned cty.Value, replaces []string) {
	if proposed.IsNull() {
		return proposed, nil
	}
	attributes := proposed.AsValueMap()
	input := attributes["input"]
	switch {
	case prior.IsNull():
		attributes["id"] = cty.UnknownVal(cty.String)
		attributes["output"] = unknownUnlessNull(input)
	case !prior.GetAttr("input").RawEquals(input):
		attributes["output"] = unknownUnlessNull(input)
	}
	if !prior.IsNull() && !prior.GetAttr("triggers_replace").RawEquals(attributes["triggers_replace"]) {
		replaces = append(replaces, "triggers_replace")
	}
	return cty.ObjectVal(attributes), replaces
}

func unknownUnlessNull(input cty.Value) cty.Value {
	if input.IsNull() {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return cty.UnknownVal(input.Type())
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
