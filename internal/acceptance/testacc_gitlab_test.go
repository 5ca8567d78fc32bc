//go:build testacc

package acceptance_test

import (
	"bytes"
	"cmp"
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

// connect finds the namespace for throwaway projects.
func connect(t *testing.T) *realGitLab {
	t.Helper()
	base := strings.TrimSuffix(strings.TrimRight(os.Getenv("GITLAB_BASE_URL"), "/"), "/api/v4")
	g := &realGitLab{api: base + "/api/v4", token: os.Getenv("GITLAB_TOKEN"), namespace: os.Getenv("GITLAB_TEST_NAMESPACE")}
	if base == "" || g.token == "" {
		t.Fatal("set GITLAB_BASE_URL, and GITLAB_TOKEN to a token with scope api of a user who may create projects")
	}
	var found struct {
		Version  string
		Username string
		ID       int64
		FullPath string `json:"full_path"`
	}
	g.must(t, 200, "GET", "/version", nil, &found)
	g.version = found.Version
	if g.namespace == "" {
		g.must(t, 200, "GET", "/user", nil, &found)
		g.namespace = found.Username
		return g
	}
	g.must(t, 200, "GET", "/namespaces/"+url.PathEscape(g.namespace), nil, &found)
	g.namespace, g.namespaceID = found.FullPath, found.ID
	return g
}

// since reports whether GitLab is of this version or newer.
func (g *realGitLab) since(major, minor int) bool {
	var v [2]int
	// What cannot be read is older than any.
	_, _ = fmt.Sscanf(g.version, "%d.%d", &v[0], &v[1])
	return v[0] > major || v[0] == major && v[1] >= minor
}

// send sends a request with a token, and follows no redirect.
func (g *realGitLab) send(ctx context.Context, token, method, path, body string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, g.api+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if token != "" {
		req.Header.Set("PRIVATE-TOKEN", token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	var answer bytes.Buffer
	_, err = answer.ReadFrom(resp.Body)
	return resp, answer.String(), err
}

// ask sends a request, decodes the answer if into is not nil, and returns the
// status and the body.
func (g *realGitLab) ask(ctx context.Context, method, path string, body, into any) (status int, text string, err error) {
	var sent []byte
	if body != nil {
		if sent, err = json.Marshal(body); err != nil {
			return 0, "", err
		}
	}
	resp, text, err := g.send(ctx, g.token, method, path, string(sent))
	if err != nil {
		return 0, "", err
	}
	if into != nil && resp.StatusCode < 300 {
		err = json.Unmarshal([]byte(text), into)
	}
	return resp.StatusCode, text, err
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
	p := g.create(t, "/projects", "", map[string]any{"namespace_id": g.namespaceID})
	t.Cleanup(func() { g.delete(t, p) })
	return p
}

// newGroup makes a group that is deleted, with all that is in it, when the test
// ends.
func (g *realGitLab) newGroup(t *testing.T) realProject {
	t.Helper()
	group := g.create(t, "/groups", "", map[string]any{"parent_id": g.namespaceID})
	t.Cleanup(func() { g.delete(t, group) })
	return group
}

// create makes a project or a group, which the caller deletes.
func (g *realGitLab) create(t *testing.T, path, suffix string, body map[string]any) (made realProject) {
	t.Helper()
	name := throwawayPrefix + strings.ToLower(rand.Text()) + suffix
	body["name"], body["path"], body["description"], body["visibility"] = name, name, throwawayDescription, "private"
	if body["namespace_id"] == int64(0) {
		delete(body, "namespace_id")
	}
	g.must(t, 201, "POST", path, body, &made)
	return made
}

// delete deletes a project or a group, and tries to do so at once if GitLab
// only marks it.
func (g *realGitLab) delete(t *testing.T, p realProject) {
	t.Helper()
	// The test's own context has ended when it cleans up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	status, text, err := g.ask(ctx, "DELETE", p.at(), nil, nil)
	if err != nil || status != 202 {
		t.Errorf("%s stays behind: DELETE is answered with %d %s (%v)", p.Path, status, text, err)
		return
	}
	var marked realProject
	if status, _, err = g.ask(ctx, "GET", p.at(), nil, &marked); err != nil || status != 200 || marked.MarkedForDelete == nil {
		return
	}
	query := url.Values{"permanently_remove": {"true"}, "full_path": {cmp.Or(marked.GroupPath, marked.FullPath)}}
	if status, text, err = g.ask(ctx, "DELETE", p.at()+"?"+query.Encode(), nil, nil); err != nil || status != 202 {
		t.Logf("%s is left to GitLab, which deletes it later: %d %s (%v)", marked.Path, status, text, err)
	}
}

// sweep deletes what earlier runs have left behind when they were killed.
func (g *realGitLab) sweep(t *testing.T) {
	t.Helper()
	leftovers := map[string]realProject{}
	for page := 1; ; page++ {
		var projects []realProject
		query := url.Values{
			"membership": {"true"}, "search": {throwawayPrefix}, "order_by": {"id"}, "sort": {"asc"},
			"per_page": {"100"}, "page": {strconv.Itoa(page)},
		}
		g.must(t, 200, "GET", "/projects?"+query.Encode(), nil, &projects)
		for _, p := range projects {
			if leftover, found := leftoverOf(p, g.namespace, time.Now()); found {
				leftovers[leftover.Path] = leftover
			}
		}
		if len(projects) < 100 {
			break
		}
	}
	for path, leftover := range leftovers {
		t.Logf("deleting %s, which an earlier run has left behind", path)
		if leftover.GroupPath != "" {
			g.must(t, 200, "GET", "/groups/"+url.PathEscape(leftover.GroupPath), nil, &leftover)
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

func settingsPath(p realProject) string { return p.at() + "/error_tracking/settings" }

func keysPath(p realProject) string { return p.at() + "/error_tracking/client_keys" }

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

// offersIntegrated reports whether GitLab offers the integrated backend, which
// only a write can tell. It writes to p.
func (g *realGitLab) offersIntegrated(t *testing.T, p realProject) bool {
	t.Helper()
	status, text, err := g.ask(t.Context(), "PUT", settingsPath(p), realSettings{Active: true, Integrated: true}, nil)
	if err != nil || status != 200 && status != 404 && status != 405 {
		t.Fatalf("PUT %s: got %d %s (%v)", settingsPath(p), status, text, err)
	}
	return status == 200
}

// setFlag turns the integrated backend on or off for all of GitLab, whose
// processes remember a flag for a minute.
func (g *realGitLab) setFlag(t *testing.T, on bool) {
	t.Helper()
	g.must(t, 201, "POST", "/features/integrated_error_tracking", map[string]string{"value": strconv.FormatBool(on)}, nil)
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
	g.must(t, 201, "POST", p.at()+"/access_tokens", map[string]any{
		"name": throwawayPrefix + "token", "scopes": []string{"api"}, "access_level": level,
		"expires_at": time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly),
	}, &made)
	return made.Token
}
