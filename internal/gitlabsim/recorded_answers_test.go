package gitlabsim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

type recordedCase struct {
	Method      string
	Path        string
	Headers     map[string]string
	Body        string
	Token       *string
	Status      int
	Answer      json.RawMessage
	ContentType string `json:"content_type"`
}

func (c recordedCase) request() request {
	header := http.Header{"Private-Token": {"maintainer"}}
	if c.Token != nil {
		header = http.Header{}
		if *c.Token != "" {
			header.Set("Private-Token", *c.Token)
		}
	}
	for name, value := range c.Headers {
		header.Set(name, value)
	}
	return request{method: c.Method, path: c.Path, body: c.Body, header: header, contentType: c.Headers["Content-Type"]}
}

func TestItAnswersAsGitLabsOwnCodeDid(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/gitlab-answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ Cases []recordedCase }
	if err := json.Unmarshal(file, &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded.Cases) == 0 {
		t.Fatal("no recorded cases")
	}

	g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
	g.AddProject(gitlabsim.Project{ID: 1, Path: "g/p1", Settings: gitlabsim.SentryLink(sentryURL)})
	g.AddProject(gitlabsim.Project{ID: 2, Path: "g/p2"})
	g.AddProject(gitlabsim.Project{ID: 3, Path: "g/p3", Settings: &gitlabsim.Settings{Active: true, Integrated: true}})
	g.AddToken("developer", gitlabsim.Token{Role: gitlabsim.Developer, Scopes: []string{"api"}})

	for i, c := range recorded.Cases {
		// In order, because each case builds on those before it.
		t.Run(fmt.Sprintf("%02d %s %s %s", i+1, c.Method, c.Path, c.Body), func(t *testing.T) {
			var want bytes.Buffer
			// Compact keeps the order of the keys.
			if err := json.Compact(&want, c.Answer); err != nil {
				t.Fatal(err)
			}
			got := g.ask(t, c.request())
			expect(t, got, c.Status, want.String())
			if c.ContentType != "" {
				expectHeader(t, got, "Content-Type", c.ContentType)
			}
		})
	}
}
