package acceptance_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// proposedNew merges configuration and prior state: what is computed and not
// configured stays as it was.
func proposedNew(k *kind, prior, config cty.Value) cty.Value {
	return replaced(prior, config, func(name string, value cty.Value) bool { return k.computed[name] && value.IsNull() })
}

// ignoring replaces what a block ignores by what there was.
func ignoring(b *block, prior, config cty.Value) cty.Value {
	if b.Lifecycle == nil {
		return config
	}
	ignored, _ := hcl.ExprList(b.Lifecycle.IgnoreChanges)
	return replaced(prior, config, func(name string, _ cty.Value) bool {
		return slices.ContainsFunc(ignored, func(e hcl.Expression) bool { return hcl.ExprAsKeyword(e) == name })
	})
}

// replaced takes these attributes of a configuration from what there was.
func replaced(prior, config cty.Value, which func(name string, value cty.Value) bool) cty.Value {
	if prior.IsNull() || config.IsNull() {
		return config
	}
	values := config.AsValueMap()
	for name, value := range values {
		if which(name, value) {
			values[name] = prior.GetAttr(name)
		}
	}
	return cty.ObjectVal(values)
}

// validPlan says what is wrong with a plan: configured values must be planned
// as they are, or as they were; others only if the provider computes them.
func validPlan(k *kind, prior, config, planned cty.Value) (wrong []string) {
	if planned.IsNull() != config.IsNull() {
		return []string{"a planned object is null, or a planned destroy leaves something"}
	}
	if planned.IsNull() {
		return nil
	}
	for name := range k.spec {
		p, c := planned.GetAttr(name), config.GetAttr(name)
		was := !prior.IsNull() && !c.IsNull() && p.RawEquals(prior.GetAttr(name))
		if free := c.IsNull() && k.computed[name]; !p.RawEquals(c) && !was && !free {
			wrong = append(wrong, fmt.Sprintf("%s: planned value %#v for a configured value %#v", name, p, c))
		}
	}
	return wrong
}

// consistent says where a value contradicts what was planned for it: all that
// was known must be as planned.
func consistent(planned, actual cty.Value) (wrong []string) {
	err := cty.Walk(planned, func(at cty.Path, p cty.Value) (deeper bool, err error) {
		a, err := at.Apply(actual)
		contradicts := err != nil
		switch {
		case contradicts || !p.IsKnown():
		case !a.IsKnown() || p.IsNull() || a.IsNull():
			contradicts = !p.RawEquals(a)
		case p.Type().IsSetType() && !p.IsWhollyKnown():
			contradicts = p.LengthInt() < a.LengthInt()
		case p.CanIterateElements() && !p.Type().IsSetType():
			deeper, contradicts = true, p.LengthInt() != a.LengthInt()
		default:
			contradicts = !p.RawEquals(a)
		}
		if contradicts {
			wrong = append(wrong, fmt.Sprintf("%#v: was %#v, but now %#v", at, p, a))
		}
		return deeper, nil
	})
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	return wrong
}

// differing returns which of the attributes differ, or may do so.
func differing(names []string, prior, planned cty.Value) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		return prior.IsNull() || planned.IsNull() || prior.GetAttr(name).RawEquals(planned.GetAttr(name))
	})
}

// sameIdentity says whether an identity changed, which it never must.
func sameIdentity(before, after *object) bool {
	return before.identity.IsNull() || after.identity.IsNull() || !before.identity.IsWhollyKnown() || before.identity.RawEquals(after.identity)
}

func TestTheDriverBlamesAProviderThatDoesNotKeepToItsPlan(t *testing.T) {
	t.Parallel()
	word, unknown, null := cty.StringVal("a"), cty.UnknownVal(cty.String), cty.NullVal(cty.String)
	list := func(all ...cty.Value) cty.Value { return cty.ListVal(all) }
	entry := func(key string, value cty.Value) cty.Value { return cty.MapVal(map[string]cty.Value{key: value}) }
	for name, c := range map[string]struct {
		planned, actual cty.Value
		keeps           bool
	}{
		"as planned":                 {entry("x", word), entry("x", word), true},
		"what was unknown is known":  {entry("x", unknown), entry("x", word), true},
		"an unknown one in a set":    {cty.SetVal([]cty.Value{word, unknown}), cty.SetVal([]cty.Value{word, cty.StringVal("b")}), true},
		"another value":              {entry("x", word), entry("x", cty.StringVal("b")), false},
		"another value in a set":     {cty.SetVal([]cty.Value{word}), cty.SetVal([]cty.Value{cty.StringVal("b")}), false},
		"what was known is unknown":  {entry("x", word), entry("x", unknown), false},
		"what was there is null":     {word, null, false},
		"what was null is there":     {null, word, false},
		"another key":                {entry("x", word), entry("y", word), false},
		"a longer list":              {list(word), list(word, word), false},
		"more than may be in a set":  {cty.SetVal([]cty.Value{unknown}), cty.SetVal([]cty.Value{word, cty.StringVal("b")}), false},
		"less than was in an object": {cty.ObjectVal(map[string]cty.Value{"x": word}), cty.EmptyObjectVal, false},
	} {
		if wrong := consistent(c.planned, c.actual); (wrong == nil) != c.keeps {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}
