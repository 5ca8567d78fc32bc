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
	forcing []string // the attributes that force a replacement
	whole   bool     // shows what does not change, too
}

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

// style returns what is around elements, before each, and after each.
func style(of cty.Type) (open, closed, label, end string) {
	switch {
	case of.IsObjectType():
		return "{", "}", "%s = ", ""
	case of.IsMapType():
		return "{", "}", "%q = ", ","
	}
	return "[", "]", "%.0s", ","
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
func (r *renderer) value(symbol, name string, v cty.Value, end string) {
	if !nested(v) || v.LengthInt() == 0 {
		r.line("%s %s%s%s", symbol, name, text(v), end)
		return
	}
	open, closed, label, comma := style(v.Type())
	r.line("%s %s%s", symbol, name, open)
	all := elements(v)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if !all[key].IsNull() {
			r.value(symbol, fmt.Sprintf(label, key), all[key], comma)
		}
	}
	r.line("%s%s", closed, end)
}

// difference writes how a value changes, and reports whether it does. What is not
// there is null.
func (r *renderer) difference(name string, before, after cty.Value, end string) bool {
	switch {
	case before.IsNull() && after.IsNull():
		return false
	case before.IsNull():
		r.value("+", name, after, end)
	case after.IsNull() && name == "": // in a list or a set
		r.value("-", name, before, end)
	case after.IsNull():
		r.value("-", name, before, " -> null"+end)
	case before.RawEquals(after):
		return false
	case before.IsMarked() || after.IsMarked():
		r.line("~ %s(sensitive value)%s", name, end)
	case nested(before) && nested(after):
		open, closed, _, _ := style(before.Type())
		r.line("~ %s%s", name, open)
		r.inside(before.Type(), elements(before), elements(after), false)
		r.line("%s%s", closed, end)
	case nested(before):
		// Its elements go, the attribute stays.
		was := renderer{}
		was.value("-", name, before, " -> "+text(after)+end)
		r.WriteString("~" + was.String()[1:])
	default:
		r.line("~ %s%s -> %s%s", name, text(before), text(after), end)
	}
	return true
}

// inside writes the attributes or elements that change, and how many do not. At
// the top, Terraform shows ids always.
func (r *renderer) inside(of cty.Type, before, after map[string]cty.Value, top bool) {
	all, unchanged := map[string]cty.Value{}, 0
	maps.Copy(all, before)
	maps.Copy(all, after)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		_, _, label, end := style(of)
		label = fmt.Sprintf(label, key)
		if top && slices.Contains(r.forcing, key) {
			end = " # forces replacement"
		}
		switch {
		case r.difference(label, before[key], after[key], end), before[key].IsNull():
		case top && (r.whole || key == "id"):
			r.value("", label, before[key], "")
		default:
			unchanged++
		}
	}
	what := "element"
	if of.IsObjectType() {
		what = "attribute"
	}
	if unchanged > 1 {
		what += "s"
	}
	if unchanged > 0 {
		r.line("# (%d unchanged %s hidden)", unchanged, what)
	}
}

// String writes a change as a plan shows it.
func (c *change) String() string {
	r := &renderer{forcing: c.forcing, whole: c.imported}
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
	r.line("# %s %s", about, what)
	r.line("%s %s {", symbol, c.header())
	r.inside(c.kind.object, elements(c.kind.marked(c.before.value)), elements(c.kind.marked(c.after.value)), true)
	r.line("}")
	return r.String()
}

// header is how a block begins.
func (r *record) header() string {
	word := "resource"
	if r.Mode == "data" {
		word = "data"
	}
	return fmt.Sprintf("%s %q %q", word, r.Type, r.Name)
}

// rendered writes a state's object as "terraform show" does.
func (r *record) rendered(k *kind) string {
	value, err := r.value(k)
	if err != nil {
		return err.Error()
	}
	tainted := ""
	if r.tainted() {
		tainted = " (tainted)"
	}
	out := &renderer{}
	out.line("# %s:%s", r.address(), tainted)
	out.value(r.header(), "", k.marked(value), "")
	return out.String()
}
