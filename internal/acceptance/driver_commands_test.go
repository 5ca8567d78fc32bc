package acceptance_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// anyInstance is what a validation knows of count and for_each.
var anyInstance = map[string]cty.Value{
	"count": cty.ObjectVal(map[string]cty.Value{"index": cty.UnknownVal(cty.Number)}),
	"each":  cty.ObjectVal(map[string]cty.Value{"key": cty.UnknownVal(cty.String), "value": cty.DynamicVal}),
}

// validate checks each block alone; what others will be is unknown.
func (c *command) validate() {
	w := c.newWalk(&state{})
	w.validated(&node{kind: c.known.provider, block: c.config.provider})
	for _, b := range c.config.blocks {
		n := b.node(nil, "", nil)
		n.each = anyInstance
		w.validated(n)
	}
	if !c.diagnostics.HasErrors() {
		c.WriteString("Success! The configuration is valid.\n")
	}
}

// move moves objects as moved blocks say, also from another type, and returns
// where each was.
func (c *command) move(s *state) map[string]string {
	moved := map[string]string{}
	for _, b := range c.config.Moved {
		from, to := place{mentioned(b.From), ""}, place{mentioned(b.To), ""}
		r, target := s.records[from], c.config.blocks[to.address]
		if r == nil || s.records[to] != nil || target == nil {
			continue
		}
		moved[to.address] = from.address
		delete(s.records, from)
		if r.Type == target.Type {
			renamed := *r
			renamed.Name = target.Name
			s.records[to] = &renamed
			continue
		}
		c.newWalk(s).takesOver(target.node(nil, "", nil), r)
	}
	return moved
}

// importOne is "terraform import".
func (c *command) importOne(s *state, address, id string) error {
	b := c.config.blocks[address]
	if b == nil {
		return fmt.Errorf("resource address %s does not exist in the configuration", address)
	}
	if s.records[place{address, ""}] != nil {
		return fmt.Errorf("Resource already managed by Terraform: %s", address)
	}
	w, n := c.newWalk(s), b.node(nil, "", nil)
	for _, other := range c.config.blocks {
		w.know(other)
	}
	n.block = nil
	if !w.each([]*node{n}, func(*node) bool { _, ok := w.imports(n, cty.StringVal(id), cty.NilVal); return ok }) {
		return nil
	}
	c.WriteString("Import successful!\n")
	return s.write(c.statePath())
}

// show prints a plan, and reports whether it changes anything.
func (c *command) show(p *plan) bool {
	counts := map[string]int{}
	shown := []string{}
	for _, one := range p.changes {
		if one.action != nothing || one.imported || one.movedFrom != "" {
			counts[one.action]++
			shown = append(shown, one.String())
		}
	}
	slices.Sort(shown)
	if len(shown) == 0 {
		c.WriteString("No changes. Your infrastructure matches the configuration.\n")
		return false
	}
	fmt.Fprintln(c, strings.Join(shown, "\n"))
	replaced := counts[replaces] + counts[replacesLast]
	if !p.refreshOnly {
		fmt.Fprintf(c, "Plan: %s%d to add, %d to change, %d to destroy.\n", p.imported("to import"), counts[creates]+replaced, counts[updates], counts[deletes]+replaced)
	}
	return true
}

// imported counts the imports of a plan, if there are any.
func (p *plan) imported(what string) string {
	n := 0
	for _, c := range p.changes {
		if c.imported {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s, ", n, what)
}

// inspect runs a command that needs no configuration.
func (c *command) inspect(s *state, name string) error {
	argument := ""
	if len(c.rest) > 0 {
		argument = c.rest[len(c.rest)-1]
	}
	at := place{argument, ""}
	switch {
	case name == "show" && argument != "":
		c.show(c.driver.plans[argument])
		return nil
	case name == "show":
		for _, r := range s.sorted() {
			k := c.known.resources[r.Type]
			if r.Mode == "data" {
				k = c.known.data[r.Type]
			}
			c.WriteString(r.rendered(k))
		}
		return nil
	case name == "state" && argument == "list":
		for _, r := range s.sorted() {
			if r.Deposed == "" {
				fmt.Fprintln(c, r.address())
			}
		}
		return nil
	case s.records[at] == nil:
		return fmt.Errorf("No such resource instance %s", argument)
	case name == "state" && c.rest[0] == "rm":
		delete(s.records, at)
	case name == "taint", name == "untaint":
		marked := *s.records[at]
		marked.Status = map[string]string{"taint": "tainted"}[name]
		s.records[at] = &marked
	default:
		return fmt.Errorf("the driver does not know terraform %s", name)
	}
	return s.write(c.statePath())
}
