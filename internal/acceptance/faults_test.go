package acceptance_test

import (
	"errors"
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
	on, off := *gitlabsim.SentryLink(sentryURL), *turnedOff()
	integrated, integratedOff := gitlabsim.Settings{Active: true, Integrated: true}, gitlabsim.Settings{Integrated: true}
	// For each quarter of the projects: what they are to have, what they have,
	// what they get, and what is left of that after destroy.
	quarters := []struct {
		arguments     string
		before        *gitlabsim.Settings
		applied, gone gitlabsim.Settings
	}{
		{"active = false\n  on_destroy = \"restore\"", &on, off, on},
		{"active = true\n  on_destroy = \"disable\"", &off, on, off},
		{"active = true\n  integrated = true\n  on_destroy = \"disable\"", nil, integrated, integratedOff},
		{"active = true\n  integrated = true", &gitlabsim.Settings{}, integrated, integrated},
	}
	g := newGitLab(t)
	var config strings.Builder
	for i, q := range quarters {
		fmt.Fprintf(&config, "resource \"errortracking_settings\" \"quarter%d\" {\n  count = %d\n  project = %d * count.index + %d\n  %s\n}\n",
			i, n/len(quarters), len(quarters), i+1, q.arguments)
	}
	for id := int64(1); id <= n; id++ {
		g.sim.AddProject(gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/p%d", id), Settings: quarters[(id-1)%4].before})
	}
	m := newMisfortune(t)
	w := g.newWorkspace(t, g.persistent(config.String()))
	g.sim.AddFault(m.fault())
	w.apply().ok().says("100 added, 0 changed, 0 destroyed")
	for id := int64(1); id <= n; id++ {
		g.has(t, id, quarters[(id-1)%4].applied)
	}
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
	w.run("destroy", "-auto-approve").ok().says("100 destroyed")
	for id := int64(1); id <= n; id++ {
		g.has(t, id, quarters[(id-1)%4].gone)
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
	process, missing := os.FindProcess(pid)
	if err := errors.Join(err, missing); err != nil {
		r.t.Fatal(err)
	}
	return process
}

func TestTheApplyAfterAnInterruptedOneConverges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stop func(*running) error
		says string
	}{
		"Ctrl-C reaches Terraform and the provider": {func(r *running) error {
			return errors.Join(r.provider().Signal(os.Interrupt), r.cmd.Process.Signal(os.Interrupt))
		}, "The run was cancelled before GitLab answered"},
		"the provider is killed": {func(r *running) error { return r.provider().Kill() }, "(*GRPCProvider).ApplyResourceChange"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Twenty exist already: ten are turned off, ten are destroyed.
			const before, changed, after = 20, 10, 40
			const promptly, parallel = 14, 5
			g := newGitLab(t, linked(after)...)
			config := func(before, changed, after int) string {
				return g.config(fmt.Sprintf(`
resource "errortracking_settings" "test" {
  for_each   = toset([for i in range(1, %d) : tostring(i) if i <= %d || i > %d])
  project    = each.value
  active     = tonumber(each.value) > %[2]d
  on_destroy = "disable"
}
`, after+1, changed, before))
			}
			w := g.really().newWorkspace(t, config(0, 0, before))
			w.apply().ok().says("20 added")
			w.write(config(before, changed, after))

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
			if err := c.stop(r); err != nil {
				t.Error(err)
			}
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
				want := gitlabsim.SentryLink(sentryURL)
				want.Active = id > before
				g.has(t, id, *want)
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
