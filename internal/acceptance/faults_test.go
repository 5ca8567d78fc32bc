package acceptance_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestASavedPlanAppliesWithinARateLimit(t *testing.T) {
	t.Parallel()
	const n, limit = 100, 25
	g := newGitLab(t, linked(n)...)
	// Without retries: waiting for the rate limit costs none.
	w := g.newWorkspace(t, g.config(counted(n, "active = true")))
	w.run("plan", "-out=saved.tfplan").ok()
	g.sim.SetRateLimit(limit, time.Second)
	begin := time.Now()
	w.run("apply", "saved.tfplan").ok().says("100 added")

	throttled := 0
	for _, r := range g.sim.Requests() {
		if r.Status == http.StatusTooManyRequests {
			throttled++
		}
	}
	// Each second, only requests under way when the limit was reached may be
	// refused: one that was told to wait must not ask again early.
	if most := 10 * (int(time.Since(begin).Seconds()) + 1); throttled > most {
		t.Errorf("%d requests were throttled, want %d at most", throttled, most)
	}
}

func TestAFifthOfAllAnswersAreFaulty(t *testing.T) {
	t.Parallel()
	const n = 100
	off := *turnedOff()
	// For each quarter of the projects: what they have, what they are to have,
	// and what is left of that after destroy.
	quarters := []struct {
		name          string
		arguments     []string
		before        *gitlabsim.Settings
		applied, gone gitlabsim.Settings
	}{
		{"turned_off", []string{"active = false", `on_destroy = "restore"`},
			gitlabsim.SentryLink(sentryURL), off, *gitlabsim.SentryLink(sentryURL)},
		{"turned_on", []string{"active = true", `on_destroy = "disable"`},
			&off, *gitlabsim.SentryLink(sentryURL), off},
		{"created", []string{"active = true", "integrated = true", `on_destroy = "disable"`},
			nil, gitlabsim.Settings{Active: true, Integrated: true}, gitlabsim.Settings{Integrated: true}},
		{"kept", []string{"active = true", "integrated = true"},
			&gitlabsim.Settings{}, gitlabsim.Settings{Active: true, Integrated: true}, gitlabsim.Settings{Active: true, Integrated: true}},
	}
	g := newGitLab(t)
	var config strings.Builder
	for i, q := range quarters {
		fmt.Fprintf(&config, "resource \"errortracking_settings\" %q {\n  count = %d\n  project = %d * count.index + %d\n  %s\n}\n",
			q.name, n/len(quarters), len(quarters), i+1, strings.Join(q.arguments, "\n  "))
	}
	for i := range n {
		id := int64(i + 1)
		g.sim.AddProject(gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/p%d", id), Settings: quarters[i%len(quarters)].before})
	}
	m := newMisfortune(t)
	w := g.newWorkspace(t, g.persistent(config.String()))
	g.sim.AddFault(m.fault())
	w.apply().ok().says("100 added, 0 changed, 0 destroyed")
	for i := range n {
		g.has(t, int64(i+1), quarters[i%len(quarters)].applied)
	}
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
	w.run("destroy", "-auto-approve").ok().says("100 destroyed")
	for i := range n {
		g.has(t, int64(i+1), quarters[i%len(quarters)].gone)
	}
	if len(m.struck) != len(m.kinds) {
		t.Errorf("only these faults have struck: %v", m.struck)
	}
}

// start starts the real command and waits until GitLab has had that many writes.
func (w *workspace) start(writes int, args ...string) *running {
	w.t.Helper()
	w.gitlab.sim.Forget()
	r := w.begin("DEBUG", args...)
	for ; r.ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		got := 0
		for _, request := range w.gitlab.sim.Requests() {
			if request.Method != http.MethodGet {
				got++
			}
		}
		if got >= writes {
			return r
		}
	}
	w.t.Fatalf("terraform %v: GitLab got fewer than %d writes", args, writes)
	return nil
}

// provider returns the provider's process that was started last. Terraform's
// log names it.
func (r *running) provider() *os.Process {
	r.t.Helper()
	named := regexp.MustCompile(`plugin started: .*errortracking.* pid=(\d+)`)
	started := named.FindAllStringSubmatch(r.logs(named.MatchString), -1)
	if started == nil {
		r.t.Fatal("Terraform's log names no process of the provider")
	}
	pid, err := strconv.Atoi(started[len(started)-1][1])
	if err != nil {
		r.t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		r.t.Fatal(err)
	}
	return process
}

func TestTheApplyAfterAnInterruptedOneConverges(t *testing.T) {
	t.Parallel()
	on, off := *gitlabsim.SentryLink(sentryURL), *turnedOff()
	for name, c := range map[string]struct {
		stop func(*testing.T, *running)
		says string
	}{
		"Ctrl-C reaches Terraform and the provider": {func(t *testing.T, r *running) {
			for _, process := range []*os.Process{r.provider(), r.cmd.Process} {
				if err := process.Signal(os.Interrupt); err != nil {
					t.Error(err)
				}
			}
		}, "The run was cancelled before GitLab answered"},
		"the provider is killed": {func(t *testing.T, r *running) {
			if err := r.provider().Kill(); err != nil {
				t.Error(err)
			}
		}, "(*GRPCProvider).ApplyResourceChange"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Twenty exist already: ten are turned off, ten are destroyed.
			const before, changed, after = 20, 10, 40
			const promptly, parallel = 14, 5
			g := newGitLab(t, linked(after)...)
			resource := `
resource "errortracking_settings" "test" {
  for_each = toset([for i in range(1, %d) : tostring(i) if i <= %d || i > %d])
  project  = each.value
  active   = tonumber(each.value) > %d

  on_destroy = "disable"
}
`
			w := g.really().newWorkspace(t, g.config(fmt.Sprintf(resource, before+1, before, before, 0)))
			w.apply().ok().says("20 added")
			w.write(g.config(fmt.Sprintf(resource, after+1, changed, before, changed)))

			// The first writes are answered; later ones are carried out, but
			// never answered.
			var writes atomic.Int32
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
				if writes.Add(1) <= promptly {
					gitlabsim.Delay(0)(w, r, answer)
					return
				}
				answer()
				<-r.Context().Done()
			}})
			r := w.start(promptly+parallel, "apply", "-auto-approve", fmt.Sprintf("-parallelism=%d", parallel))
			c.stop(t, r)
			r.wait().fails().says(c.says)
			var answered []string
			for _, request := range g.sim.Requests() {
				if request.Method == http.MethodPatch && request.Status != 0 {
					answered = append(answered, request.String())
				}
			}
			if len(answered) != promptly {
				t.Errorf("%d writes were answered, want %d", len(answered), promptly)
			}
			g.sim.ClearFaults()

			// Nothing is tainted, and no answered request is sent again.
			out := w.apply().ok().saysNot("tainted", "must be replaced")
			for _, request := range out.requests {
				if slices.Contains(answered, request) {
					t.Errorf("%s was sent again", request)
				}
			}
			for id := int64(1); id <= after; id++ {
				want := on
				if id <= before {
					want = off
				}
				g.has(t, id, want)
			}
			if n := strings.Count(w.run("state", "list").ok().output, "\n"); n != after-changed {
				t.Errorf("%d resources are in the state, want %d", n, after-changed)
			}
			w.run("plan", "-detailed-exitcode").ok().says("No changes")
		})
	}
}

func TestAProviderWhoseTerraformWasKilledWritesNoMore(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, linked(30)...)
	// A write whose original is to be restored outlives a run that is cancelled.
	w := g.really().newWorkspace(t, g.config(counted(30, "active = false", `on_destroy = "restore"`)))
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPatch, Effect: gitlabsim.Status(http.StatusServiceUnavailable, http.Header{"Retry-After": {"1"}}, "")})
	r := w.start(1, "apply", "-auto-approve")
	if err := r.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-r.ended
	// Requests come each second until the provider ends.
	for deadline := time.Now().Add(time.Minute); ; {
		g.sim.Forget()
		time.Sleep(3 * time.Second)
		requests := g.requests()
		if len(requests) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("a minute later it still makes %v", requests)
		}
	}
}

func TestPermanentErrorsEndWithinTheTries(t *testing.T) {
	t.Parallel()
	huge := `{"active":true,"project_name":"` + strings.Repeat("x", 11<<20) + `"}`
	for name, c := range map[string]struct {
		effect   gitlabsim.Effect
		argument string
		tries    int
		says     []string
	}{
		"a GitLab that does not answer in time": {gitlabsim.Delay(time.Minute), `request_timeout = "200ms"`, 0,
			[]string{"did not answer in time", "200ms (request_timeout)"}}, // on a slow machine, before the request is sent
		"500 for ever": {gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`), "", 3,
			[]string{"GitLab, or a proxy in front of it, failed after 3 tries (500)", "500 Internal Server Error"}},
		"a connection that is always cut off": {gitlabsim.CutOff(), "", 3,
			[]string{"No answer from GitLab", "unexpected EOF"}},
		"11 MiB of JSON": {gitlabsim.JSON(http.StatusOK, huge), "", 1,
			[]string{"does not look like GitLab's API", "more than 10 MiB"}},
		"a rate limit that asks for an hour": {gitlabsim.Throttle(time.Hour), "", 1,
			[]string{"GitLab's rate limit is exhausted: it asks to wait 1h0m0s"}},
		"503 that asks for an hour": {gitlabsim.Status(http.StatusServiceUnavailable, http.Header{"Retry-After": {"3600"}}, "down"), "", 1,
			[]string{"failed after 1 try (503), and asks to wait 1h0m0s"}},
		"a base_url without the relative URL root": {nil, "", 1,
			[]string{"redirects the request, and the redirect cannot be followed", "base_url", "/gitlab/users/sign_in"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLabAs(t, gitlabsim.Config{Root: "/gitlab"}, withSentry())
			config := g.config(settings("1", "active = true"))
			w := g.newWorkspace(t, config)
			w.apply().ok()
			before := w.state()
			if c.effect == nil {
				config = strings.Replace(config, g.url, strings.TrimSuffix(g.url, "/gitlab"), 1)
			} else {
				g.sim.AddFault(gitlabsim.Fault{Effect: c.effect})
			}
			w.write(strings.Replace(config, "retries = 0", "retries = 2\n  "+c.argument, 1))
			out := w.run("plan").fails().says(append(c.says, "Cannot read the error tracking settings of project 1")...)
			if c.tries > 0 && len(out.requests) != c.tries {
				t.Errorf("%d requests, want %d: %v", len(out.requests), c.tries, out.requests)
			}
			if after := w.state(); after != before {
				t.Errorf("the state changed from\n%s\nto\n%s", before, after)
			}
		})
	}
}

// Terraform plans and applies in two processes: the second does not know that
// the first had answers.
func TestAnApplyOutlastsARestartThatBeginsBeforeItsFirstRequest(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"of projects": settingsNamed("one", "1", "active = true") + settingsNamed("two", "acme/p2", "active = true", `on_destroy = "restore"`),
		"of a group":  groupSettings("acme", "active = true"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, off(2)...).really()
			w := g.newWorkspace(t, strings.Replace(g.config(body), "retries = 0", "retries = 1", 1))
			w.run("plan", "-out=saved.tfplan").ok()
			var begun sync.Once
			var back time.Time
			g.sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
				begun.Do(func() { back = time.Now().Add(3 * time.Second) })
				if time.Now().Before(back) {
					gitlabsim.ResetBefore()(w, r, answer)
					return
				}
				gitlabsim.Delay(0)(w, r, answer)
			}})
			w.run("apply", "saved.tfplan").ok()
			for _, id := range []int64{1, 2} {
				g.has(t, id, *gitlabsim.SentryLink(sentryURL))
			}
		})
	}
}
