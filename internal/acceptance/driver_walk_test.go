package acceptance_test

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// walk visits everything that a configuration and a state have, each after what
// it depends on. So many at a time are in no particular order. The provider is as
// Terraform starts it: for one walk, without a memory of earlier ones.
type walk struct {
	*command
	server     tfprotov6.ProviderServer
	configured func() bool
	room       chan struct{}
	halted     atomic.Bool
	state      *state
	values     map[string]cty.Value // of blocks, by address
	planned    map[place]*change
}

func (c *command) newWalk(s *state) *walk {
	w := &walk{command: c, server: provider.NewServer(terraformcli.Version), state: s, room: make(chan struct{}, c.parallelism), values: map[string]cty.Value{}, planned: map[place]*change{}}
	w.configured = sync.OnceValue(w.configure)
	c.current.Store(w)
	return w
}

// stop is what Ctrl-C comes to.
func (w *walk) stop() {
	_, _ = w.server.StopProvider(context.WithoutCancel(w.ctx), &tfprotov6.StopProviderRequest{})
}

// task is one visit.
type task struct {
	after []string
	run   func() bool
	done  chan struct{}
	ok    bool
}

// visit runs all tasks. What depends on a failed one is left out.
func (w *walk) visit(tasks map[string]*task) {
	for _, t := range tasks {
		t.done = make(chan struct{})
	}
	var wg sync.WaitGroup
	for name, t := range tasks {
		wg.Go(func() {
			defer close(t.done)
			t.ok = true
			for _, before := range t.after {
				if other := tasks[before]; other != nil && before != name {
					<-other.done
					t.ok = t.ok && other.ok
				}
			}
			t.ok = t.ok && t.run()
		})
	}
	wg.Wait()
	w.stop()
	if w.halted.Load() {
		w.add(wrong(nil, "execution halted", ""))
	}
}

// each does something for each node at once, when there is room for it and
// unless the walk is stopped, and reports whether all went well.
func (w *walk) each(nodes []*node, do func(*node) bool) bool {
	var wg sync.WaitGroup
	var failed atomic.Bool
	for _, n := range nodes {
		wg.Go(func() {
			w.room <- struct{}{}
			defer func() { <-w.room }()
			if w.stopped() {
				w.halted.Store(true)
				failed.Store(true)
			} else if !n.kind.builtin() && !w.configured() || !do(n) {
				failed.Store(true)
			}
		})
	}
	wg.Wait()
	return !failed.Load()
}

// node is an instance of a block, or an object without a block any more.
type node struct {
	record
	kind  *kind
	block *block // nil if there is none any more
	each  map[string]cty.Value
}

// node is the instance with a key, which calls these attributes count or each.
func (b *block) node(key any, each string, attributes map[string]cty.Value) *node {
	n := &node{kind: b.kind, block: b, each: map[string]cty.Value{each: cty.ObjectVal(attributes)}}
	n.Mode, n.Type, n.Name, n.IndexKey = "managed", b.Type, b.Name, key
	if b.data {
		n.Mode = "data"
	}
	n.Provider = `provider["registry.terraform.io/errortracking/errortracking"]`
	if b.kind.builtin() {
		n.Provider = `provider["terraform.io/builtin/terraform"]`
	}
	return n
}

// orphans returns the objects that nothing wants any more, and forgets such data.
func (w *walk) orphans(wanted func(*record) bool) (nodes []*node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.state.sorted() {
		switch {
		case wanted(r):
		case r.Mode == "data":
			delete(w.state.records, r.place())
		case w.known.resources[r.Type] == nil:
			w.diagnostics = append(w.diagnostics, wrong(nil, "No provider has the type "+r.Type, "")...)
		default:
			nodes = append(nodes, &node{record: *r, kind: w.known.resources[r.Type]})
		}
	}
	return nodes
}

// store puts an object into the state, by way of JSON as in a file; one with a
// null value is removed.
func (w *walk) store(r record, k *kind, o *object, tainted bool) {
	var err error
	r.Private, r.SchemaVersion, r.SensitiveAttributes = o.private, k.version, []any{}
	if r.Status = ""; tainted {
		r.Status = "tainted"
	}
	r.Attributes, err = ctyjson.Marshal(o.value, k.object)
	if err == nil && !o.identity.IsNull() {
		r.Identity, err = ctyjson.Marshal(o.identity, k.identity)
	}
	w.add(said(nil, err))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state.records[r.place()] = &r; o.value.IsNull() {
		delete(w.state.records, r.place())
	}
}

// add keeps diagnostics, and reports whether there is no error among them.
func (c *command) add(diagnostics hcl.Diagnostics) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.diagnostics = append(c.diagnostics, diagnostics...)
	return !diagnostics.HasErrors()
}

// report does the same with diagnostics about a node.
func (w *walk) report(n *node, diagnostics hcl.Diagnostics) bool { return w.add(n.locate(diagnostics)) }

// blames reports a bug in the provider if anything is wrong.
func (w *walk) blames(n *node, summary string, details ...string) bool {
	for _, detail := range details {
		w.report(n, wrong(nil, summary, detail+"\n\n"+bug))
	}
	return len(details) == 0
}
