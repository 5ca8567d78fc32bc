package acceptance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// output is the value of an output block.
type output struct {
	value     cty.Value
	sensitive bool
}

func (o output) text(name string) string {
	r := &renderer{}
	if o.sensitive {
		return name + " = <sensitive>"
	}
	r.value("", name+" = ", o.value, "")
	return r.String()
}

// outputs evaluates the output blocks; conclude has reported what is wrong.
func (w *walk) outputs() map[string]output {
	all := map[string]output{}
	for _, b := range w.config.others["output"] {
		value, diagnostics := w.eval(b.Body.Attributes["value"].Expr, nil)
		if diagnostics.HasErrors() {
			continue
		}
		value, _ = value.UnmarkDeep()
		all[b.Labels[0]] = output{value, b.Body.Attributes["sensitive"] != nil}
	}
	return all
}

const mustBeSensitive = `To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, Terraform requires that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your intent.

If you do intend to export this data, annotate the output value as sensitive by adding the following argument:
    sensitive = true`

// conclude checks outputs and check blocks.
func (w *walk) conclude() {
	if hasErrors(w.diagnostics) {
		return
	}
	for _, b := range w.config.others["output"] {
		value, diagnostics := w.eval(b.Body.Attributes["value"].Expr, nil)
		if w.misconfigured(diagnostics) && value.ContainsMarked() && b.Body.Attributes["sensitive"] == nil {
			w.add(diagnostic{summary: "Output refers to sensitive values", subject: b.DefRange().Ptr(), detail: mustBeSensitive})
		}
	}
	for _, b := range w.config.others["check"] {
		for _, assert := range b.Body.Blocks {
			holds, diagnostics := w.eval(assert.Body.Attributes["condition"].Expr, nil)
			if !w.misconfigured(diagnostics) {
				continue
			}
			if holds, err := convert.Convert(holds, cty.Bool); err != nil || !holds.IsKnown() || holds.True() {
				continue
			}
			message, diagnostics := w.eval(assert.Body.Attributes["error_message"].Expr, nil)
			if w.misconfigured(diagnostics) {
				w.add(diagnostic{warning: true, summary: "Check block assertion failed", detail: message.AsString(), subject: assert.DefRange().Ptr()})
			}
		}
	}
}

// storedOutput is an output in a state file.
type storedOutput struct {
	Value     json.RawMessage `json:"value"`
	Type      json.RawMessage `json:"type"`
	Sensitive bool            `json:"sensitive,omitempty"`
}

func (o output) stored() (json.RawMessage, error) {
	value, err := ctyjson.Marshal(o.value, o.value.Type())
	if err != nil {
		return nil, err
	}
	of, err := ctyjson.MarshalType(o.value.Type())
	if err != nil {
		return nil, err
	}
	return json.Marshal(storedOutput{value, of, o.sensitive})
}

// keep stores outputs.
func (s *state) keep(outputs map[string]output) error {
	s.Outputs = map[string]json.RawMessage{}
	for name, o := range outputs {
		text, err := o.stored()
		if err != nil {
			return err
		}
		s.Outputs[name] = text
	}
	return nil
}

// changedOutputs returns what is shown of outputs that will change.
func (c *command) changedOutputs(p *plan) (lines []string) {
	if p.refreshOnly {
		return nil
	}
	if p.destroy {
		for _, name := range slices.Sorted(maps.Keys(p.state.Outputs)) {
			var o storedOutput
			if json.Unmarshal(p.state.Outputs[name], &o) == nil {
				lines = append(lines, fmt.Sprintf("- %s = %s -> null", name, o.Value))
			}
		}
		return lines
	}
	for _, name := range slices.Sorted(maps.Keys(p.outputs)) {
		o := p.outputs[name]
		if o.value.IsWhollyKnown() {
			var before storedOutput
			text, err := o.stored()
			if err != nil {
				continue
			}
			if json.Unmarshal(p.state.Outputs[name], &before) == nil {
				if again, err := json.Marshal(before); err == nil && string(again) == string(text) {
					continue
				}
			}
		}
		lines = append(lines, "+ "+o.text(name))
	}
	return lines
}
