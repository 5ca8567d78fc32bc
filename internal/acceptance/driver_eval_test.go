package acceptance_test

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// sensitive marks values that must not be shown.
const sensitive = "sensitive"

// functions are those of Terraform's that the tests use.
var functions = map[string]function.Function{
	"concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc, "format": stdlib.FormatFunc,
	"formatlist": stdlib.FormatListFunc, "join": stdlib.JoinFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc,
	"range": stdlib.RangeFunc, "sort": stdlib.SortFunc, "values": stdlib.ValuesFunc,
	"tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"alltrue": function.New(&function.Spec{
		Params: []function.Parameter{{Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(!slices.ContainsFunc(args[0].AsValueSlice(), cty.Value.False)), nil
		},
	}),
	"one": function.New(&function.Spec{
		Params: []function.Parameter{{Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			elements := args[0].AsValueSlice()
			if len(elements) > 1 {
				return cty.NilVal, fmt.Errorf("must be a list of one element, or none")
			}
			return append(elements, cty.NullVal(cty.DynamicPseudoType))[0], nil
		},
	}),
	"file": function.New(&function.Spec{
		Params: []function.Parameter{{Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := os.ReadFile(args[0].AsString())
			return cty.StringVal(string(text)), err
		},
	}),
}

// instance is one of those that count or for_each make of a block.
type instance struct {
	key  any // float64, string or nil, as in a state file
	each map[string]cty.Value
}

// eval returns the value of an expression, with what the walk knows so far.
func (w *walk) eval(expression hclsyntax.Expression, i *instance) (cty.Value, hcl.Diagnostics) {
	variables := map[string]cty.Value{}
	if i != nil {
		maps.Copy(variables, i.each)
	}
	types := map[string]map[string]cty.Value{}
	data := map[string]map[string]cty.Value{}
	locals := map[string]cty.Value{}
	for _, address := range references(expression) {
		b := w.config.blocks[address]
		name := trimLocal(address)
		switch {
		case name != "" && w.config.locals[name] != nil:
			value, diagnostics := w.eval(w.config.locals[name], nil)
			if diagnostics.HasErrors() {
				return cty.DynamicVal, diagnostics
			}
			locals[name] = value
		case b == nil:
			return cty.DynamicVal, wrong(expression.Range(), "Reference to undeclared resource "+address)
		case b.data:
			set(data, b.Labels, w.valueOf(b))
		default:
			set(types, b.Labels, w.valueOf(b))
		}
	}
	for name, of := range types {
		variables[name] = cty.ObjectVal(of)
	}
	if len(data) > 0 {
		of := map[string]cty.Value{}
		for name, values := range data {
			of[name] = cty.ObjectVal(values)
		}
		variables["data"] = cty.ObjectVal(of)
	}
	variables["local"] = cty.ObjectVal(locals)
	return expression.Value(&hcl.EvalContext{Variables: variables, Functions: functions})
}

func set(of map[string]map[string]cty.Value, labels []string, value cty.Value) {
	if of[labels[0]] == nil {
		of[labels[0]] = map[string]cty.Value{}
	}
	of[labels[0]][labels[1]] = value
}

// expand returns the instances of a block.
func (w *walk) expand(b *block) ([]*instance, hcl.Diagnostics) {
	switch {
	case b.count != nil:
		value, diagnostics := w.eval(b.count, nil)
		if diagnostics.HasErrors() {
			return nil, diagnostics
		}
		value, err := convert.Convert(value, cty.Number)
		if err != nil || !value.IsKnown() {
			return nil, wrong(b.count.Range(), "Invalid count argument")
		}
		n, _ := value.AsBigFloat().Int64()
		var all []*instance
		for index := range n {
			all = append(all, &instance{float64(index), map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(index)})}})
		}
		return all, nil
	case b.forEach != nil:
		value, diagnostics := w.eval(b.forEach, nil)
		if diagnostics.HasErrors() {
			return nil, diagnostics
		}
		if !value.IsWhollyKnown() {
			return nil, wrong(b.forEach.Range(), "Invalid for_each argument")
		}
		var all []*instance
		for key, element := range value.Elements() {
			if value.Type().IsSetType() {
				key = element
			}
			all = append(all, &instance{key.AsString(), map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": element})}})
		}
		return all, nil
	}
	return []*instance{{}}, nil
}

// valueOf returns what other expressions see of a block: an object, or a tuple
// or an object of them.
func (w *walk) valueOf(b *block) cty.Value {
	w.mu.Lock()
	values, done := w.values[b.address]
	values = slices.Clone(values)
	w.mu.Unlock()
	switch {
	case !done:
		return cty.DynamicVal
	case b.count != nil:
		slices.SortFunc(values, func(x, y instanceValue) int { return compareKeys(x.key, y.key) })
		var tuple []cty.Value
		for _, v := range values {
			tuple = append(tuple, b.kind.marked(v.value))
		}
		return cty.TupleVal(tuple)
	case b.forEach != nil:
		of := map[string]cty.Value{}
		for _, v := range values {
			of[fmt.Sprint(v.key)] = b.kind.marked(v.value)
		}
		return cty.ObjectVal(of)
	case len(values) == 0:
		return cty.DynamicVal
	}
	return b.kind.marked(values[0].value)
}

// instanceValue is the value of an instance.
type instanceValue struct {
	key   any
	value cty.Value
}

// marked marks what the schema calls sensitive.
func (k *kind) marked(value cty.Value) cty.Value {
	marked, err := cty.Transform(value, func(path cty.Path, v cty.Value) (cty.Value, error) {
		if k.sensitiveAt(path) {
			return v.Mark(sensitive), nil
		}
		return v, nil
	})
	if err != nil {
		return value
	}
	return marked
}

func (k *kind) sensitiveAt(path cty.Path) bool {
	if len(path) == 0 || k.builtin() {
		return false
	}
	first, _ := path[0].(cty.GetAttrStep)
	a := k.attributes[first.Name]
	if last, ok := path[len(path)-1].(cty.GetAttrStep); ok && len(path) > 1 && a != nil && a.NestedType != nil {
		i := slices.IndexFunc(a.NestedType.Attributes, func(n *tfprotov6.SchemaAttribute) bool { return n.Name == last.Name })
		return i >= 0 && a.NestedType.Attributes[i].Sensitive
	}
	return len(path) == 1 && a != nil && a.Sensitive
}

// configOf evaluates the arguments of a block; those left out are null.
func (w *walk) configOf(k *kind, attributes hclsyntax.Attributes, i *instance) (cty.Value, hcl.Diagnostics) {
	values := map[string]cty.Value{}
	for name, of := range k.object.AttributeTypes() {
		values[name] = cty.NullVal(of)
	}
	for name, attribute := range attributes {
		of, ok := k.object.AttributeTypes()[name]
		if !ok {
			return cty.NilVal, wrong(attribute.NameRange, "Unsupported argument "+name)
		}
		value, diagnostics := w.eval(attribute.Expr, i)
		if diagnostics.HasErrors() {
			return cty.NilVal, diagnostics
		}
		value, _ = value.UnmarkDeep()
		value, err := convert.Convert(value, of)
		if err != nil {
			return cty.NilVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Incorrect attribute value type",
				Detail: fmt.Sprintf("Inappropriate value for attribute %q: %s.", name, err), Subject: attribute.Expr.Range().Ptr()}}
		}
		if a := k.attributes[name]; a != nil && a.Required && value.IsNull() {
			return cty.NilVal, wrong(attribute.Range(), fmt.Sprintf("Missing required argument: the argument %q is required", name))
		}
		values[name] = unrefined(value)
	}
	return cty.ObjectVal(values), nil
}

// unrefined takes away what is known of unknown values, such as how many
// elements a set may have, because providers need not give it back.
func unrefined(value cty.Value) cty.Value {
	plain, err := cty.Transform(value, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return cty.UnknownVal(v.Type()), nil
		}
		return v, nil
	})
	if err != nil {
		return value
	}
	return plain
}
