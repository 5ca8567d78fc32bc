// Package terraformcli runs the real terraform (or tofu) command on this
// repository's provider, installed the way a user without a registry does it.
package terraformcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// Version is the version that a provider built by Install carries.
const Version = "0.0.1"

// CLI is a command with the provider installed for it.
type CLI struct {
	// Path is that of the command, ConfigFile its configuration's.
	Path, ConfigFile string
}

// find returns the path of terraform or tofu: what the environment variable
// TF_ACC_TERRAFORM_PATH names, else what PATH has, else a terraform that it
// downloads into dir.
func find(ctx context.Context, dir string) (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	wanted := version.Must(version.NewVersion("1.11.4"))
	path, err := (&releases.ExactVersion{Product: product.Terraform, Version: wanted, InstallDir: dir}).Install(ctx)
	if err != nil {
		return "", fmt.Errorf("neither terraform nor tofu is on PATH, and terraform cannot be downloaded: %w", err)
	}
	return path, nil
}

// Install builds the provider, puts it into a filesystem mirror under dir, and
// returns the command for it. The current directory must be in the module.
func Install(ctx context.Context, dir string) (*CLI, error) {
	path, err := find(ctx, dir)
	if err != nil {
		return nil, err
	}
	const module = "github.com/errortracking/terraform-provider-errortracking"
	// Windows needs the extension; elsewhere it does no harm.
	binary := filepath.Join(dir, "terraform-provider-errortracking.exe")
	build := exec.CommandContext(ctx, "go", "build", "-ldflags", "-X main.version="+Version, "-o", binary, module)
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	mirror := filepath.Join(dir, "mirror")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror, host, "errortracking", "errortracking", Version, runtime.GOOS+"_"+runtime.GOARCH)
		err := errors.Join(os.MkdirAll(folder, 0o755), os.Link(binary, filepath.Join(folder, filepath.Base(binary))))
		if err != nil {
			return nil, fmt.Errorf("installing the provider: %w", err)
		}
	}
	config := filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(mirror))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("writing the CLI configuration: %w", err)
	}
	return &CLI{Path: path, ConfigFile: config}, nil
}

// Root returns the root of the module that the current directory is in.
func Root(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module: %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}

// Command prepares a run of the command in dir. It removes variables that would
// change what Terraform or the provider does; env adds some.
func (c *CLI) Command(ctx context.Context, dir string, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.Path, args...)
	cmd.Dir = dir
	// If interrupted, Terraform ends the provider too; if killed, it cannot.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "GITLAB_")
	})
	cmd.Env = append(cmd.Env, "TF_CLI_CONFIG_FILE="+c.ConfigFile, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// ExitCode returns the exit code that err reports, or err if it reports none.
func ExitCode(err error) (int, error) {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	return 0, err
}
