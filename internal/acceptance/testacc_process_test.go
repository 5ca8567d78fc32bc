package acceptance_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// TestTheTestsForARealGitLab runs what "make testacc" runs, in a process of its
// own, against a simulated GitLab: the tests know only its URL and a token. What
// they record is replayed against the simulator.
func TestTheTestsForARealGitLab(t *testing.T) {
	t.Parallel()
	programs := t.TempDir()
	// build compiles the tests of a folder, and returns what runs some of them.
	build := func(folder string) func(t *testing.T, run string, env ...string) (output string, err error) {
		path := filepath.Join(programs, filepath.Base(folder)+".exe")
		if output, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-tags=testacc", "-o", path, folder).CombinedOutput(); err != nil {
			t.Fatalf("building %s: %v\n%s", folder, err, output)
		}
		return func(t *testing.T, run string, env ...string) (string, error) {
			cmd := exec.CommandContext(t.Context(), path, "-test.v", "-test.run="+run)
			cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
			output, err := cmd.CombinedOutput()
			return string(output), err
		}
	}
	tests, replay := build("../acceptance"), build("../gitlabsim")
	t.Run("against", func(t *testing.T) {
		for name, c := range map[string]struct {
			config                            gitlabsim.Config
			namespace, mayTurn, runs, runsNot string
		}{
			"by an administrator, in a group": {
				gitlabsim.Config{Version: "19.1", IntegratedErrorTracking: true}, "acme", "yes", "with_the_flag_turned/the_integrated_backend_is_missing", "archives no groups"},
			"an older one, in the user's own namespace, with the flag off": {
				gitlabsim.Config{Version: "17.11"}, "", "", "as_it_is/the_integrated_backend_is_missing", "/a_client_key"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				g := newGitLabAs(t, c.config, mixedGroup()...)
				g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}, Admin: c.mayTurn != ""})
				before, answers := g.everything(), t.TempDir()
				output, err := tests(t, "^TestRealGitLab", "GITLAB_BASE_URL="+g.url, "GITLAB_TOKEN="+maintainerToken,
					"GITLAB_TEST_NAMESPACE="+c.namespace, "GITLAB_TEST_FLAG="+c.mayTurn, "GITLAB_TEST_ANSWERS="+answers)
				if err != nil || !strings.Contains(output, "--- PASS: TestRealGitLab/"+c.runs) || strings.Contains(output, c.runsNot) {
					t.Errorf("%v\n%s", err, output)
				}
				if after := g.everything(); after != before {
					t.Errorf("before\n%s\nafter\n%s", before, after)
				}
				recorded := filepath.Join(answers, "gitlab-answers-"+c.config.Version+".0.json")
				output, err = replay(t, "^TestItAnswersAsGitLabsOwnCodeDid$/"+filepath.Base(recorded), "GITLAB_ANSWERS="+recorded)
				if err != nil || strings.Count(output, "        --- PASS: ") < 30 {
					t.Errorf("%v\n%s", err, output)
				}
			})
		}
	})
}

// everything returns what GitLab has: all projects, and the settings of those of
// mixedGroup.
func (g *fakeGitLab) everything() string {
	asked, answer := httptest.NewRequest("GET", "/api/v4/projects", nil), httptest.NewRecorder()
	asked.Header.Set("PRIVATE-TOKEN", maintainerToken)
	g.sim.ServeHTTP(answer, asked)
	all := answer.Body.String()
	for id := int64(1); id <= 5; id++ {
		s, found := g.sim.Settings(id)
		all += fmt.Sprintln(id, s, found)
	}
	return all
}
