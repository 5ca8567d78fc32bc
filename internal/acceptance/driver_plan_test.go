package acceptance_test

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
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
	drifts       = "drift"                // found by a refresh, not planned
)

// change is what a plan wants of one object.
type change struct {
	*node
	action        string
	before, after *object
	forcing       []string // the attributes that force a replacement
	tainted       bool
	imported      bool
	movedFrom     string
	deposing      string // the key that the old object gets if the new one is created first
}

func (c *change) replacing() bool { return c.action == replaces || c.action == replacesLast }

// plan visits blocks, and what the state has beside them.
func (w *walk) plan() {
	tasks := map[string]*task{}
	for address, b := range w.config.blocks {
		tasks[address] = &task{after: b.needs, run: func() bool { return w.planBlock(b) }}
	}
	w.planOrphans(tasks, w.orphans(func(r *record) bool { return r.Deposed == "" && w.config.blocks[r.resource()] != nil }))
}

// planDestroy plans to destroy all that the state has.
func (w *walk) planDestroy() {
	w.refresh = false // that is done
	for _, b := range w.config.blocks {
		w.know(b)
	}
	nodes := w.orphans(func(*record) bool { return false })
	for _, n := range nodes {
		if n.Deposed == "" {
			n.block = w.config.blocks[n.resource()]
		}
	}
	w.planOrphans(map[string]*task{}, nodes)
}

func (w *walk) planOrphans(tasks map[string]*task, nodes []*node) {
	for _, n := range nodes {
		tasks[n.address()+" "+n.Deposed] = &task{after: w.config.provider.needs, run: func() bool { return w.each([]*node{n}, w.planOrphan) }}
	}
	w.visit(tasks)
}

// planBlock plans each instance, and the ones that are too many.
func (w *walk) planBlock(b *block) bool {
	if !b.kind.builtin() && !w.configured() {
		return false
	}
	nodes, diagnostics := w.expand(b)
	if !w.add(diagnostics) {
		return false
	}
	wanted := map[string]bool{}
	for _, n := range nodes {
		wanted[n.address()] = true
	}
	nodes = append(nodes, w.orphans(func(r *record) bool {
		return r.resource() != b.address || r.Deposed != "" || wanted[r.address()]
	})...)
	ok := w.each(nodes, func(n *node) bool {
		switch {
		case n.block == nil:
			return w.planOrphan(n)
		case b.data:
			return w.planRead(n)
		}
		return w.planInstance(n)
	})
	w.know(b)
	return ok
}

// imported does what an import block says of a node.
func (w *walk) imported(n *node) (o *object, imported, ok bool) {
	for _, b := range w.config.Imports {
		if mentioned(b.To) != n.address() {
			continue
		}
		id, diagnostics := b.ID.Value(w.scope(nil))
		identity, more := b.Identity.Value(w.scope(nil))
		if !identity.IsNull() {
			var err error
			identity, err = convert.Convert(identity, n.kind.identity)
			more = append(more, said(nil, err)...)
		}
		if ok = w.add(append(diagnostics, more...)); ok {
			o, ok = w.imports(n, id, identity)
		}
		return o, true, ok
	}
	return nil, false, true
}

func (w *walk) planInstance(n *node) bool {
	o, r, ok := w.load(n)
	imported := false
	switch {
	case !ok:
	case o == nil:
		o, imported, ok = w.imported(n)
	case w.refresh:
		o, ok = w.refreshed(n, o, r)
	}
	if !ok || w.refreshOnly {
		return ok
	}
	c, ok := w.planChange(n, o, r.tainted(), slices.Contains(w.replace, n.address()))
	if ok {
		c.imported, c.movedFrom = imported, w.moved[n.address()]
		w.plans(c)
	}
	return ok
}

func (w *walk) plans(c *change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.planned[c.place()] = c
}

// planChange asks the provider for a plan. It is called within apply, too.
func (w *walk) planChange(n *node, current *object, tainted, forced bool) (*change, bool) {
	config, ok := w.validated(n)
	if !ok {
		return nil, false
	}
	nobody := &object{value: n.kind.null()}
	prior := current
	if prior == nil || tainted {
		prior = nobody
	}
	ignored := ignoring(n.block, prior.value, config)
	planned, wants, ok := w.asks(n, prior, ignored, true)
	if !ok {
		return nil, false
	}
	c := &change{node: n, action: updates, before: prior, after: planned, forcing: differing(wants, prior.value, planned.value), tainted: tainted}
	order := replaces
	if n.block.createsFirst() {
		order = replacesLast
	}
	switch {
	case current != nil && tainted:
		c.action, c.before = order, current
	case current == nil:
		c.action = creates
	case forced || len(c.forcing) > 0:
		c.action = order
		nobody.private = planned.private
		// Warnings would repeat those of the first plan.
		c.after, _, ok = w.asks(n, nobody, config, false)
	case !sameIdentity(prior, planned):
		return nil, w.blames(n, "Provider produced invalid identity", "the planned identity differs from the prior one")
	case prior.value.RawEquals(planned.value):
		c.action = nothing
	}
	return c, ok
}

// planOrphan plans to destroy an object that no block wants any more.
func (w *walk) planOrphan(n *node) bool {
	o, r, ok := w.load(n)
	if ok && o != nil && w.refresh {
		o, ok = w.refreshed(n, o, r)
	}
	if !ok || o == nil || w.refreshOnly {
		return ok
	}
	planned, _, ok := w.asks(n, o, n.kind.null(), true)
	if ok {
		w.plans(&change{node: n, action: deletes, before: o, after: planned, tainted: r.tainted()})
	}
	return ok
}

// planRead reads a data source, unless what it needs is known only after apply.
func (w *walk) planRead(n *node) bool {
	config, ok := w.validated(n)
	if !ok {
		return false
	}
	if config.IsWhollyKnown() && !w.pending(n.block) {
		_, ok = w.readNow(n, config)
		return ok
	}
	later := proposedNew(n.kind, cty.UnknownVal(n.kind.object), config)
	w.plans(&change{node: n, action: reads, before: &object{value: n.kind.null()}, after: &object{value: later}})
	return true
}

// pending reports whether something in a block's depends_on will change.
func (w *walk) pending(b *block) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range b.DependsOn.Variables() {
		for _, c := range w.planned {
			if c.action != nothing && c.resource() == addressOf(t) {
				return true
			}
		}
	}
	return false
}
