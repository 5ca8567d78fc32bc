package acceptance_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those of Terraform's that the tests use.
var functions = map[string]function.Function{
	"join": stdlib.JoinFunc, "length": stdlib.LengthFunc, "range": stdlib.RangeFunc,
	"tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	"file": function.New(&function.Spec{
		Params: []function.Parameter{{Type: cty.String}}, Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := os.ReadFile(args[0].AsString())
			return cty.StringVal(string(text)), err
		},
	}),
}

// scope is what expressions can refer to by now; each is what an instance calls
// count or each.
func (w *walk) scope(each map[string]cty.Value) *hcl.EvalContext {
	w.mu.Lock()
	defer w.mu.Unlock()
	managed, data := map[string]map[string]cty.Value{}, map[string]map[string]cty.Value{}
	for address, b := range w.config.blocks {
		of := managed
		if b.data {
			of = data
		}
		if of[b.Type] == nil {
			of[b.Type] = map[string]cty.Value{}
		}
		of[b.Type][b.Name] = cty.DynamicVal
		if value, ok := w.values[address]; ok {
			of[b.Type][b.Name] = value
		}
	}
	variables := objects(managed)
	variables["data"] = cty.ObjectVal(objects(data))
	maps.Copy(variables, each)
	return &hcl.EvalContext{Variables: variables, Functions: functions}
}

func objects(named map[string]map[string]cty.Value) map[string]cty.Value {
	all := map[string]cty.Value{}
	for name, attributes := range named {
		all[name] = cty.ObjectVal(attributes)
	}
	return all
}

// expand returns a node for each instance of a block.
func (w *walk) expand(b *block) (nodes []*node, diagnostics hcl.Diagnostics) {
	scope := w.scope(nil)
	switch {
	case b.Count != nil:
		value, diagnostics := b.Count.Expr.Value(scope)
		if value, err := convert.Convert(value, cty.Number); err != nil || !value.IsKnown() {
			return nil, append(diagnostics, wrong(&b.Count.Range, "Invalid count argument", "")...)
		}
		n, _ := value.AsBigFloat().Int64()
		for i := range n {
			nodes = append(nodes, b.node(float64(i), "count", map[string]cty.Value{"index": cty.NumberIntVal(i)}))
		}
		return nodes, diagnostics
	case b.ForEach != nil:
		value, diagnostics := b.ForEach.Expr.Value(scope)
		if !value.IsWhollyKnown() {
			return nil, append(diagnostics, wrong(&b.ForEach.Range, "Invalid for_each argument", "")...)
		}
		for key, element := range value.Elements() {
			if value.Type().IsSetType() {
				key = element
			}
			nodes = append(nodes, b.node(key.AsString(), "each", map[string]cty.Value{"key": key, "value": element}))
		}
		return nodes, diagnostics
	}
	return []*node{b.node(nil, "", nil)}, nil
}

// know makes a block's values known to what refers to it: those that are
// planned, else those in the state.
func (w *walk) know(b *block) {
	w.mu.Lock()
	defer w.mu.Unlock()
	values := map[any]cty.Value{}
	for _, r := range w.state.sorted() {
		if r.resource() == b.address && r.Deposed == "" {
			value, err := r.value(b.kind)
			if err != nil {
				w.diagnostics = append(w.diagnostics, wrong(nil, "The state cannot be read", err.Error())...)
			}
			values[r.IndexKey] = value
		}
	}
	for _, c := range w.planned {
		if c.resource() == b.address && c.Deposed == "" {
			if values[c.IndexKey] = c.after.value; c.after.value.IsNull() {
				delete(values, c.IndexKey)
			}
		}
	}
	all, named := make([]cty.Value, len(values)), map[string]cty.Value{}
	for i := range all {
		all[i] = cmp.Or(values[float64(i)], cty.DynamicVal)
	}
	for key, value := range values {
		named[fmt.Sprint(key)] = value
	}
	switch only, one := values[nil]; {
	case b.Count != nil:
		w.values[b.address] = cty.TupleVal(all)
	case b.ForEach != nil:
		w.values[b.address] = cty.ObjectVal(named)
	case one:
		w.values[b.address] = only
	}
}

// configOf evaluates the arguments of a block; those left out are null.
func (b *block) configOf(scope *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	value, diagnostics := hcldec.Decode(b.Body, b.kind.spec, scope)
	// Providers need not give back what is known of unknown values, such as how
	// many elements a set may have.
	plain, err := cty.Transform(value, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return cty.UnknownVal(v.Type()), nil
		}
		return v, nil
	})
	return plain, append(diagnostics, said(nil, err)...)
}
