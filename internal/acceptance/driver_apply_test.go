package acceptance_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
)

// apply visits the changes of a plan, with a new process of the provider, and
// counts what it did by actions.
func (w *walk) apply(changes map[place]*change) map[string]int {
	tasks, done := map[string]*task{}, map[string]int{}
	for address, b := range w.config.blocks {
		if w.destroy {
			w.know(b)
			continue
		}
		tasks[address] = &task{after: slices.Clone(b.needs), run: func() bool { w.know(b); return true }}
	}
	does := func(c *change, action string, do func(*change) bool, after []string) *task {
		return &task{after: after, run: func() bool {
			ok := w.each([]*node{c.node}, func(*node) bool { return do(c) })
			w.mu.Lock()
			defer w.mu.Unlock()
			if ok {
				done[action]++
			}
			return ok
		}}
	}
	for _, c := range changes {
		action := c.action
		if c.replacing() {
			action = creates
			tasks[destroyer(c)] = does(c, deletes, w.applyDestroy, w.destroyerWaits(c, changes))
		}
		if c.action == replacesLast {
			c.deposing = strings.ToLower(rand.Text()[:8])
		}
		switch action {
		case nothing:
		case deletes:
			tasks[destroyer(c)] = does(c, deletes, w.applyDestroy, w.destroyerWaits(c, changes))
		default:
			tasks[creator(c)] = does(c, action, w.applyChange, w.creatorWaits(c, changes))
			tasks[c.resource()].after = append(tasks[c.resource()].after, creator(c))
		}
	}
	w.visit(tasks)
	return done
}

func creator(c *change) string   { return "create " + c.address() }
func destroyer(c *change) string { return "destroy " + c.address() + " " + c.Deposed }

// creatorWaits returns what comes before an object is created or updated: what
// it depends on, and the destruction of what it was or of what it depended on.
func (w *walk) creatorWaits(c *change, changes map[place]*change) []string {
	after := slices.Clone(c.block.needs)
	if c.action == replaces {
		after = append(after, destroyer(c))
	}
	before := w.state.records[c.place()]
	for _, other := range changes {
		if before != nil && slices.Contains(before.Dependencies, other.resource()) && other.action == deletes {
			after = append(after, destroyer(other))
		}
	}
	return after
}

// destroyerWaits returns what comes before an object is destroyed: the
// destruction of what depends on it, and its successor if that comes first.
func (w *walk) destroyerWaits(c *change, changes map[place]*change) (after []string) {
	if !c.kind.builtin() {
		after = slices.Clone(w.config.provider.needs)
	}
	for at, other := range changes {
		r := w.state.records[at]
		if r != nil && slices.Contains(r.Dependencies, c.resource()) && (other.action == deletes || other.replacing()) {
			after = append(after, destroyer(other))
		}
	}
	if c.action != replacesLast {
		return after
	}
	after = append(after, creator(c))
	for address, b := range w.config.blocks {
		if slices.Contains(w.config.dependencies(b), c.resource()) {
			after = append(after, address)
		}
	}
	return after
}

// depose gives an object another key, unless there is one with it. It makes room
// for a successor, or gives the place back if there is none.
func (w *walk) depose(from, to place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.state.records[from]; r != nil && w.state.records[to] == nil {
		deposed := *r
		deposed.Deposed = to.deposed
		delete(w.state.records, from)
		w.state.records[to] = &deposed
	}
}

// applyChange plans again, with what is known by now, and applies.
func (w *walk) applyChange(c *change) bool {
	const changed, inconsistent = "Provider produced inconsistent final plan", "Provider produced inconsistent result after apply"
	if c.action == reads {
		config, ok := w.validated(c.node)
		if !ok {
			return false
		}
		o, ok := w.readNow(c.node, config)
		return ok && w.blames(c.node, inconsistent, consistent(c.after.value, o.value)...)
	}
	if c.deposing != "" {
		deposed := place{c.address(), c.deposing}
		w.depose(c.place(), deposed)
		defer w.depose(deposed, c.place())
	}
	current, _, ok := w.load(c.node)
	if !ok {
		return false
	}
	again, ok := w.planChange(c.node, current, false, false)
	if !ok {
		return false
	}
	wanted := c.action
	if c.replacing() {
		wanted = creates
	}
	if again.action != wanted && (wanted != updates || again.action != nothing) {
		return w.blames(c.node, changed, "the planned action changed from "+wanted+" to "+again.action)
	}
	if !w.blames(c.node, changed, consistent(c.after.value, again.after.value)...) {
		return false
	}
	return again.action == nothing || w.carryOut(c.node, again)
}

// carryOut applies a plan that is final.
func (w *walk) carryOut(n *node, c *change) bool {
	config, diagnostics := n.block.configOf(w.scope(n.each))
	if !w.add(diagnostics) {
		return false
	}
	if !config.IsWhollyKnown() {
		return w.report(n, wrong(nil, "Configuration contains unknown value", ""))
	}
	const inconsistent = "Provider produced inconsistent result after apply"
	applied, ok := w.applies(n, c.before, c.after, config)
	switch {
	case applied.value.IsNull() && ok:
		return w.blames(n, inconsistent, "root object was present, but now absent")
	case applied.value.IsNull():
		return false
	case !applied.value.IsWhollyKnown():
		ok = w.blames(n, "Provider returned invalid result object after apply", fmt.Sprintf("unknown values in %#v", applied.value))
	case !ok:
	case !sameIdentity(c.after, applied):
		return w.blames(n, inconsistent, "the identity has changed")
	default:
		ok = w.blames(n, inconsistent, consistent(c.after.value, applied.value)...)
	}
	// What there is beside an error is kept; a new object is tainted by it.
	w.store(w.declared(n), n.kind, applied, c.action == creates && !ok)
	return ok
}

// declared is a record with what the configuration says of it.
func (w *walk) declared(n *node) record {
	r := n.record
	r.Dependencies, r.CreateBeforeDestroy = w.config.dependencies(n.block), n.block.createsFirst()
	return r
}

// applyDestroy destroys an object. Of a tainted one the provider gets what is
// in the state, but not what it noted in private.
func (w *walk) applyDestroy(c *change) bool {
	n := *c.node
	n.block = nil
	if c.deposing != "" {
		n.Deposed = c.deposing
	}
	w.mu.Lock()
	r := w.state.records[n.place()]
	w.mu.Unlock()
	if r == nil {
		return true
	}
	planned := &object{value: n.kind.null(), private: c.after.private, identity: c.before.identity}
	applied, ok := w.applies(&n, c.before, planned, n.kind.null())
	if ok && !applied.value.IsNull() {
		return w.blames(&n, "Provider produced inconsistent result after apply", "the object is still there after its destruction")
	}
	if ok || !applied.value.IsNull() {
		w.store(*r, n.kind, applied, r.tainted())
	}
	return ok
}
