package acceptance_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// renderer writes values and differences in Terraform's words. How it indents
// does not matter: tests compare without white space.
type renderer struct {
	strings.Builder
	kind    *kind
	forcing []string
	whole   bool // shows what does not change, too
}

func (r *renderer) line(format string, args ...any) { fmt.Fprintf(r, format+"\n", args...) }

// text is a value that is known and has no elements worth a line each.
func text(v cty.Value) string {
	switch {
	case !v.IsKnown():
		return "(known after apply)"
	case v.IsNull():
		return "null"
	case v.Type() == cty.String:
		return fmt.Sprintf("%q", v.AsString())
	}
	json, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return err.Error()
	}
	return string(json)
}

func nested(v cty.Value) bool {
	return v.IsKnown() && !v.IsNull() && v.CanIterateElements()
}

// value writes a value, each line after the symbol.
func (r *renderer) value(symbol, name string, v cty.Value, end string) {
	if v.IsMarked() {
		r.line("%s %s(sensitive value)%s", symbol, name, end)
		return
	}
	if !nested(v) {
		r.line("%s %s%s%s", symbol, name, text(v), end)
		return
	}
	open, closed := brackets(v)
	if v.LengthInt() == 0 {
		r.line("%s %s%s%s%s", symbol, name, open, closed, end)
		return
	}
	r.line("%s %s%s", symbol, name, open)
	for _, e := range elements(v) {
		if !v.Type().IsObjectType() || !absent(e.value) {
			r.value(symbol, e.name, e.value, comma(v))
		}
	}
	r.line("%s%s", closed, end)
}

func absent(v cty.Value) bool {
	v, _ = v.Unmark()
	return v.IsKnown() && v.IsNull()
}

// hidden counts what does not change.
func (r *renderer) hidden(n int, what string) {
	if n > 1 {
		what += "s"
	}
	if n > 0 {
		r.line("# (%d unchanged %s hidden)", n, what)
	}
}

// comma is what follows an element of a list, a set or a map.
func comma(v cty.Value) string {
	if v.Type().IsObjectType() {
		return ""
	}
	return ","
}

func brackets(v cty.Value) (open, closed string) {
	if v.Type().IsObjectType() || v.Type().IsMapType() {
		return "{", "}"
	}
	return "[", "]"
}

type element struct {
	name  string
	value cty.Value
}

// elements returns the elements of a value under the names that they are shown
// with; those of lists and sets have none.
func elements(v cty.Value) (all []element) {
	for key, value := range v.Elements() {
		switch {
		case v.Type().IsObjectType():
			all = append(all, element{key.AsString() + " = ", value})
		case v.Type().IsMapType():
			all = append(all, element{fmt.Sprintf("%q = ", key.AsString()), value})
		default:
			all = append(all, element{"", value})
		}
	}
	slices.SortStableFunc(all, func(a, b element) int { return strings.Compare(a.name, b.name) })
	return all
}

// difference writes how a value changes, and reports whether it does.
func (r *renderer) difference(name string, before, after cty.Value, end string) bool {
	switch {
	case before.RawEquals(after):
		return false
	case before.IsMarked() || after.IsMarked():
		r.line("~ %s(sensitive value)%s", name, end)
	case !nested(before) && !nested(after):
		symbol := "~"
		if before.IsNull() {
			r.line("+ %s%s%s", name, text(after), end)
			return true
		}
		if after.IsKnown() && after.IsNull() {
			symbol = "-"
		}
		r.line("%s %s%s -> %s%s", symbol, name, text(before), text(after), end)
	case !nested(before):
		r.value("+", name, after, end)
	case !nested(after):
		if after.IsKnown() {
			r.value("-", name, before, " -> null"+end)
			return true
		}
		// Its elements go, the attribute stays.
		was := renderer{}
		was.value("-", name, before, " -> "+text(after)+end)
		r.WriteString("~" + was.String()[1:])
	default:
		r.inside(name, before, after, end)
	}
	return true
}

// inside writes the elements that change.
func (r *renderer) inside(name string, before, after cty.Value, end string) {
	open, closed := brackets(before)
	r.line("~ %s%s", name, open)
	unchanged := 0
	if open == "[" {
		was, is := elements(before), elements(after)
		in := func(all []element, e element) bool {
			return slices.ContainsFunc(all, func(o element) bool { return o.value.RawEquals(e.value) })
		}
		for _, e := range was {
			if in(is, e) {
				unchanged++
			} else {
				r.value("-", "", e.value, ",")
			}
		}
		for _, e := range is {
			if !in(was, e) {
				r.value("+", "", e.value, ",")
			}
		}
	} else {
		was, is := map[string]cty.Value{}, map[string]cty.Value{}
		for _, e := range elements(before) {
			was[e.name] = e.value
		}
		for _, e := range elements(after) {
			is[e.name] = e.value
		}
		names := slices.Collect(maps.Keys(was))
		names = slices.AppendSeq(names, maps.Keys(is))
		slices.Sort(names)
		for _, n := range slices.Compact(names) {
			b, had := was[n]
			a, has := is[n]
			switch {
			case !had:
				r.value("+", n, a, comma(before))
			case !has:
				r.value("-", n, b, " -> null"+comma(before))
			case !r.difference(n, b, a, comma(before)) && (!before.Type().IsObjectType() || !absent(b)):
				unchanged++
			}
		}
	}
	what := "element"
	if before.Type().IsObjectType() {
		what = "attribute"
	}
	r.hidden(unchanged, what)
	r.line("%s%s", closed, end)
}

// attributes writes the differences of an object's attributes.
func (r *renderer) attributes(before, after cty.Value) {
	unchanged := 0
	for _, name := range slices.Sorted(maps.Keys(r.kind.object.AttributeTypes())) {
		b, a := cty.NullVal(cty.DynamicPseudoType), cty.NullVal(cty.DynamicPseudoType)
		if !before.IsNull() {
			b = r.kind.marked(before).GetAttr(name)
		}
		if !after.IsNull() {
			a = r.kind.marked(after).GetAttr(name)
		}
		end := ""
		if slices.Contains(r.forcing, name) {
			end = " # forces replacement"
		}
		switch {
		case absent(b) && absent(a):
		case before.IsNull():
			r.value("+", name+" = ", a, end)
		case after.IsNull():
			r.value("-", name+" = ", b, " -> null")
		case r.difference(name+" = ", b, a, end):
		case r.whole, name == "id": // Terraform shows ids always
			r.value("", name+" = ", b, "")
		default:
			unchanged++
		}
	}
	r.hidden(unchanged, "attribute")
}

// String writes a change as a plan shows it.
func (c *change) String() string {
	r := &renderer{kind: c.kind, forcing: c.forcing, whole: c.imported}
	symbol := map[string]string{creates: "+", updates: "~", deletes: "-", replaces: "-/+", replacesLast: "+/-", reads: "<="}[c.action]
	what := map[string]string{creates: "will be created", updates: "will be updated in-place", deletes: "will be destroyed", reads: "will be read during apply"}[c.action]
	switch {
	case c.Deposed != "":
		what = "(deposed object " + c.Deposed + ") will be destroyed"
	case c.replacing() && c.tainted:
		what = "is tainted, so must be replaced"
	case c.replacing() && len(c.forcing) == 0:
		what = "will be replaced, as requested"
	case c.replacing():
		what = "must be replaced"
	case c.action == nothing && c.imported:
		what = "will be imported"
	case c.drifted && c.action == updates:
		what = "has changed"
	case c.drifted:
		what = "has been deleted"
	}
	if c.action == nothing && c.movedFrom != "" {
		r.line("# %s has moved to %s", c.movedFrom, c.address())
	} else {
		r.line("# %s %s", c.address(), what)
	}
	r.line("%s %s %q %q {", symbol, map[string]string{"managed": "resource", "data": "data"}[c.Mode], c.Type, c.Name)
	r.attributes(c.before.value, c.after.value)
	r.line("}")
	return r.String()
}

// rendered writes a state's object as "terraform show" does.
func (r *record) rendered(k *kind) string {
	value, err := r.value(k)
	if err != nil {
		return err.Error()
	}
	out := &renderer{kind: k}
	tainted := ""
	if r.tainted() {
		tainted = " (tainted)"
	}
	out.line("# %s:%s", r.address(), tainted)
	out.line("%s %q %q {", map[string]string{"managed": "resource", "data": "data"}[r.Mode], r.Type, r.Name)
	for _, e := range elements(k.marked(value)) {
		if v, _ := e.value.Unmark(); !v.IsNull() {
			out.value("", e.name, e.value, "")
		}
	}
	out.line("}")
	return out.String()
}
