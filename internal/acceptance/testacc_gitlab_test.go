//go:build testacc

package acceptance_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const (
	// A project with both of these may be a leftover of these tests.
	throwawayPrefix      = "tfacc-errortracking-"
	throwawayDescription = "Throwaway project of the acceptance tests of terraform-provider-errortracking."

	// leftoverAge is longer than any run takes, so that concurrent runs leave
	// each other's projects alone.
	leftoverAge = 3 * time.Hour
)

// realGitLab is the GitLab that GITLAB_BASE_URL names. The tests talk to it
// without the provider's own client, which is what they test.
type realGitLab struct {
	url, token string
	// version is GitLab's, as "18.11.0".
	version string
	// namespace is the full path of the namespace for new projects; namespaceID
	// is its id, or 0 for the user's own.
	namespace   string
	namespaceID int64
}

// realProject is a project, or a group, which has its path in GroupPath.
type realProject struct {
	ID              int64     `json:"id"`
	Path            string    `json:"path"`
	FullPath        string    `json:"path_with_namespace"`
	GroupPath       string    `json:"full_path"`
	Description     string    `json:"description"`
	CreatedAt       time.Time `json:"created_at"`
	MarkedForDelete *string   `json:"marked_for_deletion_on"`
}

func (p realProject) id() string { return strconv.FormatInt(p.ID, 10) }

// at is the project's, or the group's, path in the API.
func (p realProject) at() string {
	if p.GroupPath != "" {
		return "/groups/" + p.id()
	}
	return "/projects/" + p.id()
}

func settingsPath(p realProject) string { return p.at() + "/error_tracking/settings" }

func keysPath(p realProject) string { return p.at() + "/error_tracking/client_keys" }

// connect finds the namespace for throwaway projects.
func connect(t *testing.T) *realGitLab {
	t.Helper()
	g := &realGitLab{token: os.Getenv("GITLAB_TOKEN"), namespace: os.Getenv("GITLAB_TEST_NAMESPACE")}
	g.url = strings.TrimSuffix(strings.TrimRight(os.Getenv("GITLAB_BASE_URL"), "/"), "/api/v4")
	if g.url == "" || g.token == "" {
		t.Fatal("set GITLAB_BASE_URL, and GITLAB_TOKEN to a token with scope api of a user who may create projects")
	}
	var found struct {
		Version  string
		Username string
		ID       int64
		FullPath string `json:"full_path"`
	}
	g.ask(t, 200, "GET", "/version", nil, &found)
	g.version = found.Version
	if g.namespace == "" {
		g.ask(t, 200, "GET", "/user", nil, &found)
		g.namespace = found.Username
		return g
	}
	g.ask(t, 200, "GET", "/namespaces/"+url.PathEscape(g.namespace), nil, &found)
	g.namespace, g.namespaceID = found.FullPath, found.ID
	return g
}

// workspace is one in which the real command runs, and finds GitLab and its
// token in the environment.
func (g *realGitLab) workspace(t *testing.T, config string) *workspace {
	t.Helper()
	nobody := &fakeGitLab{sim: gitlabsim.New(gitlabsim.Config{})}
	w := nobody.newWorkspace(t, config)
	w.env = []string{"GITLAB_BASE_URL=" + g.url, "GITLAB_TOKEN=" + g.token}
	return w
}

// since reports whether GitLab is of this version or newer.
func (g *realGitLab) since(least string) bool {
	v, err := version.NewVersion(g.version)
	return err == nil && v.Core().GreaterThanOrEqual(version.Must(version.NewVersion(least)))
}

// send sends a request with a token, and follows no redirect.
func (g *realGitLab) send(t *testing.T, token, method, path, body string) (*http.Response, string) {
	t.Helper()
	// The test's own context has ended when it cleans up.
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, g.url+"/api/v4"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("PRIVATE-TOKEN", token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// ask sends a request whose answer must have this status, 0 for any, and decodes
// the answer if into is not nil.
func (g *realGitLab) ask(t *testing.T, want int, method, path string, body, into any) (status int, text string) {
	t.Helper()
	var sent []byte
	var err error
	if body != nil {
		sent, err = json.Marshal(body)
	}
	resp, text := g.send(t, g.token, method, path, string(sent))
	if err == nil && into != nil && resp.StatusCode < 300 {
		err = json.Unmarshal([]byte(text), into)
	}
	if err != nil || want != 0 && resp.StatusCode != want {
		t.Fatalf("%s %s: got %d %s (%v), want %d", method, path, resp.StatusCode, text, err, want)
	}
	return resp.StatusCode, text
}

// newProject makes a project that is deleted when the test ends.
func (g *realGitLab) newProject(t *testing.T) realProject {
	t.Helper()
	return g.create(t, "/projects", g.namespaceID, "")
}

// create makes a project or a group below a group. What is directly in the
// tests' namespace is deleted, with all that is in it, when the test ends.
func (g *realGitLab) create(t *testing.T, path string, parent int64, suffix string) (made realProject) {
	t.Helper()
	name := throwawayPrefix + strings.ToLower(rand.Text()) + suffix
	body := map[string]any{"name": name, "path": name, "description": throwawayDescription, "visibility": "private"}
	if parent != 0 {
		body[map[string]string{"/projects": "namespace_id", "/groups": "parent_id"}[path]] = parent
	}
	g.ask(t, 201, "POST", path, body, &made)
	if parent == g.namespaceID {
		t.Cleanup(func() { g.delete(t, made) })
	}
	return made
}

// rename gives a project another path, without its extension.
func (g *realGitLab) rename(t *testing.T, p realProject) (renamed realProject) {
	t.Helper()
	g.ask(t, 200, "PUT", p.at(), map[string]string{"path": strings.TrimSuffix(p.Path, ".io") + "-renamed"}, &renamed)
	return renamed
}

// delete deletes a project or a group, and tries to do so at once if GitLab
// only marks it.
func (g *realGitLab) delete(t *testing.T, p realProject) {
	t.Helper()
	g.ask(t, 202, "DELETE", p.at(), nil, nil)
	var marked realProject
	if g.ask(t, 0, "GET", p.at(), nil, &marked); marked.MarkedForDelete == nil {
		return
	}
	query := url.Values{"permanently_remove": {"true"}, "full_path": {cmp.Or(marked.GroupPath, marked.FullPath)}}
	if status, text := g.ask(t, 0, "DELETE", p.at()+"?"+query.Encode(), nil, nil); status != 202 {
		t.Logf("%s is left to GitLab, which deletes it later: %d %s", marked.Path, status, text)
	}
}

// sweep deletes what earlier runs have left behind when they were killed, the
// oldest first.
func (g *realGitLab) sweep(t *testing.T) {
	t.Helper()
	var projects []realProject
	g.ask(t, 200, "GET", "/projects?membership=true&order_by=id&sort=asc&per_page=100&search="+throwawayPrefix, nil, &projects)
	leftovers := map[string]realProject{}
	for _, p := range projects {
		if leftover, found := leftoverOf(p, g.namespace, time.Now()); found {
			leftovers[leftover.Path] = leftover
		}
	}
	for path, leftover := range leftovers {
		t.Logf("deleting %s, which an earlier run has left behind", path)
		if leftover.GroupPath != "" {
			g.ask(t, 200, "GET", "/groups/"+url.PathEscape(leftover.GroupPath), nil, &leftover)
		}
		g.delete(t, leftover)
	}
}

var throwawayPath = regexp.MustCompile("^" + throwawayPrefix + "[0-9a-z]{26}([.]io|-renamed)?$")

// leftoverOf returns what a project is a leftover of: itself, or the group that
// these tests have made around it. Nothing else is ever deleted.
func leftoverOf(p realProject, namespace string, now time.Time) (leftover realProject, found bool) {
	inside, within := strings.CutPrefix(p.FullPath, namespace+"/")
	names := strings.Split(inside, "/")
	for _, name := range names {
		within = within && throwawayPath.MatchString(name)
	}
	if !within || p.Description != throwawayDescription || p.MarkedForDelete != nil || now.Sub(p.CreatedAt) <= leftoverAge {
		return realProject{}, false
	}
	if len(names) > 1 {
		return realProject{Path: names[0], GroupPath: namespace + "/" + names[0]}, true
	}
	return p, true
}

// has fails the test unless GitLab has these settings, as bodyBoth has; empty
// for none at all.
func (g *realGitLab) has(t *testing.T, p realProject, want string) {
	t.Helper()
	var got struct{ Active, Integrated bool }
	status, has := g.ask(t, 0, "GET", settingsPath(p), nil, &got)
	switch {
	case status == 200:
		has = fmt.Sprintf(`{"active":%t,"integrated":%t}`, got.Active, got.Integrated)
	case status == 404 && strings.Contains(has, "Setting Not Found"):
		has = ""
	}
	if has != want {
		t.Errorf("GitLab has %s for %s, want %s", has, p.FullPath, want)
	}
}

// click changes settings without Terraform, and creates missing ones.
func (g *realGitLab) click(t *testing.T, p realProject, body string) {
	t.Helper()
	g.ask(t, 200, "PUT", settingsPath(p), json.RawMessage(body), nil)
}

// offersIntegrated reports whether GitLab offers the integrated backend, which
// only a write can tell. It writes to p.
func (g *realGitLab) offersIntegrated(t *testing.T, p realProject) bool {
	t.Helper()
	status, text := g.ask(t, 0, "PUT", settingsPath(p), json.RawMessage(bodyBoth), nil)
	if status != 200 && status != 404 && status != 405 {
		t.Fatalf("PUT %s: got %d %s", settingsPath(p), status, text)
	}
	return status == 200
}

// setFlag turns the integrated backend on or off for all of GitLab, whose
// processes remember a flag for a minute.
func (g *realGitLab) setFlag(t *testing.T, on bool) {
	t.Helper()
	g.ask(t, 201, "POST", "/features/integrated_error_tracking", map[string]string{"value": strconv.FormatBool(on)}, nil)
	p := g.newProject(t)
	for end := time.Now().Add(2 * time.Minute); g.offersIntegrated(t, p) != on; time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("the integrated backend does not become available=%t", on)
		}
	}
}

// newToken makes a token for one project; level is GitLab's number of a role.
func (g *realGitLab) newToken(t *testing.T, p realProject, level, days int) string {
	t.Helper()
	var made struct{ Token string }
	g.ask(t, 201, "POST", p.at()+"/access_tokens", map[string]any{
		"name": throwawayPrefix + "token", "scopes": []string{"api"}, "access_level": level,
		"expires_at": time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly),
	}, &made)
	return made.Token
}
