package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestQueryGeneratesConfigurationThatPlansEmpty(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, mixedGroup()...)
	w := g.really().newWorkspace(t, g.block(maintainerToken))
	w.needs("1.14", "1.14")
	query := "list \"errortracking_settings\" \"all\" {\n  provider = errortracking\n  config {\n    group = \"acme\"\n  }\n}\n"
	if err := os.WriteFile(filepath.Join(w.dir, "all.tfquery.hcl"), []byte(query), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run("query", "-generate-config-out=generated.tf").ok().says("acme/web", "acme/sub/deep/app")
	w.settles().says("2 imported, 0 added, 0 changed, 0 destroyed")
}

func TestListWithoutTheCommand(t *testing.T) {
	t.Parallel()
	hidden := map[int64]gitlabsim.Role{2: gitlabsim.Developer, 3: gitlabsim.Developer}
	for name, c := range map[string]struct {
		projects []gitlabsim.Project
		config   arguments
		limit    int64
		hidden   map[int64]gitlabsim.Role
		want     string
		says     string
	}{
		"projects that have settings, by id":      {mixedGroup(), arguments{"group": "acme"}, 100, nil, "acme/sub/deep/app acme/web", ""},
		"without subgroups":                       {mixedGroup(), arguments{"group": "acme", "include_subgroups": false}, 100, nil, "acme/web", ""},
		"a limit ends the walk, with a warning":   {linked(300), arguments{"group": "acme"}, 5, nil, "acme/p1 acme/p2 acme/p3 acme/p4 acme/p5", "after 5 projects, its limit"},
		"one that leaves nothing out gives none":  {mixedGroup(), arguments{"group": "acme"}, 2, nil, "acme/sub/deep/app acme/web", ""},
		"what the token may not see is a warning": {mixedGroup(), arguments{"group": "acme"}, 100, hidden, "acme/web", "acme/sub/deep/app, acme/api"},
		"a group that is not found is an error":   {nil, arguments{"group": "acme"}, 100, nil, "", "GitLab does not redirect the former path of a group"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, c.projects...)
			g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: c.hidden, Scopes: []string{"api"}})
			s := newSession(t, arguments{"base_url": g.url, "token": maintainerToken})
			var names []string
			for _, r := range s.list(c.config, c.limit, false) {
				names = append(names, r.DisplayName)
			}
			if got := strings.TrimSpace(strings.Join(names, " ")); got != c.want {
				t.Errorf("got %s", got)
			}
			s.repeats(c.says, 1) // the empty text is there once only in silence
			if n := len(g.requests()); n > 30 {
				t.Errorf("%d requests", n)
			}
		})
	}
	t.Run("with identity and resource", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, mixedGroup()...)
		results := newSession(t, arguments{"base_url": g.url, "token": maintainerToken}).list(arguments{"group": "acme"}, 100, true)
		known, err := schemas()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(results, func(r tfprotov6.ListResourceResult) bool { return r.DisplayName == "acme/web" })
		k := known.resources["errortracking_settings"]
		o, err := k.result(results[i].Resource, nil, results[i].Identity)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%s %s", text(o.identity), text(o.value))
		if want := `{"project_id":5} {"active":true,"integrated":false,"on_destroy":"keep","original":{"active":true,"integrated":null},"project":"acme/web","project_id":5}`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
