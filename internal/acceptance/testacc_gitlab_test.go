//go:build testacc

package acceptance_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
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
	api   string
	token string
	// namespace is the full path of the namespace for new projects; namespaceID
	// is its id, or 0 for the user's own.
	namespace   string
	namespaceID int64
}

type realProject struct {
	ID              int64     `json:"id"`
	Path            string    `json:"path"`
	FullPath        string    `json:"path_with_namespace"`
	Description     string    `json:"description"`
	CreatedAt       time.Time `json:"created_at"`
	MarkedForDelete *string   `json:"marked_for_deletion_on"`
}

func (p realProject) id() string { return strconv.FormatInt(p.ID, 10) }

// connect finds the namespace for throwaway projects.
func connect(t *testing.T) *realGitLab {
	t.Helper()
	base := strings.TrimSuffix(strings.TrimRight(os.Getenv("GITLAB_BASE_URL"), "/"), "/api/v4")
	g := &realGitLab{api: base + "/api/v4", token: os.Getenv("GITLAB_TOKEN"), namespace: os.Getenv("GITLAB_TEST_NAMESPACE")}
	if base == "" || g.token == "" {
		t.Fatal("set GITLAB_BASE_URL, and GITLAB_TOKEN to a token with scope api of a user who may create projects")
	}
	if g.namespace == "" {
		var user struct{ Username string }
		g.must(t, 200, "GET", "/user", nil, &user)
		g.namespace = user.Username
		return g
	}
	var namespace struct {
		ID       int64
		FullPath string `json:"full_path"`
	}
	g.must(t, 200, "GET", "/namespaces/"+url.PathEscape(g.namespace), nil, &namespace)
	g.namespace, g.namespaceID = namespace.FullPath, namespace.ID
	return g
}

// ask sends a request, decodes the answer if into is not nil, and returns the
// status and the body.
func (g *realGitLab) ask(ctx context.Context, method, path string, body, into any) (status int, text string, err error) {
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			return 0, "", err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, g.api+path, &sent)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("PRIVATE-TOKEN", g.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(resp.Body); err != nil {
		return 0, "", err
	}
	if into != nil && resp.StatusCode < 300 {
		err = json.Unmarshal(answer.Bytes(), into)
	}
	return resp.StatusCode, answer.String(), err
}

// must is ask for a request whose answer must have this status.
func (g *realGitLab) must(t *testing.T, status int, method, path string, body, into any) {
	t.Helper()
	got, text, err := g.ask(t.Context(), method, path, body, into)
	if err != nil || got != status {
		t.Fatalf("%s %s: got %d %s (%v), want %d", method, path, got, text, err, status)
	}
}

// newProject makes a project that is deleted when the test ends.
func (g *realGitLab) newProject(t *testing.T) realProject {
	t.Helper()
	path := throwawayPrefix + strings.ToLower(rand.Text())
	body := map[string]any{"name": path, "path": path, "description": throwawayDescription, "visibility": "private"}
	if g.namespaceID != 0 {
		body["namespace_id"] = g.namespaceID
	}
	var p realProject
	g.must(t, 201, "POST", "/projects", body, &p)
	t.Cleanup(func() { g.delete(t, p) })
	return p
}

// delete deletes a project, and tries to do so at once if GitLab only marks it.
func (g *realGitLab) delete(t *testing.T, p realProject) {
	t.Helper()
	// The test's own context has ended when it cleans up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	path := "/projects/" + p.id()
	status, text, err := g.ask(ctx, "DELETE", path, nil, nil)
	if err != nil || status != 202 {
		t.Errorf("%s stays behind: DELETE is answered with %d %s (%v)", p.FullPath, status, text, err)
		return
	}
	var marked realProject
	if status, _, err = g.ask(ctx, "GET", path, nil, &marked); err != nil || status != 200 || marked.MarkedForDelete == nil {
		return
	}
	query := url.Values{"permanently_remove": {"true"}, "full_path": {marked.FullPath}}
	if status, text, err = g.ask(ctx, "DELETE", path+"?"+query.Encode(), nil, nil); err != nil || status != 202 {
		t.Logf("%s is left to GitLab, which deletes it later: %d %s (%v)", marked.FullPath, status, text, err)
	}
}

// sweep deletes what earlier runs have left behind when they were killed.
func (g *realGitLab) sweep(t *testing.T) {
	t.Helper()
	var leftovers []realProject
	for page := 1; ; page++ {
		var projects []realProject
		query := url.Values{
			"membership": {"true"}, "search": {throwawayPrefix}, "order_by": {"id"}, "sort": {"asc"},
			"per_page": {"100"}, "page": {strconv.Itoa(page)},
		}
		g.must(t, 200, "GET", "/projects?"+query.Encode(), nil, &projects)
		for _, p := range projects {
			if isLeftover(p, g.namespace, time.Now()) {
				leftovers = append(leftovers, p)
			}
		}
		if len(projects) < 100 {
			break
		}
	}
	for _, p := range leftovers {
		t.Logf("deleting %s, which an earlier run has left behind", p.FullPath)
		g.delete(t, p)
	}
}

var throwawayPath = regexp.MustCompile("^" + throwawayPrefix + "[0-9a-z]{26}(-renamed)?$")

// isLeftover reports whether p is a leftover of these tests. Nothing else is
// ever deleted.
func isLeftover(p realProject, namespace string, now time.Time) bool {
	return throwawayPath.MatchString(p.Path) && p.FullPath == namespace+"/"+p.Path &&
		p.Description == throwawayDescription && p.MarkedForDelete == nil &&
		now.Sub(p.CreatedAt) > leftoverAge
}

func settingsPath(p realProject) string {
	return fmt.Sprintf("/projects/%d/error_tracking/settings", p.ID)
}

// has fails the test unless GitLab has these settings; nil for none at all.
func (g *realGitLab) has(t *testing.T, p realProject, want *realSettings) {
	t.Helper()
	var got realSettings
	status, text, err := g.ask(t.Context(), "GET", settingsPath(p), nil, &got)
	switch {
	case err != nil:
		t.Fatal(err)
	case want == nil && status == 404 && strings.Contains(text, "Setting Not Found"):
	case want == nil || status != 200 || got != *want:
		t.Errorf("GitLab has %d %s for %s, want %+v", status, text, p.FullPath, want)
	}
}

type realSettings struct {
	Active     bool `json:"active"`
	Integrated bool `json:"integrated"`
}

// click changes settings without Terraform, and creates missing ones.
func (g *realGitLab) click(t *testing.T, p realProject, s realSettings) {
	t.Helper()
	g.must(t, 200, "PUT", settingsPath(p), s, nil)
}

// hasIntegrated reports whether GitLab offers the integrated backend, which
// only a write can tell.
func (g *realGitLab) hasIntegrated(t *testing.T) bool {
	t.Helper()
	p := g.newProject(t)
	status, text, err := g.ask(t.Context(), "PUT", settingsPath(p), realSettings{Active: true, Integrated: true}, nil)
	switch {
	case err != nil:
		t.Fatal(err)
	case status == 404, status == 405:
		return false
	case status != 200:
		t.Fatalf("PUT %s: got %d %s", settingsPath(p), status, text)
	}
	g.has(t, p, &realSettings{Active: true, Integrated: true})
	return true
}
