package gitlabsim_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// recordedStep is one entry of a file of recorded answers: a request with its
// answer, or something that happens to GitLab.
type recordedStep struct {
	Step    string
	Fixture recordedFixture
	ID      int64
	On      bool

	Method   string
	Path     string
	Headers  map[string]string
	Body     string
	Token    *string
	TokenVia string `json:"token_via"`

	Status int
	Answer json.RawMessage
	// IDs are those of an answer that is not recorded: of an object or a list.
	IDs []int64
	// ContentType is a string, null if the answer has none, and empty if it
	// was not recorded.
	ContentType     json.RawMessage   `json:"content_type"`
	ResponseHeaders map[string]string `json:"response_headers"`
}

type recordedFixture struct {
	Version string
	Flags   map[string]bool
	Tokens  map[string]struct {
		gitlabsim.Token
		Role, State string
	}
	Groups   []gitlabsim.Group
	Projects []struct {
		gitlabsim.Project
		Settings *struct {
			gitlabsim.Settings
			APIURL      string `json:"api_url"`
			ProjectName string `json:"project_name"`
		}
		Keys   int
		Marked bool `json:"marked_for_deletion"`
	}
}

func (f recordedFixture) start(t *testing.T) *gitlab {
	t.Helper()
	g := start(t, gitlabsim.Config{Version: f.Version, IntegratedErrorTracking: f.Flags["integrated_error_tracking"]})
	roles := map[string]gitlabsim.Role{
		"": gitlabsim.Maintainer, "none": gitlabsim.NoAccess, "guest": gitlabsim.Guest, "reporter": gitlabsim.Reporter,
		"developer": gitlabsim.Developer, "owner": gitlabsim.Owner,
	}
	states := map[string]gitlabsim.TokenState{"revoked": gitlabsim.Revoked, "expired": gitlabsim.Expired}
	for name, token := range f.Tokens {
		if token.Scopes == nil {
			token.Scopes = []string{"api"}
		}
		token.Token.Role, token.Token.State = roles[token.Role], states[token.State]
		g.AddToken(name, token.Token)
	}
	for _, id := range []int64{linkedID, newID} {
		g.RemoveProject(id)
	}
	for _, group := range f.Groups {
		g.AddGroup(group)
	}
	for _, p := range f.Projects {
		p.MarkedForDeletion = p.Marked
		if s := p.Settings; s != nil {
			s.Settings.APIURL, s.Settings.ProjectName = s.APIURL, s.ProjectName
			p.Project.Settings = &s.Settings
		}
		g.AddProject(p.Project)
		for range p.Keys {
			g.AddClientKey(p.ID)
		}
	}
	return g
}

func (s recordedStep) request(t *testing.T, g *gitlab) *http.Request {
	t.Helper()
	if s.Token != nil {
		g = g.as(*s.Token)
	}
	r := g.request(t, s.Method+" "+s.Path+" "+s.Body)
	if s.TokenVia == "Bearer" {
		r.Header.Set("Authorization", "Bearer "+g.token)
		r.Header.Del("Private-Token")
	}
	for name, value := range s.Headers {
		r.Header.Set(name, value)
	}
	return r
}

// recorded puts the placeholders of the files into an answer.
func (g *gitlab) recorded(s string) string {
	s = strings.ReplaceAll(s, g.url, "http://gitlab.example.com")
	return regexp.MustCompile(`glet_[0-9a-f]{32}`).ReplaceAllString(s, "glet_KEY")
}

func (s recordedStep) compare(t *testing.T, g *gitlab) {
	t.Helper()
	got, err := g.send(s.request(t, g))
	if err != nil {
		t.Fatal(err)
	}
	want := got.body
	if len(s.Answer) > 0 && json.Unmarshal(s.Answer, &want) != nil {
		var compact bytes.Buffer
		_ = json.Compact(&compact, s.Answer) // which keeps the order of the keys
		want = compact.String()
	}
	got.body, want = g.recorded(got.body), g.recorded(want)
	expect(t, s.Path, got, fmt.Sprintf("%d %s", s.Status, want))
	if s.IDs != nil {
		var ids []string
		for _, match := range regexp.MustCompile(`(?:^|\[|},)\{"id":(\d+)`).FindAllStringSubmatch(got.body, -1) {
			ids = append(ids, match[1])
		}
		if fmt.Sprint(ids) != fmt.Sprint(s.IDs) {
			t.Errorf("got the ids %v, want %v", ids, s.IDs)
		}
	}
	if len(s.ContentType) > 0 {
		var contentType string
		if err := json.Unmarshal(s.ContentType, &contentType); err != nil {
			t.Fatal(err)
		}
		expectHeader(t, got, "Content-Type", contentType)
	}
	for name, value := range s.ResponseHeaders {
		if sent := got.header.Values(name); len(sent) == 0 || g.recorded(sent[0]) != value {
			t.Errorf("%s:\ngot  %q\nwant %q", name, sent, value)
		}
	}
}

func TestItAnswersAsGitLabsOwnCodeDid(t *testing.T) {
	t.Parallel()
	files := map[string]int{"testdata/gitlab-answers-settings.json": 35, "testdata/gitlab-answers-all-calls.json": 112}
	extra := os.Getenv("GITLAB_ANSWERS") // what make testacc has recorded
	if extra != "" {
		files[extra] = 0
	}
	for name, requests := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(name)
			var recorded struct{ Cases []recordedStep }
			if err := errors.Join(err, json.Unmarshal(file, &recorded)); err != nil {
				t.Fatal(err)
			}
			var g *gitlab
			// In order, because each request builds on those before it.
			for _, s := range recorded.Cases {
				switch s.Step {
				case "reset":
					g = s.Fixture.start(t)
				case "move":
					g.MoveProject(s.ID, s.Path)
				case "flag":
					g.SetIntegratedErrorTracking(s.On)
				case "":
					requests--
					t.Run(fmt.Sprintf("%s %s %s", s.Method, s.Path, s.Body), func(t *testing.T) {
						s.compare(t, g)
					})
				default:
					t.Fatalf("unknown step %q", s.Step)
				}
			}
			if requests != 0 && name != extra {
				t.Errorf("%d recorded requests are missing", requests)
			}
		})
	}
}
