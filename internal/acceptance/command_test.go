package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// TestMain shows terraform-plugin-testing an OpenTofu without a Terraform, and
// removes what the tests have built.
func TestMain(m *testing.M) {
	_, missing := exec.LookPath("terraform")
	if tofu, err := exec.LookPath("tofu"); err == nil && missing != nil {
		_ = errors.Join(os.Setenv("TF_ACC_TERRAFORM_PATH", tofu), os.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org"))
	}
	code := m.Run()
	if builtDir != "" {
		_ = os.RemoveAll(builtDir)
	}
	os.Exit(code)
}

var builtDir string

// initialised is the command with a folder in which init has run. Workspaces
// use its data and its lock file, because init takes as long as a plan.
type initialised struct {
	*terraformcli.CLI
	dir     string
	release *version.Version
}

// installed builds the provider once for all tests that run the real command. It
// has the name of the gitlab provider, too: when a resource moves, Terraform asks
// the source provider for its schemas, but decodes nothing with them.
var installed = sync.OnceValues(func() (*initialised, error) {
	dir, err := os.MkdirTemp("", "errortracking-acceptance-")
	if err != nil {
		return nil, err
	}
	builtDir = dir
	cli, err := terraformcli.Install(context.Background(), dir)
	if err != nil {
		return nil, err
	}
	binaries, err := filepath.Glob(filepath.Join(dir, "mirror", "*", "errortracking", "errortracking", "*", "*", "*"))
	for _, binary := range binaries {
		target := strings.ReplaceAll(strings.Replace(binary, "errortracking/errortracking", "gitlabhq/gitlab", 1), "terraform-provider-errortracking", "terraform-provider-gitlab")
		err = errors.Join(err, os.MkdirAll(filepath.Dir(target), 0o755), os.Link(binary, target))
	}
	config := strings.Replace(requiredProviders, "  required_providers {", "  required_providers {\n    gitlab = { source = \"gitlabhq/gitlab\" }", 1)
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600)); err != nil {
		return nil, err
	}
	if output, err := cli.Command(context.Background(), dir, nil, "init", "-no-color", "-backend=false").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("terraform init: %w\n%s", err, output)
	}
	output, err := cli.Command(context.Background(), dir, nil, "version", "-json").Output()
	var said struct {
		Version *version.Version `json:"terraform_version"`
	}
	return &initialised{cli, dir, said.Version}, errors.Join(err, json.Unmarshal(output, &said))
})

const requiredProviders = `
terraform {
  required_providers {
    errortracking = { source = "errortracking/errortracking" }
  }
}
`

// command returns the real command, with the workspace ready for it.
func (w *workspace) command() *initialised {
	w.t.Helper()
	cli, err := installed()
	if err != nil {
		w.t.Fatal(err)
	}
	lock, err := os.ReadFile(filepath.Join(cli.dir, ".terraform.lock.hcl"))
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, ".terraform.lock.hcl"), lock, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return cli
}

// patience is how long a command may take before its test fails.
const patience = 3 * time.Minute

// running is a real command that has not ended yet.
type running struct {
	*workspace
	cmd    *exec.Cmd
	output bytes.Buffer
	log    string
	ended  chan struct{} // closed when it has
	err    error         // with which it has ended
	ctx    context.Context
	cancel context.CancelFunc
}

// begin starts the real command; a level makes it write a log.
func (w *workspace) begin(level string, args ...string) *running {
	w.t.Helper()
	w.needsWhatItUses()
	cli := w.command()
	env := append([]string{"TF_DATA_DIR=" + filepath.Join(cli.dir, ".terraform")}, w.env...)
	r := &running{workspace: w, ended: make(chan struct{})}
	if level != "" {
		r.log = filepath.Join(w.t.TempDir(), "terraform.log")
		env = append(env, "TF_LOG_PROVIDER="+level, "TF_LOG_PATH="+r.log)
	}
	r.ctx, r.cancel = context.WithTimeout(w.t.Context(), patience)
	if args[0] != "state" { // its subcommands lack -no-color
		args = append([]string{args[0], "-no-color"}, args[1:]...)
	}
	r.cmd = cli.Command(r.ctx, w.dir, env, args...)
	r.cmd.Stdout, r.cmd.Stderr = &r.output, &r.output
	if err := r.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		r.err = r.cmd.Wait()
	}()
	return r
}

// wait waits until the command has ended.
func (r *running) wait() *outcome {
	r.t.Helper()
	defer r.cancel()
	<-r.ended
	code, err := terraformcli.ExitCode(r.err)
	command := strings.Join(r.cmd.Args[1:], " ")
	if r.ctx.Err() != nil {
		r.t.Fatalf("terraform %s has not ended after %s:\n%s", command, patience, r.output.String())
	}
	if err != nil {
		r.t.Fatalf("terraform %s: %v", command, err)
	}
	return &outcome{r.t, command, r.output.String(), code, r.gitlab.requests()}
}

// logs waits until the log says something, or the command has ended.
func (r *running) logs(what func(log string) bool) (log string) {
	for end := time.After(10 * time.Second); ; {
		ended := false
		select {
		case <-r.ended:
			ended = true
		case <-end:
			ended = true
		case <-time.After(5 * time.Millisecond):
		}
		text, err := os.ReadFile(r.log)
		if log = string(text); ended || err == nil && what(log) {
			return log
		}
	}
}

// needs skips the test if the real command is older. The same is tested without
// it, too.
func (w *workspace) needs(terraform, tofu string) {
	w.t.Helper()
	cli := w.command()
	least := terraform
	if strings.Contains(filepath.Base(cli.Path), "tofu") {
		least = tofu
	}
	if cli.release.Core().LessThan(version.Must(version.NewVersion(least))) {
		w.t.Skipf("%s is older than %s", cli.release, least)
	}
}

// needsWhatItUses skips the test if the configuration uses what the real command
// does not know yet.
func (w *workspace) needsWhatItUses() {
	w.t.Helper()
	config, err := os.ReadFile(filepath.Join(w.dir, "main.tf"))
	if err != nil {
		w.t.Fatal(err)
	}
	for words, least := range map[string][2]string{
		"terraform_data": {"1.4", "1.6"}, "\nimport {": {"1.5", "1.6"}, "\ncheck \"": {"1.5", "1.6"}, "\n  identity = {": {"1.12", "99"},
	} {
		if strings.Contains(string(config), words) {
			w.needs(least[0], least[1])
		}
	}
	if w.movedFromGitLab {
		w.needs("1.8", "1.10")
	}
}
