package acceptance_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// driver does what the terraform command does with a folder, but in the process
// of the test and over the plugin protocol, which takes milliseconds. Whatever
// Terraform demands of a provider, it demands, too. TestTheDriverDoesWhatTerraformDoes
// compares the two, and CONTRIBUTING.md says how to run every test with the command.
type driver struct {
	dir   string
	plans map[string]*plan // by file name

	mu      sync.Mutex
	running *command
}

// options are what flags say.
type options struct {
	refresh, refreshOnly, destroy, detailed, approved bool
	deaf                                              bool // to Ctrl-C
	out                                               string
	replace, targets                                  []string
	parallelism                                       int
	moved                                             map[string]string // from where, by the new address
}

// command is one run.
type command struct {
	options
	strings.Builder
	ctx         context.Context
	driver      *driver
	config      *configuration
	known       *catalogue
	rest        []string
	diagnostics []diagnostic
	failed      bool // by diagnostics that are printed
	current     atomic.Pointer[walk]
	interrupted atomic.Bool
}

// plan is what a plan file holds.
type plan struct {
	options
	config  *configuration
	base    string // what the state said
	state   *state
	changes map[place]*change
	outputs map[string]output
}

// run runs a command and returns what it prints, and its exit code.
func (d *driver) run(ctx context.Context, args ...string) (printed string, code int) {
	c := &command{ctx: ctx, driver: d, options: options{refresh: true, parallelism: 10}}
	d.mu.Lock()
	d.running = c
	d.mu.Unlock()
	var err error
	if c.known, err = schemas(); err == nil {
		if err = c.flags(args[1:]); err == nil {
			code, err = c.do(args[0])
		}
	}
	if err != nil {
		c.diagnostics = append(c.diagnostics, diagnostic{summary: err.Error()})
	}
	if c.conclude(); c.failed {
		code = 1
	}
	return c.String(), code
}

// interrupt is Ctrl-C.
func (d *driver) interrupt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running.interrupted.Store(true)
	if w := d.running.current.Load(); w != nil {
		w.says("Interrupt received.\nPlease wait for Terraform to exit or data loss may occur.")
		if !w.deaf {
			w.stopped.Store(true)
			w.process.stop()
		}
	}
}

func (c *command) flags(args []string) error {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "-refresh":
			c.refresh = value != "false"
		case "-refresh-only":
			c.refreshOnly = true
		case "-destroy":
			c.destroy = true
		case "-detailed-exitcode":
			c.detailed = true
		case "-auto-approve":
			c.approved = true
		case "-out":
			c.out = value
		case "-replace":
			c.replace = append(c.replace, value)
		case "-target":
			c.targets = append(c.targets, value)
		case "-parallelism":
			n, err := strconv.Atoi(value)
			if err != nil {
				return err
			}
			c.parallelism = n
		case "-no-color", "-raw", "-backend", "-input":
		default:
			if strings.HasPrefix(arg, "-") {
				return fmt.Errorf("the driver does not know the flag %s", arg)
			}
			c.rest = append(c.rest, arg)
		}
	}
	return nil
}

func (c *command) statePath() string { return filepath.Join(c.driver.dir, "terraform.tfstate") }

// do runs the command that is called name.
func (c *command) do(name string) (code int, err error) {
	switch name {
	case "init":
		return 0, nil
	case "output", "show", "state", "taint", "untaint":
		return 0, c.inspect(name)
	}
	if name == "apply" && len(c.rest) == 1 {
		return 0, c.applySaved(c.rest[0])
	}
	config, diagnostics := load(c.driver.dir)
	for _, d := range diagnostics {
		c.diagnostics = append(c.diagnostics, diagnostic{summary: d.Summary, detail: d.Detail, subject: d.Subject})
	}
	if c.config = config; diagnostics.HasErrors() {
		return 1, nil
	}
	switch name {
	case "validate":
		c.validate()
	case "import":
		err = c.importOne(c.rest[0], c.rest[1])
	case "plan":
		code, err = c.planOnly()
	case "apply", "destroy", "refresh":
		c.deaf = true // until the plan is there, Terraform does not stop an apply
		c.destroy = c.destroy || name == "destroy"
		c.refreshOnly = c.refreshOnly || name == "refresh"
		if !c.approved && name != "refresh" {
			return 1, fmt.Errorf("terraform %s without -auto-approve asks a question", name)
		}
		var p *plan
		if p, err = c.plan(); p != nil {
			c.show(p)
			if c.deaf = false; c.interrupted.Load() {
				return 1, errors.New("execution halted")
			}
			err = c.apply(p)
		}
	default:
		return 1, fmt.Errorf("the driver does not know terraform %s", name)
	}
	return code, err
}

// conclude prints the diagnostics.
func (c *command) conclude() {
	c.WriteString(shown(c.diagnostics))
	c.failed = c.failed || hasErrors(c.diagnostics)
	c.diagnostics = nil
}

// finish takes over what a walk has to say, and reports whether all went well.
func (c *command) finish(w *walk) bool {
	if w.halted {
		w.diagnostics = append(w.diagnostics, diagnostic{summary: "execution halted"})
	}
	c.diagnostics = append(c.diagnostics, w.diagnostics...)
	fmt.Fprintln(c, strings.Join(w.progress, "\n"))
	return !hasErrors(w.diagnostics)
}

// validate checks each block alone; what others will be is unknown.
func (c *command) validate() {
	w := c.newWalk(&state{})
	if c.config.provider != nil {
		config, diagnostics := w.configOf(c.known.provider, c.config.provider.Body.Attributes, nil)
		if w.misconfigured(diagnostics) {
			w.validateProvider(config)
		}
	}
	for _, b := range c.config.blocks {
		i := &instance{each: anyInstance}
		config, diagnostics := w.configOf(b.kind, b.attributes, i)
		if !w.misconfigured(diagnostics) {
			continue
		}
		w.validateBlock(b, i, config)
	}
	if c.finish(w) {
		c.WriteString("Success! The configuration is valid.\n")
	}
}

// plan makes a plan, or reports why there is none.
func (c *command) plan() (*plan, error) {
	s, err := readState(c.statePath())
	if err != nil {
		return nil, err
	}
	p := &plan{config: c.config, base: s.says()}
	if c.moved = c.move(s); hasErrors(c.diagnostics) {
		return nil, nil
	}
	before := s.clone()
	if !c.destroy || c.refresh {
		w := c.newWalk(s)
		w.destroy = false
		w.plan()
		w.conclude()
		warnings := w.diagnostics
		if c.destroy && !hasErrors(warnings) {
			w.diagnostics = nil // said again, or about nothing that matters
		}
		if !c.finish(w) {
			return nil, nil
		}
		p.changes, p.outputs = w.changes, w.outputs()
	}
	if c.destroy {
		w := c.newWalk(s)
		w.planDestroy()
		if !c.finish(w) {
			return nil, nil
		}
		p.changes, p.outputs = w.changes, nil
	}
	p.state, p.options = s, c.options
	if c.refreshOnly {
		p.changes = c.drift(before, s)
	}
	return p, nil
}

// planOnly is "terraform plan".
func (c *command) planOnly() (code int, err error) {
	p, err := c.plan()
	if p == nil {
		return 1, err
	}
	changed := c.show(p)
	if c.out != "" {
		c.driver.plans[c.out] = p
		if err := os.WriteFile(filepath.Join(c.driver.dir, c.out), []byte("The driver keeps the plan in memory.\n"), 0o600); err != nil {
			return 1, err
		}
	}
	if c.detailed && changed {
		return 2, nil
	}
	return 0, nil
}

func (c *command) applySaved(file string) error {
	p := c.driver.plans[file]
	if p == nil {
		return fmt.Errorf("there is no plan %s", file)
	}
	s, err := readState(c.statePath())
	if err != nil {
		return err
	}
	if s.says() != p.base && len(p.moved) == 0 {
		return fmt.Errorf("Saved plan is stale")
	}
	c.config = p.config
	parallelism := c.parallelism
	c.options = p.options
	c.parallelism, c.deaf = parallelism, false
	return c.apply(p)
}

// apply carries out a plan and writes the state, whatever happens.
func (c *command) apply(p *plan) error {
	s := p.state.clone()
	w := c.newWalk(s)
	changes := maps.Clone(p.changes)
	if c.refreshOnly {
		changes = nil
	}
	done := w.apply(changes)
	if !c.destroy && !c.refreshOnly {
		w.conclude()
	}
	ok := c.finish(w)
	if c.destroy && ok {
		s.Outputs = nil
	} else if ok {
		if err := s.keep(w.outputs()); err != nil {
			return err
		}
	}
	if err := s.write(c.statePath()); err != nil {
		return err
	}
	if c.conclude(); c.failed {
		return nil
	}
	if c.destroy {
		fmt.Fprintf(c, "Destroy complete! Resources: %d destroyed.\n", done.destroyed)
		return nil
	}
	imported := ""
	if done.imported > 0 {
		imported = fmt.Sprintf("%d imported, ", done.imported)
	}
	fmt.Fprintf(c, "Apply complete! Resources: %s%d added, %d changed, %d destroyed.\n", imported, done.added, done.changed, done.destroyed)
	for _, name := range slices.Sorted(maps.Keys(w.outputs())) {
		fmt.Fprintf(c, "%s\n", w.outputs()[name].text(name))
	}
	return nil
}
