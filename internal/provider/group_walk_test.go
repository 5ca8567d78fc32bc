package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestAWalkThatIsCancelledEndsInAnError(t *testing.T) {
	t.Parallel()
	const token, n = "glpat-walker", 90
	sim := gitlabsim.New(gitlabsim.Config{})
	sim.AddToken(token, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	for i := range n {
		sim.AddProject(gitlabsim.Project{ID: int64(i + 1), Path: fmt.Sprintf("acme/p%d", i+1), Settings: &gitlabsim.Settings{}})
	}
	server := httptest.NewServer(sim)
	defer server.Close()
	client, err := gitlab.NewClient(gitlab.Config{BaseURL: server.URL, Token: token, RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		seen := 0
		var last error
		for _, last = range walkGroup(ctx, client, "acme", true, false) {
			if seen++; seen == 1 {
				// The walk has read ahead as far as it may.
				time.Sleep(10 * time.Millisecond)
				cancel()
			}
		}
		cancel()
		if !errors.Is(last, context.Canceled) {
			t.Fatalf("after %d of %d projects the walk ends with %v, as if it were complete", seen, n, last)
		}
	}
}
