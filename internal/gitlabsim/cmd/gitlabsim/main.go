// Command gitlabsim serves a simulated GitLab, for trying the provider without
// a real one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path"
	"syscall"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "gitlabsim:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, and then lets requests finish.
func run(ctx context.Context, args []string, out io.Writer) error {
	options, err := parse(args, out)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	fmt.Fprint(out, options.welcome(listener.Addr()))

	server := &http.Server{Handler: options.gitlab(log.New(out, "", 0)), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	// ctx has ended; requests under way get a few more seconds.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("shutting down: %w", err)
	}
	return nil
}

type options struct {
	listen   string
	projects int
	token    string
	flag     bool
	version  string
	admin    bool
}

func parse(args []string, out io.Writer) (options, error) {
	o := options{flag: true}
	flags := flag.NewFlagSet("gitlabsim", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.IntVar(&o.projects, "projects", 40, "how many projects there are beside those of the documentation: acme/p1 with id 1, and so on")
	flags.StringVar(&o.token, "token", "glpat-simulated", "access `token` of a maintainer, with scope api")
	flags.BoolVar(&o.admin, "admin", false, "let the token turn the feature flag on and off")
	flags.Func("flag", "feature flag integrated_error_tracking, `on or off` (default on)", func(value string) error {
		o.flag = value == "on"
		if value != "on" && value != "off" {
			return errors.New("want on or off")
		}
		return nil
	})
	flags.Func("version", "GitLab's version, as `major.minor` (default the current one)", func(value string) error {
		o.version = value
		var major, minor int
		if _, err := fmt.Sscanf(value, "%d.%d", &major, &minor); err != nil {
			return errors.New("want one such as 15.9")
		}
		return nil
	})
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(out)
		flags.Usage()
		return o, err
	case err != nil:
		return o, fmt.Errorf("reading the arguments: %w (-h lists them)", err)
	case flags.NArg() > 0:
		return o, fmt.Errorf("reading the arguments: unexpected %q (-h lists them)", flags.Args())
	}
	return o, nil
}

// gitlab returns the GitLab that the options describe. Its projects have, by
// turns: no settings, Sentry on, Sentry off, the integrated backend. Some more
// have the names that the documentation uses. Each request is logged in a line.
func (o options) gitlab(requests *log.Logger) *gitlabsim.Server {
	sim := gitlabsim.New(gitlabsim.Config{
		Version: o.version, IntegratedErrorTracking: o.flag,
		Log: func(r gitlabsim.Request) { requests.Println(r.Status, r) },
	})
	sim.AddToken(o.token, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, Admin: o.admin})
	sim.AddGroup(gitlabsim.Group{ID: 1, Path: "acme"})
	id := int64(0)
	add := func(path string, settings *gitlabsim.Settings) {
		id++
		sim.AddProject(gitlabsim.Project{ID: id, Path: path, Settings: settings})
	}
	for i := range o.projects {
		path := fmt.Sprintf("acme/p%d", i+1)
		add(path, []*gitlabsim.Settings{nil, sentry(path, true), sentry(path, false), {Active: true, Integrated: true}}[i%4])
	}
	for _, path := range documented() {
		add(path, sentry(path, path != shop))
		// The pages import a key with the id 3.
		for range 3 {
			if path == shop {
				sim.AddClientKey(id)
			}
		}
	}
	return sim
}

const shop = "acme/shop"

// documented lists the projects that the documentation uses.
func documented() []string {
	return []string{"acme/backend/api", shop, "acme/backend/batch", "acme/legacy", "acme/sandbox", "acme/api"}
}

// sentry returns settings with a link to a project of the same name in Sentry.
func sentry(project string, active bool) *gitlabsim.Settings {
	settings := gitlabsim.SentryLink("https://sentry.example.com/api/0/projects/acme/" + path.Base(project) + "/")
	settings.Active = active
	return settings
}

func (o options) welcome(address net.Addr) string {
	return fmt.Sprintf(`A simulated GitLab with %d projects listens. Point the provider at it:

  export GITLAB_BASE_URL=http://%s
  export GITLAB_TOKEN=%s

The projects acme/p1 (id 1), acme/p2 (id 2) and so on have, by turns: no error
tracking settings, Sentry, Sentry but switched off, the integrated backend.
Those of the documentation have Sentry, which in acme/shop is switched off.
Requests follow. Press Ctrl-C to end.

`, o.projects+len(documented()), address, o.token)
}
