// Command bench measures what the provider costs: it runs the real terraform
// (or tofu) on many projects of a simulated GitLab, and on as many
// terraform_data resources, which do nothing, as the floor set by Terraform.
package main

import (
	"context"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
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
	parallelism = 10
	token       = "glpat-bench"

	head = `Answers after %s over TLS and HTTP/1.1, -parallelism=%d. The floor is Terraform with as many terraform_data.
The ratio is time / (floor + requests / parallelism × latency): more than 1 is neither Terraform nor the network.
A repair is an apply after error tracking was turned off in a tenth of the projects. CPU and memory are the
provider's: of the process that used most.

| projects | command | time | floor | ratio | requests | connections | CPU | memory |
| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
`
	floorConfig = `resource "terraform_data" "test" {
  count = %d
}
`
	config = `terraform {
  required_providers {
    errortracking = { source = "errortracking/errortracking" }
  }
}
provider "errortracking" {
  base_url    = %q
  cacert_file = "ca.pem"
}
`
	oneEach = `resource "errortracking_settings" "test" {
  count   = %d
  project = count.index + 1
  active  = true
}
`
	oneBlock = `resource "errortracking_group_settings" "test" {
  group  = "acme"
  active = true
}
`
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	single := flags.String("n", "10,100,1000", "`numbers` of projects that have a resource each")
	grouped := flags.String("group", "10,100,1000", "`numbers` of projects in a group that has one resource")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("reading the arguments: %w", err)
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
	for size := range strings.FieldsFuncSeq(*single, isComma) {
		n, err := strconv.Atoi(size)
		if err == nil {
			err = measure(ctx, out, cli, filepath.Join(dir, size), size, fmt.Sprintf(oneEach, n), n, n)
		}
		if err != nil {
			return err
		}
	}
	for size := range strings.FieldsFuncSeq(*grouped, isComma) {
		n, err := strconv.Atoi(size)
		if err == nil {
			err = measure(ctx, out, cli, filepath.Join(dir, "group"+size), size+" in a group", oneBlock, n, 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isComma(r rune) bool { return r == ',' }

// measure prints the rows for n projects that are managed by some resources.
func measure(ctx context.Context, out io.Writer, cli *terraformcli.CLI, dir, name, blocks string, n, resources int) error {
	sim := newGitLab(n)
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		sim.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})

	floor, ours := filepath.Join(dir, "floor"), filepath.Join(dir, "ours")
	err := errors.Join(os.MkdirAll(floor, 0o755), os.MkdirAll(ours, 0o755),
		os.WriteFile(filepath.Join(floor, "main.tf"), fmt.Appendf(nil, floorConfig, resources), 0o600),
		os.WriteFile(filepath.Join(ours, "main.tf"), fmt.Appendf(nil, config+blocks, server.URL), 0o600),
		os.WriteFile(filepath.Join(ours, "ca.pem"), authority, 0o600))
	if err != nil {
		return fmt.Errorf("writing the configurations: %w", err)
	}
	apply := []string{"apply", "-auto-approve"}
	for _, step := range []struct {
		name string
		args []string
	}{{"init", []string{"init"}}, {"apply", apply}, {"plan", []string{"plan", "-detailed-exitcode"}}, {"repair", apply}, {"destroy", []string{"destroy", "-auto-approve"}}} {
		if step.name == "repair" {
			turnOff(sim, n)
		}
		args := step.args
		least, _, err := timed(ctx, cli, floor, args)
		if err != nil {
			return err
		}
		opened.Store(0)
		took, cost, err := timed(ctx, cli, ours, args)
		if err != nil {
			return err
		}
		requests := len(sim.Forget())
		if requests == 0 {
			continue // init
		}
		ideal := least + time.Duration(requests)*latency/parallelism
		fmt.Fprintf(out, "| %s | %s | %.2f s | %.2f s | %.2f | %d | %d | %s |\n",
			name, step.name, took.Seconds(), least.Seconds(), took.Seconds()/ideal.Seconds(), requests, opened.Load(), cost)
	}
	return nil
}

func newGitLab(n int) *gitlabsim.Server {
	sim := gitlabsim.New(gitlabsim.Config{})
	sim.AddToken(token, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	for i := range n {
		sim.AddProject(gitlabsim.Project{
			ID: int64(i + 1), Path: fmt.Sprintf("acme/p%d", i+1),
			Settings: gitlabsim.SentryLink("https://sentry.example.com/api/0/projects/acme/web/"),
		})
	}
	return sim
}

// turnOff turns error tracking off in a tenth of the projects.
func turnOff(sim *gitlabsim.Server, n int) {
	for id := int64(1); id <= int64(n); id += 10 {
		settings, _ := sim.Settings(id)
		settings.Active = false
		sim.SetSettings(id, &settings)
	}
}

// timed runs a command. cost is what the one of its provider's processes used
// that used most.
func timed(ctx context.Context, cli *terraformcli.CLI, dir string, args []string) (time.Duration, cost, error) {
	if args[0] != "init" {
		args = append(args, "-parallelism="+strconv.Itoa(parallelism))
	}
	ended, most := make(chan struct{}), make(chan cost)
	go func() {
		var highest cost
		for {
			select {
			case <-ended:
				most <- highest
				return
			case <-time.After(20 * time.Millisecond):
				highest.observe(filepath.Dir(cli.ConfigFile))
			}
		}
	}()
	begin := time.Now()
	output, err := cli.Command(ctx, dir, []string{"GITLAB_TOKEN=" + token}, args...).CombinedOutput()
	took := time.Since(begin)
	close(ended)
	if err != nil {
		err = fmt.Errorf("running %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return took, <-most, err
}

// cost is CPU time, in ticks of 10 ms, and memory, in KiB.
type cost struct{ cpu, memory int }

// String returns two columns of the table.
func (c cost) String() string {
	if c.memory == 0 {
		return "not known here |"
	}
	return fmt.Sprintf("%.1f s | %d MB", float64(c.cpu)/100, c.memory*1024/1_000_000)
}

// observe looks at the processes of executables below dir. Only Terraform learns
// what its child, the provider, used, but Linux shows anyone what it has used so
// far: only what a process takes in its last milliseconds is missed.
func (c *cost) observe(dir string) {
	// Glob fails only on a malformed pattern.
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		executable, err := os.Readlink(filepath.Join(process, "exe"))
		if err != nil || !strings.HasPrefix(executable, dir) {
			continue
		}
		// A process that has ended meanwhile reads as empty.
		status, _ := os.ReadFile(filepath.Join(process, "status"))
		_, after, _ := strings.Cut(string(status), "VmHWM:")
		memory, user, system := 0, 0, 0
		_, _ = fmt.Sscan(after, &memory)
		stat, _ := os.ReadFile(filepath.Join(process, "stat"))
		if fields := strings.Fields(string(stat)); len(fields) > 14 {
			_, _ = fmt.Sscan(fields[13]+" "+fields[14], &user, &system)
		}
		c.memory, c.cpu = max(c.memory, memory), max(c.cpu, user+system)
	}
}
