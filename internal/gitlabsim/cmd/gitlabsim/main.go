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
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		log.New(os.Stderr, "gitlabsim: ", 0).Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	options, err := parse(args, out)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, welcome, len(options.paths()), listener.Addr(), options.token)

	server := &http.Server{Handler: options.gitlab(log.New(out, "", 0)), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type options struct {
	config        gitlabsim.Config
	listen, token string
	projects      int
	admin         bool
}

func parse(args []string, out io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("gitlabsim", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.IntVar(&o.projects, "projects", 40, "how many projects there are beside those of the documentation: acme/p1 with id 1, and so on")
	flags.StringVar(&o.token, "token", "glpat-simulated", "access `token` of a maintainer, with scope api")
	flags.BoolVar(&o.admin, "admin", false, "let the token turn the feature flag on and off")
	flags.BoolVar(&o.config.IntegratedErrorTracking, "flag", true, "feature flag integrated_error_tracking")
	flags.Func("version", "GitLab's version, as `major.minor` (default the current one)", func(value string) error {
		o.config.Version = value
		var major, minor int
		_, err := fmt.Sscanf(value, "%d.%d", &major, &minor)
		return err
	})
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected %q (-h lists the arguments)", flags.Args())
	}
	return o, err
}

// gitlab returns the GitLab that the options describe. Its projects have, by
// turns: no settings, Sentry on, Sentry off, the integrated backend. Each request is
// logged in a line.
func (o options) gitlab(requests *log.Logger) *gitlabsim.Server {
	o.config.Log = func(r gitlabsim.Request) { requests.Println(r.Status, r) }
	sim := gitlabsim.New(o.config)
	sim.AddToken(o.token, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, Admin: o.admin})
	sim.AddGroup(gitlabsim.Group{ID: 1, Path: "acme"})
	for i, project := range o.paths() {
		settings := gitlabsim.SentryLink("https://sentry.example.com/api/0/projects/acme/" + path.Base(project) + "/")
		switch {
		case i >= o.projects:
			settings.Active = project != "acme/shop"
		case i%4 == 0:
			settings = nil
		case i%4 == 2:
			settings.Active = false
		case i%4 == 3:
			settings = &gitlabsim.Settings{Active: true, Integrated: true}
		}
		sim.AddProject(gitlabsim.Project{ID: int64(i) + 1, Path: project, Settings: settings})
	}
	// The pages import a key of acme/shop with the id 3.
	for range 3 {
		sim.AddClientKey(int64(o.projects) + 2)
	}
	return sim
}

// paths are those of the projects, by id. The documentation uses the last ones.
func (o options) paths() (paths []string) {
	for i := range o.projects {
		paths = append(paths, fmt.Sprintf("acme/p%d", i+1))
	}
	return append(paths, "acme/backend/api", "acme/shop", "acme/backend/batch", "acme/legacy", "acme/sandbox", "acme/api")
}

const welcome = `A simulated GitLab with %d projects listens. Point the provider at it:

  export GITLAB_BASE_URL=http://%s
  export GITLAB_TOKEN=%s

The projects acme/p1 (id 1), acme/p2 (id 2) and so on have, by turns: no error
tracking settings, Sentry, Sentry but switched off, the integrated backend.
Those of the documentation have Sentry, which in acme/shop is switched off.
Requests follow. Press Ctrl-C to end.

`
