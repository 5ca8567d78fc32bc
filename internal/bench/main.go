// Command bench measures what the provider costs: it runs the real terraform
// (or tofu) on many projects of a simulated GitLab, and on as many
// terraform_data resources, which do nothing, as the floor set by Terraform.
// Its arguments are numbers of projects.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

const (
	latency     = 20 * time.Millisecond
	parallelism = 10 // Terraform's default

	head = `Answers after %s over TLS and HTTP/1.1, -parallelism=%d. The floor is Terraform with as many terraform_data.
The ratio is time / (floor + requests / parallelism × latency): more than 1 is neither Terraform nor the network.
A repair is an apply after error tracking was turned off in a tenth of the projects. CPU and memory are the
provider's: of the process that used most, as Linux tells.

| projects | command | time | floor | ratio | requests | connections | CPU | memory |
| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
`
	nothing  = `resource "terraform_data" "test" { count = %d }`
	provider = `terraform {
  required_providers {
    errortracking = { source = "errortracking/errortracking" }
  }
}
provider "errortracking" { insecure = true }
`
	oneEach = provider + `resource "errortracking_settings" "test" {
  count   = %d
  project = count.index + 1
  active  = true
}
`
	oneBlock = provider + `resource "errortracking_group_settings" "test" {
  count  = %d
  group  = "acme"
  active = true
}
`
)

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		log.New(os.Stderr, "bench: ", 0).Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, sizes []string) error {
	if len(sizes) == 0 {
		sizes = []string{"10", "100", "1000"}
	}
	dir, err := os.MkdirTemp("", "errortracking-bench-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer os.RemoveAll(dir)
	cli, err := terraformcli.Install(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, head, latency, parallelism)
	for _, size := range sizes {
		n, err := strconv.Atoi(size)
		if err == nil {
			err = measure(ctx, out, cli, size, oneEach, n, n)
		}
		if err == nil {
			err = measure(ctx, out, cli, size+" in a group", oneBlock, n, 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// measure prints the rows for n projects that are managed by some resources.
func measure(ctx context.Context, out io.Writer, cli *terraformcli.CLI, name, config string, n, resources int) error {
	sim := gitlabsim.New(gitlabsim.Config{})
	sim.AddToken("glpat-bench", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Delay(latency)})
	settings := gitlabsim.SentryLink("https://sentry.example.com/api/0/projects/acme/web/")
	for id := range int64(n) {
		sim.AddProject(gitlabsim.Project{ID: id + 1, Path: fmt.Sprintf("acme/p%d", id+1), Settings: settings})
	}
	settings.Active = false // for the repair; projects have copies
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(sim)
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		opened.Add(1)
		return ctx
	}
	server.StartTLS()
	defer server.Close()
	env := []string{"GITLAB_BASE_URL=" + server.URL, "GITLAB_TOKEN=glpat-bench"}

	for _, step := range []struct{ name, command string }{
		{"init", "init"}, {"apply", "apply -auto-approve"}, {"plan", "plan -detailed-exitcode"},
		{"repair", "apply -auto-approve"}, {"destroy", "destroy -auto-approve"},
	} {
		for id := 1; step.name == "repair" && id <= n; id += 10 {
			sim.SetSettings(int64(id), settings)
		}
		floor, err := timed(ctx, cli, name+" floor", fmt.Sprintf(nothing, resources), step.command, env)
		if err != nil {
			return err
		}
		opened.Store(0)
		used, err := timed(ctx, cli, name, fmt.Sprintf(config, resources), step.command, env)
		if err != nil {
			return err
		}
		if requests := len(sim.Forget()); step.name != "init" {
			ideal := floor.time + time.Duration(requests)*latency/parallelism
			fmt.Fprintf(out, "| %s | %s | %.2f s | %.2f s | %.2f | %d | %d | %.1f s | %d MB |\n",
				name, step.name, used.time.Seconds(), floor.time.Seconds(), used.time.Seconds()/ideal.Seconds(),
				requests, opened.Load(), used.cpu.Seconds(), used.memory/1_000_000)
		}
	}
	return nil
}

// timed runs a command in a folder with a configuration.
func timed(ctx context.Context, cli *terraformcli.CLI, folder, config, command string, env []string) (used cost, err error) {
	root := filepath.Dir(cli.ConfigFile)
	folder = filepath.Join(root, folder)
	err = errors.Join(os.MkdirAll(folder, 0o755), os.WriteFile(filepath.Join(folder, "main.tf"), []byte(config), 0o600))
	if err != nil {
		return used, fmt.Errorf("writing the configuration: %w", err)
	}
	ended := make(chan error)
	begin := time.Now()
	go func() {
		output, err := cli.Command(ctx, folder, env, strings.Fields(command)...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("running %s: %w\n%s", command, err, output)
		}
		used.time = time.Since(begin)
		ended <- err
	}()
	for {
		select {
		case err := <-ended:
			return used, err
		case <-time.After(20 * time.Millisecond):
			used.observe(root)
		}
	}
}

// cost is what a command took, and what its provider used: CPU time, and memory in
// bytes.
type cost struct {
	time, cpu time.Duration
	memory    int
}

// observe looks at the processes of executables below dir: what each has used so
// far, so that only what it takes in its last milliseconds is missed.
func (c *cost) observe(dir string) {
	// Glob fails only on a malformed pattern.
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if executable, err := os.Readlink(process + "/exe"); err != nil || !strings.HasPrefix(executable, dir) {
			continue
		}
		// A process that has ended meanwhile reads as empty.
		status, _ := os.ReadFile(process + "/status")
		stat, _ := os.ReadFile(process + "/stat")
		_, peak, _ := strings.Cut(string(status), "VmHWM:")
		var kilobytes, user, system int
		_, _ = fmt.Sscan(peak, &kilobytes)
		if fields := strings.Fields(string(stat)); len(fields) > 14 {
			_, _ = fmt.Sscan(fields[13]+" "+fields[14], &user, &system) // in ticks of 10 ms
		}
		c.memory, c.cpu = max(c.memory, kilobytes*1024), max(c.cpu, time.Duration(user+system)*10*time.Millisecond)
	}
}
