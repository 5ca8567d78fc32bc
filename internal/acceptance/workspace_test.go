package acceptance_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

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

// needs skips the test if the command is too old for it. The same is tested
// without the command, too.
func (w *workspace) needs(check tfversion.TerraformVersionCheck) {
	w.t.Helper()
	output, err := w.cli.Command(w.t.Context(), w.dir, nil, "version", "-json").Output()
	if err != nil {
		w.t.Fatal(err)
	}
	var command struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &command); err != nil {
		w.t.Fatal(err)
	}
	var resp tfversion.CheckTerraformVersionResponse
	check.CheckTerraformVersion(w.t.Context(), tfversion.CheckTerraformVersionRequest{TerraformVersion: version.Must(version.NewVersion(command.Version))}, &resp)
	if resp.Skip != "" {
		w.t.Skip(resp.Skip)
	}
}
