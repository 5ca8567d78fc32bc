package acceptance_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// bug is how Terraform ends each message that blames the provider. A command
// that says so fails the test.
const bug = "This is a bug in the provider, which should be reported in the provider's own issue tracker."

// proposedNew merges configuration and prior state: what is computed and not
// configured stays as it was.
func proposedNew(k *kind, prior, config cty.Value) cty.Value {
	values := config.AsValueMap()
	for name, value := range values {
		if k.computed(name) && value.IsNull() && !prior.IsNull() {
			values[name] = prior.GetAttr(name)
		}
	}
	return cty.ObjectVal(values)
}

// ignoring replaces what a block ignores by what there was.
func ignoring(b *block, prior, config cty.Value) cty.Value {
	if prior.IsNull() || b.ignored == nil {
		return config
	}
	values := config.AsValueMap()
	for name := range values {
		if slices.Contains(b.ignored, name) || slices.Contains(b.ignored, "all") {
			values[name] = prior.GetAttr(name)
		}
	}
	return cty.ObjectVal(values)
}

// validPlan says what is wrong with a plan: configured values must be planned
// as they are, or as they were; others only if the provider computes them.
func validPlan(k *kind, prior, config, planned cty.Value) (wrong []string) {
	if planned.IsNull() {
		return []string{"the planned object is null"}
	}
	for name := range k.object.AttributeTypes() {
		p, c := planned.GetAttr(name), config.GetAttr(name)
		was := !prior.IsNull() && !c.IsNull() && p.RawEquals(prior.GetAttr(name))
		free := c.IsNull() && k.computed(name)
		if !p.RawEquals(c) && !was && !free {
			wrong = append(wrong, fmt.Sprintf("%s: planned value %#v for a configured value %#v", name, p, c))
		}
	}
	return wrong
}

// consistent says where a value contradicts what was planned for it: all that
// was known must be as planned.
func consistent(at string, planned, actual cty.Value) (wrong []string) {
	switch {
	case !planned.IsKnown():
	case !actual.IsKnown():
		wrong = []string{at + ": was known, but is unknown now"}
	case planned.IsNull() != actual.IsNull():
		wrong = []string{fmt.Sprintf("%s: was %#v, but now %#v", at, planned, actual)}
	case planned.IsNull():
	case planned.Type().IsObjectType() || planned.Type().IsMapType():
		p, a := planned.AsValueMap(), actual.AsValueMap()
		for _, key := range slices.Sorted(maps.Keys(p)) {
			if _, ok := a[key]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s: element %q has vanished", at, key))
				continue
			}
			wrong = append(wrong, consistent(at+"."+key, p[key], a[key])...)
		}
		for _, key := range slices.Sorted(maps.Keys(a)) {
			if _, ok := p[key]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s: new element %q has appeared", at, key))
			}
		}
	case planned.Type().IsListType() || planned.Type().IsTupleType():
		p, a := planned.AsValueSlice(), actual.AsValueSlice()
		if len(p) != len(a) {
			return []string{fmt.Sprintf("%s: had %d elements, but has now %d", at, len(p), len(a))}
		}
		for i := range p {
			wrong = append(wrong, consistent(fmt.Sprintf("%s[%d]", at, i), p[i], a[i])...)
		}
	case planned.Type().IsSetType() && !planned.IsWhollyKnown():
		if planned.LengthInt() < actual.LengthInt() {
			wrong = []string{at + ": has more elements than were planned"}
		}
	case !planned.RawEquals(actual):
		wrong = []string{fmt.Sprintf("%s: was %#v, but now %#v", at, planned, actual)}
	}
	return wrong
}

// differing returns which of the attributes differ, or may do so.
func differing(names []string, prior, planned cty.Value) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return prior.IsNull() || planned.IsNull() || prior.GetAttr(name).RawEquals(planned.GetAttr(name))
	})
}

// sameIdentity says whether an identity changed, which it never must.
func sameIdentity(before, after *object) bool {
	return before == nil || before.identity == cty.NilVal || after.identity == cty.NilVal || before.value.IsNull() ||
		!before.identity.IsWhollyKnown() || before.identity.IsNull() || before.identity.RawEquals(after.identity)
}
