//go:build testacc

package acceptance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// recording collects requests with GitLab's answers, in the form of the
// simulator's gitlab-answers-*.json: replayed there, in order, they show where
// the simulator differs.
type recording struct {
	*realGitLab
	About string         `json:"about"`
	Cases []recordedCase `json:"cases"`
	// tokens are sent in place of the names that are recorded.
	tokens map[string]string
	// keys are the ids of client keys, which are recorded as 1, 2 and so on.
	keys []int64
}

// recordedCase is a request with its answer, or, with a Step, something that
// happens to GitLab.
type recordedCase struct {
	Step    string         `json:"step,omitempty"`
	Fixture map[string]any `json:"fixture,omitempty"`
	ID      int64          `json:"id,omitempty"`
	On      bool           `json:"on,omitempty"`

	Method          string            `json:"method,omitempty"`
	Path            string            `json:"path,omitempty"`
	Headers         map[string]string `json:"headers,omitempty"`
	Body            string            `json:"body,omitempty"`
	Token           *string           `json:"token,omitempty"`
	Status          int               `json:"status,omitempty"`
	Answer          json.RawMessage   `json:"answer,omitempty"`
	IDs             []int64           `json:"ids,omitempty"`
	ContentType     json.RawMessage   `json:"content_type,omitempty"`
	ResponseHeaders map[string]string `json:"response_headers,omitempty"`
}

// ask sends a request with the token of that name, records it, and returns the
// answer's body. Of projects and groups only the ids are recorded, since the
// simulator knows little else of them.
func (r *recording) ask(t *testing.T, status int, token, method, path, body string) string {
	t.Helper()
	c := recordedCase{Method: method, Path: path, Body: body, Token: &token}
	if token == "maintainer" {
		c.Token = nil
	}
	if body != "" {
		c.Headers = map[string]string{"Content-Type": "application/json"}
	}
	if before, id, isKey := strings.Cut(path, "client_keys/"); isKey {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c.Path = before + "client_keys/" + strconv.Itoa(slices.Index(r.keys, n)+1)
	}
	resp, text, err := r.send(t.Context(), r.tokens[token], method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Errorf("%s %s %s: got %d %s, want %d", method, path, body, resp.StatusCode, text, status)
	}
	c.Status = resp.StatusCode
	c.ContentType = json.RawMessage("null")
	if contentType := resp.Header.Get("Content-Type"); contentType != "" {
		c.ContentType = quoted(t, contentType)
	}
	settings := strings.Contains(path, "/error_tracking/")
	if ids := idsIn(text); settings || ids == nil {
		c.Answer = json.RawMessage(r.anonymous(text))
		if !json.Valid(c.Answer) {
			c.Answer = quoted(t, string(c.Answer))
		}
	} else {
		c.IDs = ids
	}
	c.ResponseHeaders = r.headers(resp.Header, settings)
	r.Cases = append(r.Cases, c)
	return text
}

// headers returns those that say something of GitLab's own; the link of a list
// repeats all parameters that GitLab has, so it is left to the lists of keys.
func (r *recording) headers(header http.Header, settings bool) map[string]string {
	kept := map[string]string{}
	for _, name := range []string{
		"location", "www-authenticate", "link",
		"x-page", "x-per-page", "x-prev-page", "x-next-page", "x-total", "x-total-pages",
	} {
		if _, there := header[http.CanonicalHeaderKey(name)]; there && (name != "link" || settings) {
			kept[name] = r.anonymous(header.Get(name))
		}
	}
	return kept
}

// anonymous puts placeholders in the place of what is this GitLab's own.
func (r *recording) anonymous(text string) string {
	text = strings.ReplaceAll(text, strings.TrimSuffix(r.api, "/api/v4"), "http://gitlab.example.com")
	text = regexp.MustCompile(`glet_[0-9a-f]{32}`).ReplaceAllString(text, "glet_KEY")
	return regexp.MustCompile(`\{"id":\d+,"active"`).ReplaceAllStringFunc(text, func(found string) string {
		id := idsIn(strings.TrimSuffix(found, `,"active"`) + "}")[0]
		if !slices.Contains(r.keys, id) {
			r.keys = append(r.keys, id)
		}
		return strings.Replace(found, strconv.FormatInt(id, 10), strconv.Itoa(slices.Index(r.keys, id)+1), 1)
	})
}

// idsIn returns the ids of a list, or of a single object; nil if there are none.
func idsIn(text string) []int64 {
	var list []struct{ ID int64 }
	if json.Unmarshal([]byte(text), &list) != nil && json.Unmarshal([]byte("["+text+"]"), &list) != nil {
		return nil
	}
	var ids []int64
	for _, one := range list {
		if one.ID != 0 {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

func quoted(t *testing.T, text string) json.RawMessage {
	t.Helper()
	var buffer bytes.Buffer
	// Not json.Marshal, which would escape what GitLab does not.
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(buffer.Bytes())
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
	name := filepath.Join(folder, "gitlab-answers-"+r.version+".json")
	file, err := os.Create(name)
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
	t.Logf("what GitLab answered is in %s", name)
}
