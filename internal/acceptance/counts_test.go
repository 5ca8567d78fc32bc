package acceptance_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestRequestsAndConnectionsOfAHundredProjects(t *testing.T) {
	t.Parallel()
	const n, parallel = 100, 10
	g := newGitLab(t, linked(n)...)
	var opened atomic.Int32
	// Without TLS there is no HTTP/2, which would need only one connection.
	server := httptest.NewUnstartedServer(g.sim)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	g.url = server.URL
	// As slow as a network, so that requests really are under way together.
	g.sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.Delay(20 * time.Millisecond)})
	w := g.newWorkspace(t, g.config(counted(n, "active = true", `on_destroy = "disable"`)))
	for _, step := range []struct {
		drifted   bool
		command   string
		requests  string
		processes int32
	}{
		// One preview in the plan, and one in the apply, which plans again.
		{false, "apply -auto-approve", "200 GET, 100 PATCH", 2},
		{false, "plan -detailed-exitcode", "100 GET", 1},
		{true, "apply -auto-approve", "100 GET, 100 PATCH", 2},
		{false, "destroy -auto-approve", "100 GET, 100 PATCH", 2},
	} {
		for id := int64(1); step.drifted && id <= n; id++ {
			g.sim.SetSettings(id, turnedOff())
		}
		opened.Store(0)
		out := w.run(append(strings.Fields(step.command), fmt.Sprintf("-parallelism=%d", parallel))...).ok()
		if got := out.methods(); got != step.requests {
			t.Errorf("terraform %s made %s, want %s", out.command, got, step.requests)
		}
		// A request for which a connection is being opened takes another that
		// becomes free: so there may be twice as many as are in use, never more.
		if got, most := opened.Load(), 2*parallel*step.processes; got < 1 || got > most {
			t.Errorf("terraform %s opened %d connections, want %d at most", out.command, got, most)
		}
		slices.Sort(out.requests)
		if each := slices.Compact(slices.Clone(out.requests)); len(each) != n*(strings.Count(step.requests, ",")+1) {
			t.Errorf("terraform %s asked for %d different things", out.command, len(each))
		}
	}
}
