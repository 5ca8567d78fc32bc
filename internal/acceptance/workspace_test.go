package acceptance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// workspace is a folder with a configuration, in which commands run. A test
// sees what users see: the words on the terminal, the exit code, the requests of
// one command. Commands run in the driver, which takes milliseconds, or really,
// with the provider as a process of its own.
type workspace struct {
	t      *testing.T
	gitlab *fakeGitLab
	dir    string
	driver *driver
	// env is what the environment has besides. If it has anything, or if real
	// is set, the real command runs.
	env             []string
	real            bool
	movedFromGitLab bool
	// expectsBug is set where Terraform rightly blames the provider.
	expectsBug bool
}

// newWorkspace writes the configuration.
func (g *fakeGitLab) newWorkspace(t *testing.T, config string) *workspace {
	t.Helper()
	withoutVariables()
	w := &workspace{t: t, gitlab: g, dir: t.TempDir(), real: g.real || allReal()}
	w.driver = &driver{dir: w.dir, plans: map[string]*plan{}}
	w.write(config)
	return w
}

// begun is a GitLab with these projects, and a workspace for a maintainer of it.
func begun(t *testing.T, body string, projects ...gitlabsim.Project) (*fakeGitLab, *workspace) {
	t.Helper()
	g := newGitLab(t, projects...)
	return g, g.newWorkspace(t, g.config(body))
}

// applied is the same after a first apply.
func applied(t *testing.T, body string, projects ...gitlabsim.Project) (*fakeGitLab, *workspace) {
	t.Helper()
	g, w := begun(t, body, projects...)
	w.apply().ok()
	return g, w
}

// story is a subtest that begins so, beside the others.
func story(t *testing.T, name, body string, projects []gitlabsim.Project, tell func(*fakeGitLab, *workspace)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		tell(begun(t, body, projects...))
	})
}

// allReal reports whether every workspace is to run the real command.
func allReal() bool { return os.Getenv("TF_ACC_DRIVER") == "terraform" }

// withoutVariables removes what would configure a provider in this process. The
// tests for a real GitLab, which need it, run alone.
var withoutVariables = sync.OnceFunc(func() {
	_ = os.Unsetenv("GITLAB_BASE_URL")
	_ = os.Unsetenv("GITLAB_TOKEN")
})

func (w *workspace) write(config string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(requiredProviders+config), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// with writes a configuration for a maintainer.
func (w *workspace) with(body string) *workspace {
	w.t.Helper()
	w.write(w.gitlab.config(body))
	return w
}

// run runs one command and forgets earlier requests first.
func (w *workspace) run(args ...string) *outcome {
	w.t.Helper()
	w.gitlab.sim.Forget()
	if w.real || w.env != nil {
		return w.blameless(w.begin("", args...).wait())
	}
	return w.drive(args, nil)
}

// drive runs a command in the driver; meanwhile is called while it runs.
func (w *workspace) drive(args []string, meanwhile func()) *outcome {
	w.t.Helper()
	out := &outcome{t: w.t, command: strings.Join(args, " ")}
	done := make(chan struct{})
	go func() {
		defer close(done)
		out.output, out.code = w.driver.run(w.t.Context(), args...)
	}()
	if meanwhile != nil {
		meanwhile()
	}
	select {
	case <-done:
	case <-time.After(patience):
		w.t.Fatalf("terraform %s has not ended after %s", out.command, patience)
	}
	out.requests = w.gitlab.requests()
	return w.blameless(out)
}

// blameless fails the test if Terraform blames the provider.
func (w *workspace) blameless(o *outcome) *outcome {
	w.t.Helper()
	if blamed := strings.Contains(flat(o.output), "This is a bug in the provider"); blamed && !w.expectsBug {
		w.t.Errorf("terraform %s finds a bug in the provider:\n%s", o.command, o.output)
	}
	return o
}

func (w *workspace) apply(args ...string) *outcome {
	w.t.Helper()
	return w.run(slices.Concat([]string{"apply", "-auto-approve"}, args)...)
}

// settles applies, and wants a plan that finds nothing to do afterwards.
func (w *workspace) settles(args ...string) *outcome {
	w.t.Helper()
	applied := w.apply(args...).ok()
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
	return applied
}

// holds wants these attributes of a resource in the state; more may be there.
func (w *workspace) holds(address string, want map[string]any) {
	w.t.Helper()
	s, err := readState(w.statePath())
	if err != nil {
		w.t.Fatal(err)
	}
	r := s.records[place{address, ""}]
	if r == nil {
		w.t.Errorf("the state has no %s", address)
		return
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(r.Attributes, &got); err != nil {
		w.t.Fatal(err)
	}
	for name, value := range want {
		var compact bytes.Buffer
		text, err := json.Marshal(value)
		if err := errors.Join(err, json.Compact(&compact, got[name])); err != nil || compact.String() != string(text) {
			w.t.Errorf("%s of %s is %s, want %s", name, address, got[name], text)
		}
	}
}

func (w *workspace) statePath() string { return filepath.Join(w.dir, "terraform.tfstate") }

// state returns the state file.
func (w *workspace) state() string {
	w.t.Helper()
	content, err := os.ReadFile(w.statePath())
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}
