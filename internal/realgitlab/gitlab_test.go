//go:build unix

// Package realgitlab_test runs gitlab.sh with a fake docker, and a simulator in
// the container's place.
package realgitlab_test

import (
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// stage is a folder with the script and with nothing on PATH but what it may use.
type stage struct {
	dir, port string
	gitlab    *gitlabsim.Server
}

func newStage(t *testing.T, engine string) *stage {
	t.Helper()
	s := &stage{dir: t.TempDir(), gitlab: gitlabsim.New(gitlabsim.Config{})}
	server := httptest.NewServer(s.gitlab)
	t.Cleanup(server.Close)
	s.port = server.URL[strings.LastIndex(server.URL, ":")+1:]
	s.gitlab.AddToken("glpat-made", gitlabsim.Token{Role: gitlabsim.Owner, Scopes: []string{"api"}})
	for _, name := range []string{"gitlab.sh", "console.rb", "compose.yml"} {
		s.link(t, name, "internal/realgitlab/"+name)
	}
	for _, tool := range []string{"sh", "cat", "curl", "cut", "dirname", "mkdir", "rm", "sed"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		s.link(t, path, "path/"+tool)
	}
	s.link(t, "testdata/sleep", "path/sleep")
	s.link(t, "testdata/docker", "path/"+engine)
	return s
}

// link links a file, because to write one and to run it at once fails where
// another test starts a process meanwhile.
func (s *stage) link(t *testing.T, from, to string) {
	t.Helper()
	from, err := filepath.Abs(from)
	to = filepath.Join(s.dir, to)
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.Symlink(from, to)); err != nil {
		t.Fatal(err)
	}
}

// run runs the script, and returns what it says and what docker was asked for.
func (s *stage) run(t *testing.T, verb string, variables ...string) (said, calls string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.dir, "internal/realgitlab/gitlab.sh"), verb)
	cmd.Env = append([]string{"PATH=" + s.dir + "/path", "GITLAB_PORT=" + s.port, "TOKEN=glpat-made"}, variables...)
	output, err := cmd.CombinedOutput()
	noted := filepath.Join(s.dir, "internal/realgitlab/calls")
	read, _ := os.ReadFile(noted)
	_ = os.Remove(noted)
	return string(output), string(read), err
}

func TestItPrintsWhatTheTestsNeed(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"docker", "podman"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, engine)
			exports := filepath.Join(s.dir, "bin/gitlab.env")
			for _, c := range []struct {
				of         string
				tokensMade int
				slow, says string
			}{
				{"a GitLab that is not there", 1, "0.5", "GitLab is starting, which takes minutes: the last line of the log"},
				{"one that runs already", 0, "0", ""},
				{"one whose token is lost", 1, "0", ""},
			} {
				if c.of == "one whose token is lost" {
					_ = os.Remove(exports)
				}
				said, calls, err := s.run(t, "start", "SLOW="+c.slow)
				if err != nil || !strings.Contains(calls, "up --detach --no-recreate --wait") || strings.Count(calls, " exec -T gitlab gitlab-rails runner ") != c.tokensMade {
					t.Errorf("%s: want %d tokens made, got %v\n%s", c.of, c.tokensMade, err, calls)
				}
				want := "# For the web: user root, password random\nexport GITLAB_BASE_URL=http://127.0.0.1:" + s.port +
					"\nexport GITLAB_TOKEN=glpat-made\nexport GITLAB_TEST_NAMESPACE=errortracking\nexport GITLAB_TEST_FLAG=yes"
				if !strings.Contains("\n"+said, "\n"+want) || !strings.Contains(said, c.says) {
					t.Errorf("%s: there is no %q, and %q, in\n%s", c.of, want, c.says, said)
				}
				if info, err := os.Stat(exports); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%s: others can read the token: %v %v", c.of, info, err)
				}
			}
			s.gitlab.AddToken("glpat-made", gitlabsim.Token{State: gitlabsim.Revoked})
			if said, calls, err := s.run(t, "start", "TOKEN=glpat-other"); err == nil || !strings.Contains(calls, " exec ") || !strings.Contains(said, "make a group") {
				t.Errorf("with a token that GitLab does not know: %v\n%s", err, said)
			}
			said, calls, err := s.run(t, "stop")
			if _, statErr := os.Stat(exports); err != nil || !strings.Contains(calls, "down --volumes") || !os.IsNotExist(statErr) {
				t.Errorf("stop: %v, and of the exports of a GitLab that is gone: %v\n%s\n%s", err, statErr, said, calls)
			}
		})
	}
}

func TestWhatGoesWrongSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ variables, state, want string }{
		"there is no docker":       {"", "", "install Docker or Podman"},
		"there is no curl":         {"", "", "install curl"},
		"docker is not running":    {"INFO=1", "", "does not answer. Is it running"},
		"docker has no compose":    {"COMPOSE=1", "", "docker-compose-plugin"},
		"docker has little memory": {"MEMORY=2067390464", "", "2067 MB of memory; GitLab needs 4 GB"},
		"another version is there": {"GITLAB_VERSION=17.11.7-ce.0", "", "gitlab-ce:19.4.1-ce.0 is there already. To have the other one: make gitlab-stop gitlab GITLAB_VERSION=17.11.7-ce.0"},
		"the port is in use":       {"UP=1", "created false 0", "is in use. To choose another: make gitlab GITLAB_PORT=8930"},
		"the container dies":       {"UP=1", "exited false 1", "container has died. To start anew: make gitlab-stop gitlab. Its last words: the last line of the log"},
		"it is killed":             {"UP=1", "exited false 137", "Give docker more than 8 GB"},
		"it runs out of memory":    {"UP=1", "exited true 0", "want of memory"},
		"it never gets healthy":    {"UP=1", "running false 0", "does not get healthy. To see why: docker logs 4711"},
		"the image is not there":   {"UP=1 GITLAB_PORT=1", "", "GITLAB_VERSION is a tag of gitlab/gitlab-ce"},
		"the console fails":        {"CONSOLE=1", "", "GitLab's console fails"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "docker")
			_ = os.Remove(filepath.Join(s.dir, "path", strings.TrimPrefix(name, "there is no ")))
			variables := append(strings.Fields(test.variables), "STATE="+test.state, "IMAGE=docker.io/gitlab/gitlab-ce:19.4.1-ce.0")
			said, _, err := s.run(t, "start", variables...)
			if err == nil || !strings.Contains(said, test.want) {
				t.Errorf("%v, want an error with %q\n%s", err, test.want, said)
			}
		})
	}
}
