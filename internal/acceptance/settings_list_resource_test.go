package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestQueryFindsTheProjectsWithSettings(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, mixedGroup()...)
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{{
			Query:  true,
			Config: g.config("list \"errortracking_settings\" \"all\" {\n  provider = errortracking\n  config {\n    group = \"acme\"\n  }\n}\n"),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("errortracking_settings.all", 2),
				querycheck.ExpectIdentity("errortracking_settings.all", map[string]knownvalue.Check{"project_id": knownvalue.Int64Exact(5)}),
				querycheck.ExpectIdentity("errortracking_settings.all", map[string]knownvalue.Check{"project_id": knownvalue.Int64Exact(2)}),
			},
		}},
	})
}

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
	w.apply().ok().says("2 imported, 0 added, 0 changed, 0 destroyed")
	w.run("plan", "-detailed-exitcode").ok()
}

// list asks for a list without the command.
func (p *protocol) list(config map[string]tftypes.Value, limit int64, whole bool) (results []tfprotov6.ListResourceResult) {
	p.t.Helper()
	schema, err := p.server.GetProviderSchema(p.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	of := schema.ListResourceSchemas["errortracking_settings"].ValueType()
	server, ok := p.server.(tfprotov6.ListResourceServer)
	if !ok {
		p.t.Fatal("the provider lists nothing")
	}
	stream, err := server.ListResource(p.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: "errortracking_settings", Config: p.dynamic(of, nulls(p.t, of, config)), IncludeResource: whole, Limit: limit,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return slices.Collect(stream.Results)
}

func TestListWithoutTheCommand(t *testing.T) {
	t.Parallel()
	acme := map[string]tftypes.Value{"group": tftypes.NewValue(tftypes.String, "acme")}
	names := func(results []tfprotov6.ListResourceResult) (names []string) {
		for _, r := range results {
			names = append(names, r.DisplayName)
		}
		return names
	}
	t.Run("projects that have settings, by id, with identity and resource", func(t *testing.T) {
		t.Parallel()
		p := newProtocol(t, newGitLab(t, mixedGroup()...))
		results := p.list(acme, 100, true)
		if got := names(results); !slices.Equal(got, []string{"acme/sub/deep/app", "acme/web"}) {
			t.Fatalf("got %v", got)
		}
		p.fine(results[1].Diagnostics, nil)
		identity := p.object(p.identityType("errortracking_settings"), results[1].Identity.IdentityData)
		if !identity["project_id"].Equal(tftypes.NewValue(tftypes.Number, 5)) {
			t.Errorf("the identity is %s", identity)
		}
		state := p.object(p.resourceType("errortracking_settings"), results[1].Resource)
		for name, want := range map[string]tftypes.Value{
			"project":    tftypes.NewValue(tftypes.String, "acme/web"),
			"project_id": tftypes.NewValue(tftypes.Number, 5),
			"active":     tftypes.NewValue(tftypes.Bool, true),
			"integrated": tftypes.NewValue(tftypes.Bool, false),
			"on_destroy": tftypes.NewValue(tftypes.String, "keep"),
		} {
			if !state[name].Equal(want) {
				t.Errorf("%s is %s, want %s", name, state[name], want)
			}
		}
	})
	t.Run("without subgroups", func(t *testing.T) {
		t.Parallel()
		p := newProtocol(t, newGitLab(t, mixedGroup()...))
		got := names(p.list(map[string]tftypes.Value{
			"group": tftypes.NewValue(tftypes.String, "acme"), "include_subgroups": tftypes.NewValue(tftypes.Bool, false),
		}, 100, false))
		if !slices.Equal(got, []string{"acme/web"}) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a limit ends the walk", func(t *testing.T) {
		t.Parallel()
		var projects []gitlabsim.Project
		for id := int64(1); id <= 300; id++ {
			projects = append(projects, gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/p%03d", id), Settings: &gitlabsim.Settings{}})
		}
		g := newGitLab(t, projects...)
		p := newProtocol(t, g)
		results := p.list(acme, 5, false)
		if got := names(results); !slices.Equal(got, []string{"acme/p001", "acme/p002", "acme/p003", "acme/p004", "acme/p005"}) {
			t.Errorf("got %v", got)
		}
		// Terraform reads no further than the limit.
		if last := results[len(results)-1].Diagnostics; len(last) != 1 || !strings.Contains(last[0].Detail, "after 5 projects, its limit") {
			t.Errorf("the last result comes with %v", last)
		}
		if n := len(g.requests()); n > 30 {
			t.Errorf("%d requests for 5 results", n)
		}
	})
	t.Run("a limit that leaves nothing out is not worth a warning", func(t *testing.T) {
		t.Parallel()
		results := newProtocol(t, newGitLab(t, mixedGroup()...)).list(acme, 2, false)
		if len(results) != 2 || len(results[0].Diagnostics)+len(results[1].Diagnostics) > 0 {
			t.Errorf("got %+v", results)
		}
	})
	t.Run("what the token may not see is one warning", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, mixedGroup()...)
		g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Developer, Roles: map[int64]gitlabsim.Role{5: gitlabsim.Maintainer}, Scopes: []string{"api"}})
		results := newProtocol(t, g).list(acme, 100, false)
		if len(results) != 1 || results[0].DisplayName != "acme/web" || len(results[0].Diagnostics) != 1 ||
			!strings.Contains(results[0].Diagnostics[0].Detail, "acme/sub/deep/app, acme/api") {
			t.Errorf("got %+v", results)
		}
	})
	t.Run("a group that is not found is an error", func(t *testing.T) {
		t.Parallel()
		results := newProtocol(t, newGitLab(t)).list(acme, 100, false)
		if len(results) != 1 || len(results[0].Diagnostics) != 1 || !strings.Contains(results[0].Diagnostics[0].Detail, "no such group") {
			t.Errorf("got %+v", results)
		}
	})
}
