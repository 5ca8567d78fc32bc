package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// TestMain removes what the tests have built.
func TestMain(m *testing.M) {
	code := m.Run()
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
	os.Exit(code)
}

var builtDir string

// installed builds the provider once for all tests that run the real command.
var installed = sync.OnceValues(func() (*terraformcli.CLI, error) {
	var err error
	if builtDir, err = os.MkdirTemp("", "errortracking-acceptance-"); err != nil {
		return nil, err
	}
	return terraformcli.Install(context.Background(), builtDir)
})

// workspace is a folder with a configuration, in which the real command runs
// with the provider as a process of its own. It sees what users see: the words
// on the terminal, the exit code, the requests of one command.
type workspace struct {
	t      *testing.T
	gitlab *fakeGitLab
	cli    *terraformcli.CLI
	dir    string
	env    []string
}

// newWorkspace writes the configuration and runs init.
func (g *fakeGitLab) newWorkspace(t *testing.T, config string) *workspace {
	t.Helper()
	cli, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, gitlab: g, cli: cli, dir: t.TempDir()}
	w.write(config)
	w.run("init", "-backend=false").ok()
	return w
}

func (w *workspace) write(config string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(requiredProviders+config), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

const requiredProviders = `
terraform {
  required_providers {
    errortracking = { source = "errortracking/errortracking" }
  }
}
`

// run runs one command and forgets earlier requests first.
func (w *workspace) run(args ...string) *outcome {
	w.t.Helper()
	w.gitlab.sim.Forget()
	if args[0] != "state" { // its subcommands lack -no-color
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	output, err := w.cli.Command(w.t.Context(), w.dir, w.env, args...).CombinedOutput()
	code, err := terraformcli.ExitCode(err)
	if err != nil {
		w.t.Fatalf("terraform %v: %v", args, err)
	}
	return &outcome{w.t, strings.Join(args, " "), string(output), code, w.gitlab.requests()}
}

func (w *workspace) apply(args ...string) *outcome {
	w.t.Helper()
	return w.run(append([]string{"apply", "-auto-approve"}, args...)...)
}

// state returns the state file.
func (w *workspace) state() string {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(w.dir, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(content)
}

// outcome is what a command printed and did.
type outcome struct {
	t        *testing.T
	command  string
	output   string
	code     int
	requests []string
}

func (o *outcome) ok() *outcome {
	o.t.Helper()
	return o.exits(0)
}

func (o *outcome) fails() *outcome {
	o.t.Helper()
	return o.exits(1)
}

func (o *outcome) exits(code int) *outcome {
	o.t.Helper()
	if o.code != code {
		o.t.Fatalf("terraform %s: exit code %d, want %d\n%s", o.command, o.code, code, o.output)
	}
	return o
}

// says wants every phrase in the output, however Terraform wraps it.
func (o *outcome) says(phrases ...string) *outcome {
	o.t.Helper()
	said := flat(o.output)
	for _, phrase := range phrases {
		if !strings.Contains(said, phrase) {
			o.t.Errorf("terraform %s does not say %q:\n%s", o.command, phrase, o.output)
		}
	}
	return o
}

func (o *outcome) saysNot(phrases ...string) *outcome {
	o.t.Helper()
	said := flat(o.output)
	for _, phrase := range phrases {
		if strings.Contains(said, phrase) {
			o.t.Errorf("terraform %s says %q:\n%s", o.command, phrase, o.output)
		}
	}
	return o
}

// warns wants that many warnings.
func (o *outcome) warns(want int) *outcome {
	o.t.Helper()
	if n := strings.Count(o.output, "Warning: "); n != want {
		o.t.Errorf("terraform %s gives %d warnings, want %d:\n%s", o.command, n, want, o.output)
	}
	return o
}

// asked wants exactly these requests, in this order.
func (o *outcome) asked(want ...string) *outcome {
	o.t.Helper()
	if got := strings.Join(o.requests, "\n"); got != strings.Join(want, "\n") {
		o.t.Errorf("terraform %s made the requests\n%s\nwant\n%s", o.command, got, strings.Join(want, "\n"))
	}
	return o
}

// flat undoes Terraform's wrapping and frames.
func flat(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)), " ")
}

func get(project string) string { return settingsRequest("GET", project) }

func patch(project, body string) string { return settingsRequest("PATCH", project) + " " + body }

func put(project, body string) string { return settingsRequest("PUT", project) + " " + body }

func settingsRequest(method, project string) string {
	return fmt.Sprintf("%s /projects/%s/error_tracking/settings", method, strings.ReplaceAll(project, "/", "%2F"))
}
