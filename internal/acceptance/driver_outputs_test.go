package acceptance_test

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

const mustBeSensitive = `To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, Terraform requires that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your intent.

If you do intend to export this data, annotate the output value as sensitive by adding the following argument:
    sensitive = true`

// conclude returns the values of outputs, marked if they are sensitive, and
// checks them and what check blocks assert.
func (w *walk) conclude() map[string]cty.Value {
	scope, outputs := w.scope(nil), map[string]cty.Value{}
	for _, b := range w.config.Outputs {
		value, diagnostics := b.Value.Value(scope)
		if value.ContainsMarked() && !b.Sensitive {
			diagnostics = append(diagnostics, wrong(&b.Range, "Output refers to sensitive values", mustBeSensitive)...)
		}
		if w.add(diagnostics) {
			outputs[b.Name] = value
		}
	}
	for _, b := range w.config.Checks {
		for _, assert := range b.Asserts {
			holds, diagnostics := assert.Condition.Value(scope)
			message, more := assert.Message.Value(scope)
			if !w.add(append(diagnostics, more...)) {
				continue
			}
			if holds, err := convert.Convert(holds, cty.Bool); err == nil && holds.IsKnown() && holds.False() {
				w.add(hcl.Diagnostics{{Severity: hcl.DiagWarning, Summary: "Check block assertion failed", Detail: message.AsString(), Subject: &assert.Range}})
			}
		}
	}
	return outputs
}

// storedOutput is an output in a state file.
type storedOutput struct {
	Value     json.RawMessage `json:"value"`
	Type      cty.Type        `json:"type"`
	Sensitive bool            `json:"sensitive,omitempty"`
}

// keep stores outputs.
func (s *state) keep(outputs map[string]cty.Value) error {
	s.Outputs = map[string]storedOutput{}
	for name, value := range outputs {
		plain, marks := value.UnmarkDeep()
		text, err := ctyjson.Marshal(plain, plain.Type())
		if err != nil {
			return err
		}
		s.Outputs[name] = storedOutput{text, plain.Type(), len(marks) > 0}
	}
	return nil
}

// kept returns what the state has of an output.
func (s *state) kept(name string) cty.Value {
	o, ok := s.Outputs[name]
	value, err := ctyjson.Unmarshal(o.Value, o.Type)
	switch {
	case !ok || err != nil:
		return cty.NilVal
	case o.Sensitive:
		return value.Mark(sensitive)
	}
	return value
}

// changedOutputs returns what is shown of outputs that will change.
func (p *plan) changedOutputs() string {
	r := &renderer{}
	for _, name := range slices.Sorted(maps.Keys(p.outputs)) {
		r.difference(name+" = ", p.state.kept(name), p.outputs[name], "")
	}
	if p.destroy {
		for _, name := range slices.Sorted(maps.Keys(p.state.Outputs)) {
			r.difference(name+" = ", p.state.kept(name), cty.NilVal, "")
		}
	}
	return r.String()
}
