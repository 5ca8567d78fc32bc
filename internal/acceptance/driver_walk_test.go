package acceptance_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// walk visits everything that a configuration and a state have, each after what
// it depends on, with one process of the provider. So many at a time are in no
// particular order.
type walk struct {
	options
	ctx     context.Context
	config  *configuration
	known   *catalogue
	process *process
	room    chan struct{}
	stopped atomic.Bool

	mu          sync.Mutex
	state       *state
	values      map[string][]instanceValue
	changes     map[place]*change
	diagnostics []diagnostic
	progress    []string
	halted      bool
}

func (c *command) newWalk(s *state) *walk {
	w := &walk{
		options: c.options, ctx: c.ctx, config: c.config, known: c.known, process: newProcess(c.ctx), state: s,
		room: make(chan struct{}, c.parallelism), values: map[string][]instanceValue{}, changes: map[place]*change{},
	}
	c.current.Store(w)
	w.stopped.Store(c.interrupted.Load() && !c.deaf)
	return w
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
	var wg sync.WaitGroup
	for _, t := range tasks {
		t.done = make(chan struct{})
	}
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
			if t.ok {
				t.ok = t.run()
			}
		})
	}
	wg.Wait()
	w.process.stop()
}

// within does something when there is room for it, unless the walk is stopped.
func (w *walk) within(do func() bool) bool {
	w.room <- struct{}{}
	defer func() { <-w.room }()
	if w.stopped.Load() {
		w.mu.Lock()
		w.halted = true
		w.mu.Unlock()
		return false
	}
	return do()
}

// together does something for each element at once, and reports whether all
// went well.
func together[T any](all []T, do func(T) bool) bool {
	var wg sync.WaitGroup
	var failed atomic.Bool
	for _, one := range all {
		wg.Go(func() {
			if !do(one) {
				failed.Store(true)
			}
		})
	}
	wg.Wait()
	return !failed.Load()
}

func (w *walk) says(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress = append(w.progress, fmt.Sprintf(format, args...))
}

// node is an instance of a block, or an object without a block any more.
type node struct {
	record
	kind     *kind
	block    *block // nil if there is none any more
	instance *instance
}

func (n *node) place() place { return place{n.address(), n.Deposed} }

// providerOf names the provider of a type as a state file does.
func providerOf(k *kind) string {
	if k.builtin() {
		return `provider["terraform.io/builtin/terraform"]`
	}
	return `provider["registry.terraform.io/errortracking/errortracking"]`
}

func (b *block) node(i *instance) *node {
	n := &node{kind: b.kind, block: b, instance: i}
	n.Mode, n.Type, n.Name, n.Provider = "managed", b.Labels[0], b.Labels[1], providerOf(b.kind)
	if b.data {
		n.Mode = "data"
	}
	n.IndexKey = i.key
	return n
}

func (w *walk) orphan(r *record) *node {
	n := &node{record: *r, kind: w.known.resources[r.Type]}
	if r.Deposed == "" {
		n.block = w.config.blocks[r.resource()]
	}
	return n
}

// load returns what the state has of a node, or nil.
func (w *walk) load(n *node) (*object, *record, bool) {
	w.mu.Lock()
	r := w.state.records[n.place()]
	w.mu.Unlock()
	if r == nil {
		return nil, nil, true
	}
	o, diagnostics, err := w.process.upgrade(n.kind, r)
	return o, r, w.report(n, diagnostics, err)
}

// store puts an object into the state, or removes it.
func (w *walk) store(n *node, o *object, tainted bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := n.record
	r.Status = ""
	if tainted {
		r.Status = "tainted"
	}
	if n.block != nil && !n.block.data {
		r.Dependencies = w.config.allDependencies(n.block)
		r.CreateBeforeDestroy = n.block.createBeforeDestroy
	}
	if err := r.put(w.state, n.kind, o); err != nil {
		w.diagnostics = append(w.diagnostics, diagnostic{summary: "Provider produced invalid object", detail: err.Error() + "\n\n" + bug, address: n.address()})
	}
}

// report keeps diagnostics, and reports whether there is no error among them.
func (w *walk) report(n *node, diagnostics []*tfprotov6.Diagnostic, err error) bool {
	if err != nil {
		diagnostics = append(diagnostics, &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Provider produced invalid object", Detail: err.Error() + "\n\n" + bug})
	}
	for _, d := range diagnostics {
		one := diagnostic{warning: d.Severity == tfprotov6.DiagnosticSeverityWarning, summary: d.Summary, detail: d.Detail}
		one.address, one.in, one.subject = n.located(attributeOf(d.Attribute))
		w.add(one)
	}
	return !failed(diagnostics)
}

// located says where Terraform shows a diagnostic about an attribute.
func (n *node) located(attribute string) (address, in string, subject *hcl.Range) {
	if n.block == nil {
		return "", "", nil
	}
	subject = new(n.block.DefRange())
	if a := n.block.attributes[attribute]; a != nil {
		subject = new(a.Expr.Range())
	}
	return n.address(), fmt.Sprintf("%s %q %q", n.block.Type, n.block.Labels[0], n.block.Labels[1]), subject
}

func (w *walk) add(d diagnostic) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.diagnostics = append(w.diagnostics, d)
}

// blames reports a bug in the provider if anything is wrong.
func (w *walk) blames(n *node, summary string, wrong []string) bool {
	for _, detail := range wrong {
		w.report(n, []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: detail + "\n\n" + bug}}, nil)
	}
	return len(wrong) == 0
}

// misconfigured reports what is wrong with the configuration.
func (w *walk) misconfigured(diagnostics hcl.Diagnostics) bool {
	for _, d := range diagnostics {
		w.add(diagnostic{warning: d.Severity == hcl.DiagWarning, summary: d.Summary, detail: d.Detail, subject: d.Subject})
	}
	return !diagnostics.HasErrors()
}

// configure is the task that starts the provider.
func (w *walk) configure() bool {
	attributes := hclsyntax.Attributes{}
	body := hcl.Range{Filename: "main.tf"}
	if w.config.provider != nil {
		attributes, body = w.config.provider.Body.Attributes, w.config.provider.DefRange()
	}
	config, diagnostics := w.configOf(w.known.provider, attributes, nil)
	if !w.misconfigured(diagnostics) {
		return false
	}
	said, err := w.process.configure(w.known.provider, config)
	for _, d := range said {
		one := diagnostic{warning: d.Severity == tfprotov6.DiagnosticSeverityWarning, summary: d.Summary, detail: d.Detail, in: `provider "errortracking"`, subject: &body}
		if a := attributes[attributeOf(d.Attribute)]; a != nil {
			one.subject = new(a.Expr.Range())
		}
		w.add(one)
	}
	if err != nil {
		w.add(diagnostic{summary: "The provider cannot be configured", detail: err.Error() + "\n\n" + bug})
	}
	return err == nil && !failed(said)
}

// targeted reports whether -target leaves a block in.
func (w *walk) targeted(address string) bool {
	if w.targets == nil || slices.Contains(w.targets, address) {
		return true
	}
	return slices.ContainsFunc(w.targets, func(target string) bool {
		b := w.config.blocks[target]
		return b != nil && slices.Contains(w.config.allDependencies(b), address)
	})
}

// know makes a block's values known to what refers to it.
func (w *walk) know(address string, values []instanceValue) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.values[address] = values
}

// knowState makes known what the state has of each block.
func (w *walk) knowState() bool {
	values := map[string][]instanceValue{}
	for _, r := range w.state.sorted() {
		b := w.config.blocks[r.resource()]
		if b == nil || r.Deposed != "" {
			continue
		}
		value, err := b.stored(r)
		if err != nil {
			w.add(diagnostic{summary: "The state cannot be read", detail: err.Error()})
			return false
		}
		values[b.address] = append(values[b.address], instanceValue{r.IndexKey, value})
	}
	w.values = values
	return true
}

// stored returns the value that a record holds.
func (b *block) stored(r *record) (cty.Value, error) { return r.value(b.kind) }
