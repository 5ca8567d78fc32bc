package acceptance_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
)

// tally counts what an apply did.
type tally struct{ imported, added, changed, destroyed int }

// apply visits the changes of a plan, with a new process of the provider.
func (w *walk) apply(changes map[place]*change) (done tally) {
	w.changes = changes
	tasks := map[string]*task{"provider": {run: w.configure}}
	if w.destroy {
		if !w.knowState() {
			return done
		}
	} else {
		tasks["provider"].after = ready(w.config.providerNeeds())
		for _, b := range w.config.blocks {
			tasks[b.address+" ready"] = &task{after: append(w.visits(b), ready(w.config.dependencies(b))...), run: func() bool { return w.knowBlock(b) }}
		}
	}
	used := false
	deposed := map[place]string{}
	count := func(which *int, ok bool) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if ok {
			*which++
		}
		return ok
	}
	for at, c := range changes {
		used = used || !c.kind.builtin() && c.action != nothing
		if c.imported {
			done.imported++
		}
		if c.action == replacesLast {
			deposed[at] = strings.ToLower(rand.Text()[:8])
		}
		if c.action == creates || c.action == updates || c.action == reads || c.replacing() {
			which := &done.added
			switch c.action {
			case updates:
				which = &done.changed
			case reads:
				which = new(int)
			}
			tasks[c.address()] = &task{after: w.creatorWaits(c), run: func() bool {
				return w.within(func() bool { return count(which, w.applyChange(c, deposed[at])) })
			}}
		}
		if c.action == deletes || c.replacing() {
			tasks[destroyer(c)] = &task{after: w.destroyerWaits(c), run: func() bool {
				return w.within(func() bool { return count(&done.destroyed, w.applyDestroy(c, deposed[at])) })
			}}
		}
	}
	if !used {
		delete(tasks, "provider")
	}
	w.visit(tasks)
	return done
}

func ready(addresses []string) (names []string) {
	for _, address := range addresses {
		names = append(names, address+" ready")
	}
	return names
}

func destroyer(c *change) string { return c.address() + " destroyed " + c.Deposed }

// visits returns the tasks that create or update instances of a block.
func (w *walk) visits(b *block) (names []string) {
	for _, c := range w.changes {
		if c.resource() == b.address && c.Deposed == "" && c.action != deletes {
			names = append(names, c.address())
		}
	}
	return names
}

// creatorWaits returns what comes before an object is created or updated: what
// it depends on, and the destruction of what it was or of what it depended on.
func (w *walk) creatorWaits(c *change) []string {
	after := append(ready(w.config.dependencies(c.block)), "provider")
	if c.kind.builtin() {
		after = after[:len(after)-1]
	}
	if c.action == replaces {
		after = append(after, destroyer(c))
	}
	before := w.state.records[c.place()]
	for _, other := range w.changes {
		if before != nil && slices.Contains(before.Dependencies, other.resource()) && other.action == deletes {
			after = append(after, destroyer(other))
		}
	}
	return after
}

// destroyerWaits returns what comes before an object is destroyed: the
// destruction of what depends on it, and its successor if that comes first.
func (w *walk) destroyerWaits(c *change) (after []string) {
	if !c.kind.builtin() {
		after = append(after, "provider")
	}
	for at, other := range w.changes {
		r := w.state.records[at]
		needs := r != nil && (slices.Contains(r.Dependencies, c.resource()) || !other.kind.builtin() && slices.Contains(w.config.providerNeeds(), c.resource()))
		if needs && (other.action == deletes || other.replacing()) && other.resource() != c.resource() {
			after = append(after, destroyer(other))
		}
	}
	if c.action != replacesLast {
		return after
	}
	after = append(after, c.address())
	for _, b := range w.config.blocks {
		if slices.Contains(w.config.allDependencies(b), c.resource()) {
			after = append(after, b.address+" ready")
		}
	}
	return after
}

func (w *walk) knowBlock(b *block) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	values := []instanceValue{}
	for _, r := range w.state.sorted() {
		if r.resource() == b.address && r.Deposed == "" {
			value, err := r.value(b.kind)
			if err != nil {
				return false
			}
			values = append(values, instanceValue{r.IndexKey, value})
		}
	}
	w.values[b.address] = values
	return true
}

// depose makes room for a successor.
func (w *walk) depose(n *node, key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.state.records[n.place()]; r != nil {
		deposed := *r
		deposed.Deposed = key
		delete(w.state.records, n.place())
		w.state.records[place{n.address(), key}] = &deposed
	}
}

// restore undoes depose if there is no successor.
func (w *walk) restore(n *node, key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := place{n.address(), key}
	if r := w.state.records[at]; r != nil && w.state.records[n.place()] == nil {
		restored := *r
		restored.Deposed = ""
		delete(w.state.records, at)
		w.state.records[n.place()] = &restored
	}
}

// applyChange plans again, with what is known by now, and applies.
func (w *walk) applyChange(c *change, deposed string) bool {
	if c.action == reads {
		config, diagnostics := w.configOf(c.kind, c.block.attributes, c.instance)
		if !w.misconfigured(diagnostics) {
			return false
		}
		value, ok := w.readNow(c.node, config)
		return ok && w.blames(c.node, "Provider produced inconsistent result after apply", consistent("", c.after.value, value))
	}
	if deposed != "" {
		w.depose(c.node, deposed)
		defer w.restore(c.node, deposed)
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
	const changed = "Provider produced inconsistent final plan"
	if again.action != wanted && (wanted != updates || again.action != nothing) {
		return w.blames(c.node, changed, []string{"the planned action changed from " + wanted + " to " + again.action})
	}
	if !w.blames(c.node, changed, consistent("", c.after.value, again.after.value)) {
		return false
	}
	if again.action == nothing {
		return true
	}
	return w.carryOut(c.node, again)
}

// carryOut applies a plan that is final.
func (w *walk) carryOut(n *node, c *change) bool {
	doing, done := "Creating", "Creation"
	if c.action == updates {
		doing, done = "Modifying", "Modifications"
	}
	w.says("%s: %s...", n.address(), doing)
	config, diagnostics := w.configOf(n.kind, n.block.attributes, n.instance)
	if !w.misconfigured(diagnostics) {
		return false
	}
	if !config.IsWhollyKnown() {
		w.add(diagnostic{summary: "Configuration contains unknown value", address: n.address()})
		return false
	}
	applied, said, err := w.process.apply(n.kind, c.before, c.after, config)
	if !w.report(n, said, err) {
		// What there is beside an error is kept; a new object is tainted by it.
		if applied != nil && !applied.value.IsNull() {
			w.wellFormed(n, applied)
			w.store(n, applied, c.action == creates)
		}
		return false
	}
	const wrong = "Provider produced inconsistent result after apply"
	switch {
	case applied.value.IsNull():
		return w.blames(n, wrong, []string{"root object was present, but now absent"})
	case !sameIdentity(c.after, applied):
		return w.blames(n, wrong, []string{"the identity has changed"})
	}
	ok := w.wellFormed(n, applied) && w.blames(n, wrong, consistent("", c.after.value, applied.value))
	w.store(n, applied, c.action == creates && !ok)
	w.says("%s: %s complete after 0s", n.address(), done)
	return ok
}

func (w *walk) wellFormed(n *node, o *object) bool {
	if o.value.IsWhollyKnown() {
		return true
	}
	return w.blames(n, "Provider returned invalid result object after apply", []string{fmt.Sprintf("unknown values in %#v", o.value)})
}

// applyDestroy destroys an object. Of a tainted one the provider gets what is
// in the state, but not what it noted in private.
func (w *walk) applyDestroy(c *change, deposed string) bool {
	n := *c.node
	n.block = nil
	if deposed != "" {
		n.Deposed = deposed
	}
	w.says("%s: Destroying...", n.address())
	w.mu.Lock()
	r := w.state.records[n.place()]
	w.mu.Unlock()
	if r == nil {
		return true
	}
	planned := &object{value: n.kind.null(), private: c.after.private, identity: c.before.identity}
	applied, said, err := w.process.apply(n.kind, c.before, planned, n.kind.null())
	if !w.report(&n, said, err) {
		if applied != nil && !applied.value.IsNull() {
			n.record = *r
			w.store(&n, applied, r.tainted())
		}
		return false
	}
	if !applied.value.IsNull() {
		return w.blames(&n, "Provider produced inconsistent result after apply", []string{"the object is still there after its destruction"})
	}
	w.store(&n, nil, false)
	w.says("%s: Destruction complete after 0s", n.address())
	return true
}
