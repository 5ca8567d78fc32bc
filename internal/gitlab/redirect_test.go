package gitlab

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func redirectTo(location string) gitlabsim.Effect {
	return gitlabsim.Status(http.StatusFound, http.Header{"Location": {location}, "Content-Type": {"text/plain"}}, "moved")
}

func TestTheOldPathOfAProjectIsFollowedOnEachPage(t *testing.T) {
	t.Parallel()
	for _, root := range []string{"", "/gitlab"} {
		sim, c := start(t, gitlabsim.Config{Root: root}, web())
		for range 101 {
			sim.AddClientKey(1)
		}
		sim.MoveProject(1, "acme/site")
		if keys, err := collect(c.ClientKeys(t.Context(), "acme/web")); err != nil || len(keys) != 101 {
			t.Errorf("at %q: got %d keys, %v", root, len(keys), err)
		}
	}
}

func TestALookUpSurvivesTheExtensionThatGitLabAppends(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		location string
		want     Project
		kind     error
	}{
		"the id stands in the redirect":                {"/api/v4/projects/1.io", Project{ID: 1, Path: "acme/site"}, nil},
		"with a query behind it":                       {"/api/v4/projects/1.io?statistics=true", Project{ID: 1, Path: "acme/site"}, nil},
		"without an extension":                         {"/api/v4/projects/1", Project{ID: 1, Path: "acme/site"}, nil},
		"the id counts even if it is not shown":        {"/api/v4/projects/2.io", Project{ID: 2}, nil},
		"and with a query":                             {"/api/v4/projects/2?statistics=true", Project{ID: 2}, nil},
		"a path without project is no missing project": {"/api/v4/projects/acme%2Fsite.io", Project{}, ErrRedirected},
	} {
		sim, client := start(t, gitlabsim.Config{}, gitlabsim.Project{ID: 1, Path: "acme/site"})
		sim.AddFault(gitlabsim.Fault{Path: "example", Effect: redirectTo(c.location)})
		if project, err := client.GetProject(t.Context(), "acme/web.example.io"); !errors.Is(err, c.kind) || project != c.want {
			t.Errorf("%s: got %+v, %v, want %+v, %v", name, project, err, c.want, c.kind)
		}
	}
}

func TestRedirectsThatAreErrors(t *testing.T) {
	t.Parallel()
	const same = "/gitlab/api/v4/projects/1/error_tracking/settings"
	for name, c := range map[string]struct {
		location string
		call     call
		kind     Kind
		baseURL  string
		says     string
	}{
		"a GET to the same path of another host":    {"https://gitlab.example.com" + same, read, ErrRedirected, "https://gitlab.example.com/gitlab", "gitlab.example.com"},
		"a GET to the same path under a root":       {"https://example.com/code" + same, read, ErrRedirected, "https://example.com/code/gitlab", "example.com"},
		"a GET to the same path of the same host":   {same, read, ErrRedirected, "", "circle"},
		"a GET to a sign-in page":                   {"https://gitlab.example.com/users/sign_in", read, ErrRedirected, "", "/users/sign_in"},
		"a GET to a page with the API in its query": {"https://sso.example.com/in?to=/api/v4/projects/2", read, ErrRedirected, "", "https://sso.example.com/in"},
		"a GET without Location":                    {"", read, ErrRedirected, "", "no usable Location"},
		"a GET to an invalid URL":                   {"https://[::1", read, ErrRedirected, "", "no usable Location"},
		"a GET to a URL with a password":            {"https://u:sesame@gitlab.example.com" + same, read, ErrRedirected, "https://gitlab.example.com/gitlab", "gitlab.example.com"},
		"a write to another path":                   {"https://gitlab.example.com/gitlab/api/v4/projects/2/error_tracking/settings", write, ErrRedirected, "https://gitlab.example.com/gitlab", "projects/2"},
		"a write to the same path":                  {"https://gitlab.example.com" + same, write, ErrRedirected, "https://gitlab.example.com/gitlab", "gitlab.example.com"},
		"a write to the root, as if read-only":      {"/gitlab/", write, ErrReadOnly, "", "/gitlab/"},
		"a GET to the root":                         {"/gitlab/", read, ErrRedirected, "", "/gitlab/"},
	} {
		sim, client := start(t, gitlabsim.Config{Root: "/gitlab"}, web())
		sim.AddFault(gitlabsim.Fault{Effect: redirectTo(c.location)})
		err := c.call(t.Context(), client)
		failure, ok := errors.AsType[*Error](err)
		if !ok || failure.Kind != c.kind || failure.BaseURL != c.baseURL || !strings.Contains(failure.Message, c.says) {
			t.Errorf("%s: got %#v", name, err)
		} else if text := err.Error(); strings.Contains(text, "sesame") || strings.Contains(text, "?") {
			t.Errorf("%s: %q shows too much", name, text)
		}
		if n := len(sim.Requests()); n != 1 {
			t.Errorf("%s: %d requests, want 1", name, n)
		}
	}
}

func TestRedirectsAreLimited(t *testing.T) {
	t.Parallel()
	sim, c := start(t, gitlabsim.Config{}, web())
	sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, _ func() gitlabsim.Answer) {
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
	}})
	if err := read(t.Context(), c); !errors.Is(err, ErrRedirected) || len(sim.Requests()) != 6 {
		t.Errorf("got error %v after %d requests, want 6", err, len(sim.Requests()))
	}
}
