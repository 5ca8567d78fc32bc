package acceptance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// anyInstance is what a validation knows of count and for_each.
var anyInstance = map[string]cty.Value{
	"count": cty.ObjectVal(map[string]cty.Value{"index": cty.UnknownVal(cty.Number)}),
	"each":  cty.ObjectVal(map[string]cty.Value{"key": cty.UnknownVal(cty.String), "value": cty.DynamicVal}),
}

func (w *walk) validateProvider(config cty.Value) {
	resp, err := w.process.server.ValidateProviderConfig(w.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encode(w.known.provider.object, config)})
	n := &node{kind: w.known.provider, block: &block{Block: w.config.provider, attributes: w.config.provider.Body.Attributes}}
	n.block.Labels = append(n.block.Labels, "")
	w.report(n, resp.Diagnostics, err)
}

func (w *walk) validateBlock(b *block, i *instance, config cty.Value) {
	if !b.data {
		said, err := w.process.validate(b.kind, config)
		w.report(b.node(i), said, err)
		return
	}
	resp, err := w.process.server.ValidateDataResourceConfig(w.ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: b.kind.name, Config: encode(b.kind.object, config)})
	w.report(b.node(i), resp.Diagnostics, err)
}

// planDestroy plans to destroy all that the state has.
func (w *walk) planDestroy() {
	if !w.knowState() {
		return
	}
	tasks := map[string]*task{}
	for _, r := range w.state.sorted() {
		if r.Mode == "data" {
			delete(w.state.records, place{r.address(), ""})
			continue
		}
		n := w.orphan(r)
		if !n.kind.builtin() {
			tasks["provider"] = &task{run: w.configure}
		}
		tasks[r.address()+" "+r.Deposed] = &task{after: []string{"provider"}, run: func() bool {
			return w.within(func() bool { return w.planOrphan(n) })
		}}
	}
	w.visit(tasks)
}

// addressOf returns the address that an expression such as moved's "to" is.
func addressOf(expression hclsyntax.Expression) string {
	traversal, diagnostics := hcl.AbsTraversalForExpr(expression)
	if diagnostics.HasErrors() {
		return ""
	}
	var address strings.Builder
	address.WriteString(traversal.RootName())
	for _, s := range traversal[1:] {
		switch s := s.(type) {
		case hcl.TraverseAttr:
			address.WriteString("." + s.Name)
		case hcl.TraverseIndex:
			address.WriteString("[" + text(s.Key) + "]")
		}
	}
	return address.String()
}

// move moves objects as moved blocks say, also from another type.
func (c *command) move(s *state) map[string]string {
	moved := map[string]string{}
	for _, b := range c.config.others["moved"] {
		from, to := addressOf(b.Body.Attributes["from"].Expr), addressOf(b.Body.Attributes["to"].Expr)
		r := s.records[place{from, ""}]
		target := c.config.blocks[to]
		if r == nil || s.records[place{to, ""}] != nil || target == nil {
			continue
		}
		moved[to] = from
		delete(s.records, place{from, ""})
		if r.Type == target.kind.name {
			renamed := *r
			renamed.Name = target.Labels[1]
			s.records[place{to, ""}] = &renamed
			continue
		}
		w := c.newWalk(s)
		n := target.node(&instance{})
		o, said, err := w.process.move(target.kind, r)
		if w.report(n, said, err) {
			w.store(n, o, r.tainted())
		}
		c.finish(w)
	}
	return moved
}

// importKey is what an import names an object by: an id or an identity.
type importKey struct {
	id       string
	identity cty.Value
}

// importKey returns that with which an import block names a node, or nil.
func (w *walk) importKey(n *node) *importKey {
	for _, b := range w.config.others["import"] {
		attributes := b.Body.Attributes
		if to := attributes["to"]; to == nil || addressOf(to.Expr) != n.address() {
			continue
		}
		attribute, of := attributes["id"], cty.String
		if attribute == nil {
			attribute, of = attributes["identity"], n.kind.identity
		}
		value, diagnostics := w.eval(attribute.Expr, nil)
		if !w.misconfigured(diagnostics) {
			return nil
		}
		value, err := convert.Convert(value, of)
		switch {
		case err != nil:
			w.misconfigured(wrong(attribute.Range(), err.Error()))
			return nil
		case of == cty.String:
			return &importKey{id: value.AsString()}
		}
		return &importKey{identity: value}
	}
	return nil
}

func (w *walk) imports(n *node, key importKey) (*object, bool) {
	w.says("%s: Preparing import... [id=%s]", n.address(), key.id)
	o, said, err := w.process.importState(n.kind, key)
	return o, w.report(n, said, err)
}

// importOne is "terraform import".
func (c *command) importOne(address, id string) error {
	s, err := readState(c.statePath())
	if err != nil {
		return err
	}
	resource, _, _ := strings.Cut(address, "[")
	b := c.config.blocks[resource]
	if b == nil {
		return fmt.Errorf("resource address %s does not exist in the configuration", address)
	}
	if s.records[place{address, ""}] != nil {
		return fmt.Errorf("Resource already managed by Terraform: %s", address)
	}
	w := c.newWalk(s)
	if w.knowState() && w.configure() {
		n := b.node(&instance{})
		n.block = nil
		if o, ok := w.imports(n, importKey{id: id}); ok {
			read, ok := w.refreshed(n, o, &n.record)
			if ok && read == nil {
				w.add(diagnostic{summary: "Cannot import non-existent remote object", address: address})
			}
		}
	}
	w.process.stop()
	if !c.finish(w) {
		return nil
	}
	c.WriteString("Import successful!\n")
	return s.write(c.statePath())
}

// drift returns what a refresh has changed.
func (c *command) drift(before, after *state) map[place]*change {
	changes := map[place]*change{}
	for at, r := range before.records {
		k := c.known.resources[r.Type]
		if r.Mode == "data" || k == nil {
			continue
		}
		was, err := r.value(k)
		if err != nil {
			continue
		}
		one := &change{node: &node{record: *r, kind: k}, action: deletes, drifted: true, before: &object{value: was}, after: &object{value: k.null()}}
		if now := after.records[at]; now != nil {
			is, err := now.value(k)
			if err != nil || is.RawEquals(was) {
				continue
			}
			one.action, one.after = updates, &object{value: is}
		}
		changes[at] = one
	}
	return changes
}

// show prints a plan, and reports whether it changes anything.
func (c *command) show(p *plan) bool {
	counts := map[string]int{}
	imported, moved := 0, 0
	shown := []string{}
	for _, at := range slices.SortedFunc(maps.Keys(p.changes), func(a, b place) int { return strings.Compare(a.address+" "+a.deposed, b.address+" "+b.deposed) }) {
		one := p.changes[at]
		if one.imported {
			imported++
		}
		if one.movedFrom != "" {
			moved++
		}
		if one.action != nothing || one.imported || one.movedFrom != "" {
			counts[one.action]++
			shown = append(shown, one.String())
		}
	}
	outputs := c.changedOutputs(p)
	if len(shown)+len(outputs) == 0 {
		c.WriteString("No changes. Your infrastructure matches the configuration.\n")
		return false
	}
	if p.refreshOnly {
		c.WriteString("Note: Objects have changed outside of Terraform\n")
	}
	fmt.Fprintln(c, strings.Join(shown, "\n"))
	replaced := counts[replaces] + counts[replacesLast]
	if len(shown) > 0 && !p.refreshOnly {
		imports := ""
		if imported > 0 {
			imports = fmt.Sprintf("%d to import, ", imported)
		}
		fmt.Fprintf(c, "Plan: %s%d to add, %d to change, %d to destroy.\n", imports, counts[creates]+replaced, counts[updates], counts[deletes]+replaced)
	}
	if len(outputs) > 0 {
		fmt.Fprintf(c, "Changes to Outputs:\n%s\n", strings.Join(outputs, "\n"))
	}
	return true
}

// inspect runs a command that needs no provider.
func (c *command) inspect(name string) error {
	s, err := readState(c.statePath())
	if err != nil {
		return err
	}
	switch name {
	case "show":
		if len(c.rest) == 1 {
			c.show(c.driver.plans[c.rest[0]])
			return nil
		}
		for _, r := range s.sorted() {
			k := c.known.resources[r.Type]
			if r.Mode == "data" {
				k = c.known.data[r.Type]
			}
			c.WriteString(r.rendered(k))
		}
		return nil
	case "output":
		var o storedOutput
		if err := json.Unmarshal(s.Outputs[c.rest[0]], &o); err != nil {
			return fmt.Errorf("Output %q not found", c.rest[0])
		}
		var text string
		if json.Unmarshal(o.Value, &text) != nil {
			text = string(o.Value)
		}
		c.WriteString(text)
		return nil
	case "taint", "untaint":
		r := s.records[place{c.rest[0], ""}]
		if r == nil {
			return fmt.Errorf("No such resource instance %s", c.rest[0])
		}
		marked := *r
		if marked.Status = ""; name == "taint" {
			marked.Status = "tainted"
		}
		s.records[place{c.rest[0], ""}] = &marked
	case "state":
		switch c.rest[0] {
		case "list":
			for _, r := range s.sorted() {
				if r.Deposed == "" {
					fmt.Fprintln(c, r.address())
				}
			}
			return nil
		case "rm":
			delete(s.records, place{c.rest[1], ""})
		default:
			return fmt.Errorf("the driver does not know terraform state %s", c.rest[0])
		}
	}
	return s.write(c.statePath())
}
