// Command quickstart shows in a terminal what the provider does: it builds the
// provider, starts a simulated GitLab on this machine, and runs the real
// terraform (or tofu) on examples/quickstart. It fails if anything differs from
// what it says.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

const token = "glpat-quickstart"

func main() {
	// SIGPIPE too, so that nothing is left behind if the reader goes away.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	if err := run(ctx, os.Stdout); err != nil {
		log.New(os.Stderr, "quickstart: ", 0).Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp("", "errortracking-quickstart-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)

	fmt.Fprintln(out, "Building the provider, and starting a simulated GitLab …")
	cli, err := terraformcli.Install(ctx, dir)
	if err != nil {
		return err
	}
	if err := copyExample(ctx, dir); err != nil {
		return err
	}
	sim := newGitLab()
	server := httptest.NewServer(sim)
	defer server.Close()

	t := &teller{out: out, sim: sim, cli: cli, dir: dir, url: server.URL}
	t.show("GITLAB_BASE_URL=" + t.url + "\nGITLAB_TOKEN=" + token)
	for i, s := range story() {
		fmt.Fprintf(out, "\n%d. %s\n", i+1, s.sentence)
		if err := t.tell(ctx, s); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	fmt.Fprintln(out, "\nEverything happened as told.")
	return nil
}

// copyExample keeps what Terraform writes out of the repository.
func copyExample(ctx context.Context, dir string) error {
	root, err := terraformcli.Root(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "examples", "quickstart", "main.tf"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "main.tf"), text, 0o600)
}

// teller tells the steps of a story and checks that they are true.
type teller struct {
	out io.Writer
	sim *gitlabsim.Server
	cli *terraformcli.CLI
	dir string
	url string
}

func (t *teller) tell(ctx context.Context, s step) error {
	if s.click != nil {
		s.click(t.sim)
	}
	if s.args != nil {
		if err := t.terraform(ctx, s); err != nil {
			return err
		}
	}
	has := describe(t.sim)
	t.show("GitLab: " + has)
	if has != s.has {
		return fmt.Errorf("GitLab should have: %s", s.has)
	}
	return nil
}

// terraform runs a command and shows what matters of its output.
func (t *teller) terraform(ctx context.Context, s step) error {
	command := strings.TrimSuffix(filepath.Base(t.cli.Path), ".exe") + " " + strings.Join(s.args, " ")
	t.show("$ " + command)

	env := []string{"GITLAB_BASE_URL=" + t.url, "GITLAB_TOKEN=" + token, "TF_CLI_ARGS=-no-color"}
	output, err := t.cli.Command(ctx, t.dir, env, s.args...).CombinedOutput()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	code, err := terraformcli.ExitCode(err)
	if err != nil {
		return fmt.Errorf("running %s: %w", command, err)
	}
	if code != s.exitCode {
		return fmt.Errorf("%s ended with exit code %d, not %d:\n%s", command, code, s.exitCode, output)
	}
	lines, missing := excerpt(string(output), s.says)
	if missing != "" {
		return fmt.Errorf("%s does not say %q:\n%s", command, missing, output)
	}
	t.show(lines)
	return nil
}

func (t *teller) show(text string) {
	fmt.Fprintln(t.out)
	for line := range strings.Lines(strings.Trim(text, "\n")) {
		fmt.Fprintln(t.out, strings.TrimRight("   "+line, " \n"))
	}
}

// excerpt finds the phrases in this order, and returns the lines from the first
// phrase to the last; missing is the first that is not found.
func excerpt(output string, phrases []string) (lines, missing string) {
	const line = `[^\n]*`
	pattern := "(?s)" + line
	for i, phrase := range phrases {
		if i > 0 {
			pattern += ".*?"
		}
		pattern += regexp.QuoteMeta(phrase)
		if lines = regexp.MustCompile(pattern + line).FindString(output); lines == "" {
			return "", phrase
		}
	}
	return lines, ""
}
