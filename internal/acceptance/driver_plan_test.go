package acceptance_test

import (
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// The actions of a change.
const (
	nothing      = "no-op"
	creates      = "create"
	reads        = "read"
	updates      = "update"
	deletes      = "delete"
	replaces     = "replace"              // destroys first
	replacesLast = "create, then destroy" // creates first
)

// change is what a plan wants of one object.
type change struct {
	*node
	action        string
	before, after *object
	forcing       []string // the attributes that force a replacement
	tainted       bool
	imported      bool
	drifted       bool // found by a refresh, not planned
	movedFrom     string
}

func (c *change) replacing() bool { return c.action == replaces || c.action == replacesLast }

// value returns the value that a record holds.
func (r *record) value(k *kind) (cty.Value, error) { return ctyjson.Unmarshal(r.Attributes, k.object) }

// plan visits blocks, and what the state has beside them.
func (w *walk) plan() {
	tasks := map[string]*task{"provider": {after: w.config.providerNeeds(), run: w.configure}}
	used := false
	for _, b := range w.config.blocks {
		after := w.config.dependencies(b)
		if !b.kind.builtin() {
			used = true
			after = append(after, "provider")
		}
		if w.targeted(b.address) {
			tasks[b.address] = &task{after: after, run: func() bool { return w.planBlock(b) }}
		}
	}
	for _, r := range w.state.sorted() {
		n := w.orphan(r)
		used = used || n.kind != nil && !n.kind.builtin()
		switch {
		case w.targets != nil, r.Deposed == "" && n.block != nil:
		case r.Mode == "data":
			delete(w.state.records, place{r.address(), ""})
		default:
			tasks[r.address()+" "+r.Deposed] = &task{after: []string{"provider"}, run: func() bool {
				return w.within(func() bool { return w.planOrphan(n) })
			}}
		}
	}
	if !used {
		delete(tasks, "provider")
	}
	w.visit(tasks)
}

// planBlock plans each instance, and the ones that are too many.
func (w *walk) planBlock(b *block) bool {
	instances, diagnostics := w.expand(b)
	if !w.misconfigured(diagnostics) {
		return false
	}
	var nodes []*node
	for _, i := range instances {
		nodes = append(nodes, b.node(i))
	}
	w.mu.Lock()
	for _, r := range w.state.sorted() {
		if r.resource() == b.address && r.Deposed == "" && !slices.ContainsFunc(nodes, func(n *node) bool { return n.address() == r.address() }) {
			if b.data {
				delete(w.state.records, place{r.address(), ""})
				continue
			}
			nodes = append(nodes, &node{record: *r, kind: b.kind})
		}
	}
	w.mu.Unlock()
	values := make([]instanceValue, len(nodes))
	ok := together(nodes, func(n *node) bool {
		return w.within(func() (ok bool) {
			at := slices.Index(nodes, n)
			values[at].key = n.IndexKey
			switch {
			case n.block == nil:
				return w.planOrphan(n)
			case b.data:
				values[at].value, ok = w.planRead(n)
			default:
				values[at].value, ok = w.planInstance(n)
			}
			return ok
		})
	})
	w.know(b.address, slices.DeleteFunc(values, func(v instanceValue) bool { return v.value == cty.NilVal }))
	return ok
}

// refreshed reads an object again, and removes it from the state if it is gone.
func (w *walk) refreshed(n *node, o *object, r *record) (*object, bool) {
	read, diagnostics, err := w.process.read(n.kind, o)
	if !w.report(n, diagnostics, err) {
		return nil, false
	}
	if !read.value.IsWhollyKnown() {
		return nil, w.blames(n, "Provider produced invalid object", []string{"a value is unknown after a read"})
	}
	if !sameIdentity(o, read) || n.kind.identity != cty.NilType && read.identity == cty.NilVal {
		return nil, w.blames(n, "Provider produced invalid identity", []string{"the identity has changed, or is missing"})
	}
	kept := *n
	kept.block = nil // dependencies are what they were
	kept.Dependencies, kept.CreateBeforeDestroy = r.Dependencies, r.CreateBeforeDestroy
	w.store(&kept, read, r.tainted())
	if read.value.IsNull() {
		return nil, true
	}
	return read, true
}

func (w *walk) planInstance(n *node) (cty.Value, bool) {
	o, r, ok := w.load(n)
	if !ok {
		return cty.NilVal, false
	}
	key := w.importKey(n)
	imported := o == nil && key != nil
	if imported {
		if o, ok = w.imports(n, *key); !ok {
			return cty.NilVal, false
		}
		r = &n.record
	}
	if o != nil && (w.refresh || imported) {
		w.says("%s: Refreshing state...", n.address())
		if o, ok = w.refreshed(n, o, r); !ok {
			return cty.NilVal, false
		}
		if o == nil && imported {
			w.add(diagnostic{summary: "Cannot import non-existent remote object", address: n.address()})
			return cty.NilVal, false
		}
	}
	if w.refreshOnly {
		if o == nil {
			return cty.NilVal, true
		}
		return o.value, true
	}
	c, ok := w.planChange(n, o, r != nil && r.tainted(), slices.Contains(w.replace, n.address()))
	if !ok {
		return cty.NilVal, false
	}
	c.imported, c.movedFrom = imported, w.moved[n.address()]
	w.mu.Lock()
	w.changes[n.place()] = c
	w.mu.Unlock()
	return c.after.value, true
}

// planChange asks the provider for a plan. It is called within apply, too.
func (w *walk) planChange(n *node, current *object, tainted, forced bool) (*change, bool) {
	config, diagnostics := w.configOf(n.kind, n.block.attributes, n.instance)
	if !w.misconfigured(diagnostics) {
		return nil, false
	}
	said, err := w.process.validate(n.kind, config)
	if !w.report(n, said, err) {
		return nil, false
	}
	nobody := &object{value: n.kind.null()}
	prior := current
	if prior == nil || tainted {
		prior = nobody
	}
	ignored := ignoring(n.block, prior.value, config)
	planned, wants, said, err := w.process.plan(n.kind, prior, proposedNew(n.kind, prior.value, ignored), ignored)
	if !w.report(n, said, err) || !w.blames(n, "Provider produced invalid plan", validPlan(n.kind, prior.value, ignored, planned.value)) {
		return nil, false
	}
	c := &change{node: n, action: updates, before: prior, after: planned, forcing: differing(wants, prior.value, planned.value), tainted: tainted}
	order := replaces
	if n.block.createBeforeDestroy {
		order = replacesLast
	}
	switch {
	case prior.value.IsNull():
		c.action = creates
		if tainted && current != nil {
			c.action, c.before = order, current
		}
	case forced || len(c.forcing) > 0:
		c.action = order
		// Warnings would repeat those of the first plan.
		again, _, said, err := w.process.plan(n.kind, &object{value: n.kind.null(), private: planned.private}, proposedNew(n.kind, n.kind.null(), config), config)
		if err != nil || failed(said) {
			return nil, w.report(n, said, err)
		}
		if !w.blames(n, "Provider produced invalid plan", validPlan(n.kind, n.kind.null(), config, again.value)) {
			return nil, false
		}
		c.after = again
	case prior.value.RawEquals(planned.value):
		c.action = nothing
	}
	if !sameIdentity(c.before, planned) && !c.replacing() {
		return nil, w.blames(n, "Provider produced invalid identity", []string{"the planned identity differs from the prior one"})
	}
	return c, true
}

// planOrphan plans to destroy an object that no block wants any more.
func (w *walk) planOrphan(n *node) bool {
	if n.kind == nil {
		w.add(diagnostic{summary: "The state has a resource of an unknown type " + n.Type, address: n.address()})
		return false
	}
	o, r, ok := w.load(n)
	if !ok || o == nil {
		return ok
	}
	if w.refresh && !w.destroy {
		if o, ok = w.refreshed(n, o, r); !ok || o == nil {
			return ok
		}
	}
	if w.refreshOnly {
		return true
	}
	planned, _, said, err := w.process.plan(n.kind, o, n.kind.null(), n.kind.null())
	if !w.report(n, said, err) {
		return false
	}
	if !planned.value.IsNull() {
		return w.blames(n, "Provider produced invalid plan", []string{"a planned destroy leaves something"})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes[n.place()] = &change{node: n, action: deletes, before: o, after: planned, tainted: r.tainted()}
	return true
}

// planRead reads a data source, unless what it needs is known only after apply.
func (w *walk) planRead(n *node) (cty.Value, bool) {
	config, diagnostics := w.configOf(n.kind, n.block.attributes, n.instance)
	if !w.misconfigured(diagnostics) {
		return cty.NilVal, false
	}
	if config.IsWhollyKnown() && !w.pending(n.block.dependsOn) {
		return w.readNow(n, config)
	}
	values := config.AsValueMap()
	for name, value := range values {
		if value.IsNull() && n.kind.computed(name) {
			values[name] = cty.UnknownVal(value.Type())
		}
	}
	planned := cty.ObjectVal(values)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes[n.place()] = &change{node: n, action: reads, before: &object{value: n.kind.null()}, after: &object{value: planned}}
	return planned, true
}

func (w *walk) readNow(n *node, config cty.Value) (cty.Value, bool) {
	w.says("%s: Reading...", n.address())
	value, said, err := w.process.readData(n.kind, config)
	if !w.report(n, said, err) {
		return cty.NilVal, false
	}
	if wrong := consistent("", config, value); wrong != nil {
		for name, c := range config.AsValueMap() {
			if !c.IsNull() && !c.RawEquals(value.GetAttr(name)) {
				return cty.NilVal, w.blames(n, "Provider produced invalid object", []string{fmt.Sprintf("the configured %s has changed", name)})
			}
		}
	}
	w.store(n, &object{value: value}, false)
	return value, true
}

// pending reports whether one of the blocks will change.
func (w *walk) pending(addresses []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.changes {
		if c.action != nothing && slices.Contains(addresses, c.resource()) {
			return true
		}
	}
	return false
}
