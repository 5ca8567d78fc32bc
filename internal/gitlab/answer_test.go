package gitlab_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAnErrorCarriesGitLabsWords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":"403 Forbidden"}`:                             "403 Forbidden",
		`{"error":"insufficient_scope","error_description":"no"}`: "insufficient_scope: no",
		`{"message":{"base":["one","two"],"active":["three"]}}`:   "active three; base one, two",
		`{"message":["one",2]}`:                                   "one, 2",
		`{"error":{"code":7}}`:                                    "code 7",
		`{}`:                                                      "",
		`null`:                                                    "",
		`no JSON`:                                                 "",
	} {
		sim, c := start(t, gitlabsim.Config{}, web(nil))
		sim.AddFault(gitlabsim.Fault{Effect: gitlabsim.JSON(http.StatusUnprocessableEntity, body)})
		_, err := c.GetSettings(t.Context(), "acme/web")
		var failure *gitlab.Error
		if !errors.As(err, &failure) {
			t.Fatalf("%s: got %v", body, err)
		}
		if failure.Message != want || failure.Status != http.StatusUnprocessableEntity || failure.RequestID == "" ||
			failure.Method != http.MethodGet || failure.Path != "/projects/acme%2Fweb/error_tracking/settings" {
			t.Errorf("%s: got %+v", body, failure)
		}
	}
}
