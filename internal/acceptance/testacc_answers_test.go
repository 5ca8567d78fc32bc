//go:build testacc

package acceptance_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// estate is what is asked about: projects, some of them in a group that has
// only these. Without a namespace that is a group, there is the first one only.
type estate struct {
	plain, archived, below, doomed realProject
	group, subgroup                realProject
	// shut reports whether the subgroup is archived; older GitLabs archive none.
	shut bool
}

func (g *realGitLab) newEstate(t *testing.T) (e estate) {
	t.Helper()
	if g.namespaceID == 0 {
		return estate{plain: g.newProject(t)}
	}
	e.group = g.create(t, "/groups", g.namespaceID, "")
	e.subgroup = g.create(t, "/groups", e.group.ID, "")
	for _, p := range []*realProject{&e.plain, &e.archived, &e.doomed} {
		*p = g.create(t, "/projects", e.group.ID, "")
	}
	e.below = g.create(t, "/projects", e.subgroup.ID, "")
	g.ask(t, 201, "POST", e.archived.at()+"/archive", nil, nil)
	status, text := g.ask(t, 0, "POST", e.subgroup.at()+"/archive", nil, nil)
	if e.shut = status == 201; !e.shut {
		t.Logf("this GitLab archives no groups: %d %s", status, text)
	}
	if g.since("18.0") {
		g.ask(t, 202, "DELETE", e.doomed.at(), nil, nil)
		if status, _ := g.ask(t, 0, "GET", e.doomed.at(), nil, &e.doomed); status != 200 {
			e.doomed = realProject{} // deleted at once
		}
	}
	return e
}

// fixture is the estate, and what else there is, as the simulator's replay
// needs to know it.
func (g *realGitLab) fixture(e estate, integrated bool, others ...realProject) map[string]any {
	var groups, projects []map[string]any
	for _, p := range append(others, e.group, e.subgroup, e.plain, e.archived, e.below, e.doomed) {
		switch {
		case p.ID == 0:
		case p.GroupPath != "":
			groups = append(groups, map[string]any{"id": p.ID, "path": p.GroupPath, "archived": e.shut && p == e.subgroup})
		default:
			projects = append(projects, map[string]any{"id": p.ID, "path": p.FullPath, "archived": p == e.archived, "marked_for_deletion": p.MarkedForDelete != nil})
		}
	}
	return map[string]any{
		"version":  strings.Join(strings.SplitN(g.version, ".", 3)[:2], "."),
		"flags":    map[string]bool{"integrated_error_tracking": integrated},
		"tokens":   map[string]any{"maintainer": map[string]string{"role": "owner"}, "developer": map[string]string{"role": "developer"}, "expired": map[string]string{"state": "expired"}},
		"groups":   groups,
		"projects": projects,
	}
}

// recording collects requests with GitLab's answers, or what happens to GitLab,
// in the form of the simulator's gitlab-answers-*.json: replayed there, in order,
// they show where the simulator differs.
type recording struct {
	*realGitLab
	About string           `json:"about"`
	Cases []map[string]any `json:"cases"`
	// tokens are sent in place of the names that are recorded.
	tokens map[string]string
	// keys are the ids of client keys, which are recorded as 1, 2 and so on.
	keys []string
}

// ask sends a request with the token of that name, records it, and returns the
// answer's body. Of projects and groups only the ids are recorded, since the
// simulator knows little else of them.
func (r *recording) ask(t *testing.T, status int, token, method, path, body string) string {
	t.Helper()
	resp, text := r.send(t, r.tokens[token], method, path, body)
	if resp.StatusCode != status {
		t.Errorf("%s %s %s: got %d %s, want %d", method, path, body, resp.StatusCode, text, status)
	}
	settings := strings.Contains(path, "/error_tracking/")
	headers := map[string]string{}
	for _, name := range []string{"Location", "Www-Authenticate", "Link", "X-Page", "X-Per-Page", "X-Prev-Page", "X-Next-Page", "X-Total", "X-Total-Pages"} {
		// The link of a list repeats all parameters that GitLab has.
		if _, there := resp.Header[name]; there && (name != "Link" || settings) {
			headers[name] = r.anonymous(resp.Header.Get(name))
		}
	}
	c := map[string]any{
		"method": method, "path": r.anonymous(path), "body": body, "token": token, "status": resp.StatusCode,
		"content_type": nil, "response_headers": headers,
	}
	if body != "" {
		c["headers"] = map[string]string{"Content-Type": "application/json"}
	}
	if contentType := resp.Header.Get("Content-Type"); contentType != "" {
		c["content_type"] = contentType
	}
	if ids := idsIn(text); ids != nil && !settings {
		c["ids"] = ids
	} else if c["answer"] = r.anonymous(text); json.Valid([]byte(text)) {
		c["answer"] = json.RawMessage(r.anonymous(text))
	}
	r.Cases = append(r.Cases, c)
	return text
}

var (
	publicKey = regexp.MustCompile(`glet_[0-9a-f]{32}`)
	keyID     = regexp.MustCompile(`({"id":|/client_keys/)(\d+)(,"active"|$)`)
)

// anonymous puts placeholders in the place of what is this GitLab's own.
func (r *recording) anonymous(text string) string {
	text = publicKey.ReplaceAllString(strings.ReplaceAll(text, r.url, "http://gitlab.example.com"), "glet_KEY")
	return keyID.ReplaceAllStringFunc(text, func(found string) string {
		parts := keyID.FindStringSubmatch(found)
		if !slices.Contains(r.keys, parts[2]) {
			r.keys = append(r.keys, parts[2])
		}
		return parts[1] + strconv.Itoa(slices.Index(r.keys, parts[2])+1) + parts[3]
	})
}

// idsIn returns the ids of a list, or of a single object; nil if there are none.
func idsIn(text string) (ids []int64) {
	var list []struct{ ID int64 }
	if json.Unmarshal([]byte(text), &list) != nil && json.Unmarshal([]byte("["+text+"]"), &list) != nil {
		return nil
	}
	for _, one := range list {
		if one.ID != 0 {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

// write writes the recording into GITLAB_TEST_ANSWERS, or bin.
func (r *recording) write(t *testing.T) {
	t.Helper()
	folder := os.Getenv("GITLAB_TEST_ANSWERS")
	if folder == "" {
		folder = "../../bin"
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(folder, "gitlab-answers-"+r.version+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(r); err != nil {
		t.Fatal(err)
	}
	t.Logf("what GitLab answered is in %s", file.Name())
}

// testAnswers asks GitLab one thing after the other, checks the statuses, and
// records the answers in full.
func (g *realGitLab) testAnswers(t *testing.T, integrated, mayTurn bool) {
	e, written, keyed, moved := g.newEstate(t), g.newProject(t), g.newProject(t), g.create(t, "/projects", g.namespaceID, ".io")
	r := &recording{realGitLab: g, About: "What GitLab " + g.version + " answered to make testacc.", tokens: map[string]string{
		"maintainer": g.token, "developer": g.newToken(t, e.plain, 30, 2), "expired": g.newToken(t, e.plain, 40, 0), "wrong": "glpat-wrong",
	}}
	r.Cases = append(r.Cases, map[string]any{"step": "reset", "fixture": g.fixture(e, integrated, written, keyed, moved)})

	plain, former := settingsPath(e.plain), "/projects/"+url.PathEscape(moved.FullPath)
	r.ask(t, 200, "maintainer", "GET", e.plain.at(), "")
	r.ask(t, 404, "maintainer", "GET", plain, "")
	r.ask(t, 403, "developer", "GET", plain, "")
	for _, token := range []string{"expired", "wrong", ""} {
		r.ask(t, 401, token, "GET", plain, "")
	}
	r.ask(t, 404, "maintainer", "GET", "/projects/"+url.PathEscape(strings.ToUpper(e.plain.FullPath))+"/error_tracking/settings", "")
	r.ask(t, 404, "maintainer", "GET", "/projects/999999999/error_tracking/settings", "")
	for _, body := range []string{bodyOn, bodyOff} {
		r.ask(t, 404, "maintainer", "PATCH", plain, body)
		r.ask(t, 403, "developer", "PATCH", plain, body)
	}
	for _, body := range []string{`{}`, `{"active":null}`, `{"active":"maybe"}`} {
		r.ask(t, 400, "maintainer", "PATCH", plain, body)
	}
	r.ask(t, 404, "maintainer", "DELETE", plain, "")

	r.Cases = append(r.Cases, map[string]any{"step": "move", "id": moved.ID, "path": g.rename(t, moved).FullPath})
	r.ask(t, 301, "maintainer", "GET", former, "")
	r.ask(t, 301, "maintainer", "GET", former+"/error_tracking/settings", "")
	r.ask(t, 405, "maintainer", "PATCH", former+"/error_tracking/settings", bodyOff)

	g.askKeys(t, r, keyed)
	g.askGroups(t, r, e)
	g.askWrites(t, r, written, integrated, mayTurn)
	r.write(t)
}

func (g *realGitLab) askKeys(t *testing.T, r *recording, p realProject) {
	t.Helper()
	r.ask(t, 200, "maintainer", "GET", keysPath(p), "")
	for range 3 {
		r.ask(t, 201, "maintainer", "POST", keysPath(p), "")
	}
	ids := idsIn(r.ask(t, 200, "maintainer", "GET", keysPath(p), ""))
	if len(ids) != 3 || !slices.IsSorted(ids) {
		t.Fatalf("the keys are %v, want three, the oldest first", ids)
	}
	for _, page := range []string{"1", "2", "3"} {
		r.ask(t, 200, "maintainer", "GET", keysPath(p)+"?per_page=2&page="+page, "")
	}
	first := keysPath(p) + "/" + strconv.FormatInt(ids[0], 10)
	r.ask(t, 200, "maintainer", "DELETE", first, "")
	r.ask(t, 404, "maintainer", "DELETE", first, "")
	r.ask(t, 404, "maintainer", "GET", first, "")
}

func (g *realGitLab) askGroups(t *testing.T, r *recording, e estate) {
	t.Helper()
	r.ask(t, 404, "maintainer", "GET", "/groups/999999999", "")
	if e.group.ID == 0 {
		return
	}
	r.ask(t, 200, "maintainer", "GET", e.group.at()+"?with_projects=false", "")
	r.ask(t, 200, "maintainer", "GET", "/groups/"+url.PathEscape(e.subgroup.GroupPath)+"?with_projects=false", "")
	for _, query := range []string{"", "archived=true", "include_subgroups=true&archived=false", "include_subgroups=true&archived=false&active=true"} {
		r.ask(t, 200, "maintainer", "GET", e.group.at()+"/projects?order_by=id&sort=asc&simple=true&"+query, "")
	}
}

// askWrites writes settings; where the test may, also while GitLab hides the
// integrated backend.
func (g *realGitLab) askWrites(t *testing.T, r *recording, p realProject, integrated, mayTurn bool) {
	t.Helper()
	path := settingsPath(p)
	if !integrated {
		r.ask(t, 404, "maintainer", "PUT", path, neither)
		return
	}
	r.ask(t, 400, "maintainer", "PUT", path, bodyOn)
	r.ask(t, 200, "maintainer", "PUT", path, neither)
	for _, method := range []string{"PATCH", "PUT"} {
		r.ask(t, 200, "maintainer", method, path, `{"active":true,"integrated":false}`) // is refused
	}
	r.ask(t, 200, "maintainer", "GET", path, "")
	r.ask(t, 200, "maintainer", "PATCH", path, `{"active":true,"integrated":"true"}`)
	r.ask(t, 200, "maintainer", "PATCH", path, `{"active":true,"integrated":null}`)
	r.ask(t, 200, "maintainer", "GET", keysPath(p), "") // GitLab makes one by itself
	if !mayTurn {
		return
	}
	turn := func(on bool) {
		g.setFlag(t, on)
		r.Cases = append(r.Cases, map[string]any{"step": "flag", "on": on})
	}
	turn(false)
	defer turn(true)
	r.ask(t, 200, "maintainer", "GET", path, "")
	r.ask(t, 200, "maintainer", "PATCH", path, bodyBoth)
	r.ask(t, 404, "maintainer", "PUT", path, bodyBoth)
	r.ask(t, 200, "maintainer", "GET", path, "")
}
