package acceptance_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
)

// driver does what the terraform command does with a folder, but in the process
// of the test and over the plugin protocol, which takes milliseconds. Whatever
// Terraform demands of a provider, it demands, too. TestTheDriverDoesWhatTerraformDoes
// compares the two, and CONTRIBUTING.md says how to run every test with the command.
type driver struct {
	dir     string
	plans   map[string]*plan // by file name
	running atomic.Pointer[command]
}

// options are what flags say.
type options struct {
	refresh, refreshOnly, destroy, detailed bool
	out                                     string
	replace                                 []string
	parallelism                             int
	moved                                   map[string]string // from where, by the new address
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
	current     atomic.Pointer[walk]
	interrupted atomic.Bool
	deaf        atomic.Bool // to Ctrl-C

	mu          sync.Mutex // also of what a walk shares
	diagnostics hcl.Diagnostics
}

// plan is what a plan file holds.
type plan struct {
	options
	config  *configuration
	base    string // what the state said
	state   *state
	changes map[place]*change
}

// run runs a command and returns what it prints, and its exit code.
func (d *driver) run(ctx context.Context, args ...string) (printed string, code int) {
	c := &command{ctx: ctx, driver: d, config: &configuration{}}
	d.running.Store(c)
	var err error
	if c.known, err = schemas(); err == nil {
		if err = c.flags(args[1:]); err == nil {
			code, err = c.do(args[0])
		}
	}
	if err != nil {
		c.add(wrong(nil, err.Error(), ""))
	}
	if c.diagnostics.HasErrors() {
		code = 1
	}
	if c.interrupted.Load() {
		c.WriteString("Interrupt received.\n")
	}
	c.WriteString(shown(c.diagnostics, c.config.file))
	return c.String(), code
}

// interrupt is Ctrl-C.
func (d *driver) interrupt() {
	c := d.running.Load()
	c.interrupted.Store(true)
	if w := c.current.Load(); w != nil && c.stopped() {
		w.stop()
	}
}

func (c *command) stopped() bool { return c.interrupted.Load() && !c.deaf.Load() }

func (c *command) flags(args []string) error {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.BoolVar(&c.refresh, "refresh", true, "")
	f.BoolVar(&c.refreshOnly, "refresh-only", false, "")
	f.BoolVar(&c.destroy, "destroy", false, "")
	f.BoolVar(&c.detailed, "detailed-exitcode", false, "")
	f.Bool("auto-approve", false, "")
	f.StringVar(&c.out, "out", "", "")
	f.IntVar(&c.parallelism, "parallelism", 10, "")
	f.Func("replace", "", func(address string) error { c.replace = append(c.replace, address); return nil })
	err := f.Parse(args)
	c.rest = f.Args()
	return err
}

func (c *command) statePath() string { return filepath.Join(c.driver.dir, "terraform.tfstate") }

// do runs the command that is called name.
func (c *command) do(name string) (code int, err error) {
	s, err := readState(c.statePath())
	if err != nil {
		return 1, err
	}
	if name == "apply" && len(c.rest) == 1 {
		p := c.driver.plans[c.rest[0]]
		if p == nil || s.says() != p.base {
			c.add(wrong(nil, "Saved plan is stale", "The given plan file can no longer be applied because the state was changed by another operation after the plan was created."))
			return 1, nil
		}
		p.parallelism, c.config = c.parallelism, p.config
		c.options = p.options
		return 0, c.apply(p)
	}
	if !slices.Contains([]string{"validate", "import", "plan", "apply", "destroy"}, name) {
		return 0, c.inspect(s, name)
	}
	config, diagnostics := load(c.driver.dir, c.known)
	if c.config = config; !c.add(diagnostics) {
		return 1, nil
	}
	switch name {
	case "validate":
		c.validate()
		return 0, nil
	case "import":
		return 0, c.importOne(s, c.rest[0], c.rest[1])
	case "plan":
		if p := c.plan(s); p != nil {
			return c.planned(p)
		}
		return 1, nil
	}
	c.deaf.Store(true) // until the plan is there, Terraform does not stop an apply
	c.destroy = c.destroy || name == "destroy"
	p := c.plan(s)
	if p == nil {
		return 1, nil
	}
	c.show(p)
	if c.deaf.Store(false); c.interrupted.Load() {
		return 1, errors.New("execution halted")
	}
	return 0, c.apply(p)
}

// plan makes a plan, or returns nil if there is none.
func (c *command) plan(s *state) *plan {
	p := &plan{config: c.config, base: s.says(), state: s}
	if c.moved = c.move(s); c.diagnostics.HasErrors() {
		return nil
	}
	if !c.destroy || c.refresh {
		w := c.newWalk(s)
		w.plan()
		if c.diagnostics.HasErrors() {
			return nil
		}
		p.changes = w.planned
	}
	if c.destroy {
		c.diagnostics = nil // said again, or about nothing that matters
		w := c.newWalk(s)
		w.planDestroy()
		p.changes = w.planned
	}
	if p.options = c.options; c.diagnostics.HasErrors() {
		return nil
	}
	return p
}

// planned is what "terraform plan" does with a plan.
func (c *command) planned(p *plan) (code int, err error) {
	if changed := c.show(p); changed && c.detailed {
		code = 2
	}
	if c.out == "" {
		return code, nil
	}
	c.driver.plans[c.out] = p
	return code, os.WriteFile(filepath.Join(c.driver.dir, c.out), []byte("The driver keeps the plan in memory.\n"), 0o600)
}

// apply carries out a plan and writes the state, whatever happens.
func (c *command) apply(p *plan) error {
	w := c.newWalk(p.state)
	changes := p.changes
	if c.refreshOnly {
		changes = nil
	}
	done := w.apply(changes)
	if err := p.state.write(c.statePath()); err != nil || c.diagnostics.HasErrors() {
		return err
	}
	if c.destroy {
		fmt.Fprintf(c, "Destroy complete! Resources: %d destroyed.\n", done[deletes])
		return nil
	}
	fmt.Fprintf(c, "Apply complete! Resources: %s%d added, %d changed, %d destroyed.\n", p.imported("imported"), done[creates], done[updates], done[deletes])
	return nil
}
