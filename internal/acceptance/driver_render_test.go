package acceptance_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// renderer writes values and differences as Terraform does, apart from white space
// and from what it adds to a line: commas, "-> null", "# forces replacement". It
// leaves out attributes that do not change.
type renderer struct{ strings.Builder }

func (r *renderer) line(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

// text is a value without elements worth a line each.
func text(v cty.Value) string {
	switch {
	case v.IsMarked():
		return "(sensitive value)"
	case !v.IsKnown():
		return "(known after apply)"
	}
	json, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return err.Error()
	}
	return string(json)
}

// nested reports whether a value's elements are worth a line each.
func nested(v cty.Value) bool {
	return !v.IsMarked() && v.IsKnown() && !v.IsNull() && v.CanIterateElements()
}

// style returns what is around elements, and before each.
func style(of cty.Type) (open, closed, label string) {
	switch {
	case of.IsObjectType():
		return "{", "}", "%s = "
	case of.IsMapType():
		return "{", "}", "%q = "
	}
	return "[", "]", "%.0s"
}

// elements returns attributes and elements by what tells them apart.
func elements(v cty.Value) map[string]cty.Value {
	switch {
	case !nested(v):
		return nil
	case v.Type().IsObjectType() || v.Type().IsMapType():
		return v.AsValueMap()
	}
	all := map[string]cty.Value{}
	for _, element := range v.AsValueSlice() {
		plain, _ := element.UnmarkDeep()
		all[text(plain)] = element
	}
	return all
}

// value writes a value, each line after the symbol.
func (r *renderer) value(symbol, name string, v cty.Value) {
	if !nested(v) || v.LengthInt() == 0 {
		r.line("%s %s%s", symbol, name, text(v))
		return
	}
	open, closed, label := style(v.Type())
	r.line("%s %s%s", symbol, name, open)
	all := elements(v)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !all[key].IsNull() {
			r.value(symbol, fmt.Sprintf(label, key), all[key])
		}
	}
	r.line("%s", closed)
}

// difference writes how a value changes, and reports whether it does. What is not
// there is null.
func (r *renderer) difference(name string, before, after cty.Value) bool {
	switch {
	case before.IsNull() && after.IsNull():
		return false
	case before.IsNull():
		r.value("+", name, after)
	case after.IsNull():
		r.value("-", name, before)
	case before.RawEquals(after):
		return false
	case nested(before) && nested(after):
		open, closed, _ := style(before.Type())
		r.line("~ %s%s", name, open)
		r.inside(before.Type(), elements(before), elements(after))
		r.line("%s", closed)
	case nested(before):
		// Its elements go, the attribute stays.
		was := renderer{}
		was.value("-", name, before)
		r.line("~%s -> %s", strings.TrimSuffix(was.String()[1:], "\n"), text(after))
	default:
		r.line("~ %s%s -> %s", name, text(before), text(after))
	}
	return true
}

// inside writes the attributes or elements that change, and how many elements do
// not.
func (r *renderer) inside(of cty.Type, before, after map[string]cty.Value) {
	all, unchanged := map[string]cty.Value{}, 0
	maps.Copy(all, before)
	maps.Copy(all, after)
	_, _, label := style(of)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !r.difference(fmt.Sprintf(label, key), before[key], after[key]) {
			unchanged++
		}
	}
	switch {
	case unchanged == 0 || of.IsObjectType():
	case unchanged == 1:
		r.line("# (1 unchanged element hidden)")
	default:
		r.line("# (%d unchanged elements hidden)", unchanged)
	}
}

// String writes a change as a plan shows it.
func (c *change) String() string {
	symbol := map[string]string{creates: "+", updates: "~", drifts: "~", deletes: "-", replaces: "-/+", replacesLast: "+/-", reads: "<="}[c.action]
	what := map[string]string{creates: "will be created", updates: "will be updated in-place", drifts: "has changed", deletes: "will be destroyed", reads: "will be read during apply"}[c.action]
	about := c.address()
	switch {
	case c.Deposed != "":
		what = "(deposed object " + c.Deposed + ") will be destroyed"
	case c.replacing() && c.tainted:
		what = "is tainted, so must be replaced"
	case c.replacing() && len(c.forcing) == 0:
		what = "will be replaced, as requested"
	case c.replacing():
		what = "must be replaced"
	case c.action == nothing && c.movedFrom != "":
		about, what = c.movedFrom, "has moved to "+about
	case c.action == nothing:
		what = "will be imported"
	case c.action == drifts && c.after.value.IsNull():
		symbol, what = "-", "has been deleted"
	}
	r := &renderer{}
	r.line("# %s %s", about, what)
	r.line("%s {", symbol)
	r.inside(c.kind.object, elements(c.kind.marked(c.before.value)), elements(c.kind.marked(c.after.value)))
	r.line("}")
	return r.String()
}

// marked marks what the schema calls sensitive.
func (k *kind) marked(value cty.Value) cty.Value {
	marked, err := cty.Transform(value, func(path cty.Path, v cty.Value) (cty.Value, error) {
		name := ""
		for _, step := range path {
			if attribute, ok := step.(cty.GetAttrStep); ok {
				name += "." + attribute.Name
			}
		}
		if name != "" && k.secret[name[1:]] {
			return v.Mark("sensitive"), nil
		}
		return v, nil
	})
	if err != nil {
		return cty.DynamicVal
	}
	return marked
}

// rendered writes a state's object as "terraform show" does.
func (r *record) rendered(k *kind) string {
	value, err := r.value(k)
	if err != nil {
		return err.Error()
	}
	out := &renderer{}
	out.line("# %s: %s", r.address(), r.Status)
	out.value("", "", k.marked(value))
	return out.String()
}
