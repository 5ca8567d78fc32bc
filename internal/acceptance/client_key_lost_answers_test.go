package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// mixedKeys makes 2n keys of project 21: half of them name it by id, half by
// path.
func mixedKeys(n int) string {
	return fmt.Sprintf(`
resource "errortracking_client_key" "by_id" {
  count   = %d
  project = "21"
}
resource "errortracking_client_key" "by_path" {
  count   = %[1]d
  project = "acme/p21"
}
`, n)
}

// holdsAllKeys fails the test unless project 21 has that many keys and the state
// has each of them once.
func (w *workspace) holdsAllKeys(count int) {
	w.t.Helper()
	keys, state := w.gitlab.sim.ClientKeys(21), w.state()
	if kept := strings.Count(state, `"public_key":`); len(keys) != count || kept != count {
		w.t.Errorf("GitLab has %d keys, the state %d, want %d", len(keys), kept, count)
	}
	for _, key := range keys {
		if !strings.Contains(state, fmt.Sprintf(`"public_key": %q`, key.PublicKey)) {
			w.t.Errorf("the state lacks key %d", key.ID)
		}
	}
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
}

func TestManyClientKeysOfOneProjectAtOnce(t *testing.T) {
	t.Parallel()
	// The last are more than a page has.
	for parallelism, n := range map[string]int{"1": 16, "10": 16, "30": 106} {
		story(t, "parallelism "+parallelism, mixedKeys(n/2), []gitlabsim.Project{p21()}, func(g *fakeGitLab, w *workspace) {
			w.apply("-parallelism=" + parallelism).ok().says(fmt.Sprint(n, " added"))
			w.holdsAllKeys(n)
			w.run("destroy", "-auto-approve", "-parallelism="+parallelism).ok().says(fmt.Sprint(n, " destroyed"))
			if keys := g.sim.ClientKeys(21); len(keys) > 0 {
				w.t.Errorf("GitLab has %v", keys)
			}
		})
	}
}

func TestLostAnswersLeaveNoKeyBehind(t *testing.T) {
	t.Parallel()
	failing := gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`)
	hanging := func(_ http.ResponseWriter, r *http.Request, _ func() gitlabsim.Answer) { <-r.Context().Done() }
	madeLater := func(_ http.ResponseWriter, _ *http.Request, answer func() gitlabsim.Answer) {
		time.Sleep(3 * time.Second)
		answer()
	}
	for name, c := range map[string]struct {
		effect       gitlabsim.Effect
		after, times int
	}{
		"the connection breaks before":           {gitlabsim.ResetBefore(), 0, 1},
		"the connection breaks before, twice":    {gitlabsim.ResetBefore(), 3, 2},
		"the connection breaks after":            {gitlabsim.ResetAfter(), 0, 1},
		"the connection breaks after, always":    {gitlabsim.ResetAfter(), 0, 0},
		"the answer is cut off":                  {gitlabsim.CutOff(), 0, 1},
		"the answer is cut off, always":          {gitlabsim.CutOff(), 0, 0},
		"500 before":                             {failing, 0, 1},
		"500 after, always":                      {afterwards(failing), 0, 0},
		"502 before":                             {gitlabsim.HTML(http.StatusBadGateway, "<html>502</html>"), 2, 1},
		"502 after, twice":                       {afterwards(gitlabsim.HTML(http.StatusBadGateway, "<html>502</html>")), 2, 2},
		"504 after":                              {afterwards(gitlabsim.HTML(http.StatusGatewayTimeout, "<html>504</html>")), 2, 1},
		"a web page after":                       {afterwards(gitlabsim.HTML(http.StatusOK, "<html>Sign in</html>")), 0, 1},
		"a time-out after, twice":                {afterwards(hanging), 2, 2},
		"time-outs, and the keys are made later": {madeLater, 0, 2},
		"429 before":                             {gitlabsim.Throttle(time.Second), 0, 1},
	} {
		story(t, name, mixedKeys(3), []gitlabsim.Project{p21()}, func(g *fakeGitLab, w *workspace) {
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, After: c.after, Times: c.times, Effect: c.effect})
			if strings.Contains(name, "time-out") {
				// Other requests may take long, too, on a busy machine.
				w.write(strings.Replace(g.config(mixedKeys(3)), "retries = 0", "retries = 9\n  request_timeout = \"1s\"", 1))
			}
			w.apply().ok().says("6 added")
			w.holdsAllKeys(6)
		})
	}
}

func TestALostAnswerIsFollowedByALookNotByASecondRequest(t *testing.T) {
	t.Parallel()
	g, w := begun(t, clientKey("21"), p21())
	g.sim.AddClientKey(21)
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: gitlabsim.ResetAfter()})
	w.apply().ok().asked(listKeys("21"), postKey("21"), listKeys("21"))
	w.holds(keyAddress, map[string]any{"key_id": 2})
	// A deletion may be repeated.
	w.write(strings.Replace(g.config(clientKey("21")), "retries = 0", "retries = 1", 1))
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodDelete, Times: 1, Effect: gitlabsim.ResetAfter()})
	w.run("destroy", "-auto-approve").ok().asked(listKeys("21"), deleteKey("21", 2), deleteKey("21", 2))
}

func TestAKeyThatMayHaveBeenMade(t *testing.T) {
	t.Parallel()
	g, w := begun(t, clientKey("21"), p21())
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, After: 1, Effect: gitlabsim.HTML(http.StatusBadGateway, "<html>502</html>")})
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Effect: gitlabsim.ResetAfter()})
	w.apply().fails().writes(postKey("21")).says("Cannot create a client key in project 21", "No answer from GitLab", "GitLab may still have created a key",
		"could not be listed afterwards", "Answer: 502", "terraform import ADDRESS PROJECT:KEY_ID")
	g.sim.ClearFaults()
	w.run("import", keyAddress, "21:1").ok()
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
}

func TestCtrlCWhileAKeyIsMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then gitlabsim.Effect
		kept bool
	}{
		"the answer comes late":       {gitlabsim.Delay(0), true},
		"the answer is lost":          {gitlabsim.ResetAfter(), true},
		"the answer is cut off":       {gitlabsim.CutOff(), true},
		"the request is lost":         {gitlabsim.ResetBefore(), false},
		"GitLab refuses":              {gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`), false},
		"GitLab fails, with a key":    {afterwards(gitlabsim.JSON(http.StatusInternalServerError, `{}`)), true},
		"GitLab fails, without a key": {gitlabsim.JSON(http.StatusInternalServerError, `{}`), false},
	} {
		story(t, name, mixedKeys(1), []gitlabsim.Project{p21()}, func(g *fakeGitLab, w *workspace) {
			w.real = w.real || name == "the answer is lost"
			pressed := newCtrlC()
			g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: pressed.held(c.then)})
			w.interrupt(pressed, "apply", "-auto-approve", "-parallelism=1").fails().says("Interrupt received")
			if kept := strings.Contains(w.run("state", "list").output, "client_key"); kept != c.kept {
				w.t.Errorf("a key is in the state: %t, want %t", kept, c.kept)
			}
			w.apply().ok()
			w.holdsAllKeys(2)
		})
	}
}

func TestCtrlCWhileOthersWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	g, w := begun(t, countedKeys(5, "21"), p21())
	pressed := newCtrlC()
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodPost, Times: 1, Effect: pressed.held(gitlabsim.Delay(0))})
	out := w.interrupt(pressed, "apply", "-auto-approve").fails()
	if !w.real { // which may not have asked for the others yet
		out.says("run was cancelled")
	}
	// The one under way, and those that Terraform had already asked for but
	// that reached the provider after the call to stop.
	inState := strings.Count(w.run("state", "list").ok().output, "errortracking_client_key.")
	if keys := g.sim.ClientKeys(21); len(keys) != inState || inState == 0 || inState == 5 {
		t.Errorf("GitLab has %v, and the state %d keys, want the same, and not all", keys, inState)
	}
	w.apply().ok().says(fmt.Sprintf("%d added, 0 changed, 0 destroyed", 5-inState))
	if keys := g.sim.ClientKeys(21); len(keys) != 5 {
		t.Errorf("GitLab has %v, want 5 keys", keys)
	}
}
