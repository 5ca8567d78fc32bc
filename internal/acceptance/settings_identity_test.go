package acceptance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

func TestSettingsImportByIdentity(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withSentry())
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{
				Config: g.config(settings("acme/web", "active = true")),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectIdentity(address, map[string]knownvalue.Check{"project_id": knownvalue.Int64Exact(1)}),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func (p *protocol) importSettings(id int64) (*tfprotov6.ReadResourceResponse, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	return p.importByIdentity("errortracking_settings", map[string]tftypes.Value{"project_id": tftypes.NewValue(tftypes.Number, id)})
}

func TestSettingsIdentityWithoutTheCommand(t *testing.T) {
	t.Parallel()
	t.Run("an import by identity reads the project and its path", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withSentry())
		p := newProtocol(t, g)
		read, diagnostics := p.importSettings(1)
		p.fine(diagnostics, nil)
		state := p.object(p.resourceType("errortracking_settings"), read.NewState)
		for name, want := range map[string]tftypes.Value{
			"project":    tftypes.NewValue(tftypes.String, "acme/web"),
			"project_id": tftypes.NewValue(tftypes.Number, 1),
			"active":     tftypes.NewValue(tftypes.Bool, true),
			"integrated": tftypes.NewValue(tftypes.Bool, false),
			"on_destroy": tftypes.NewValue(tftypes.String, "keep"),
		} {
			if !state[name].Equal(want) {
				t.Errorf("%s is %s, want %s", name, state[name], want)
			}
		}
		identity := p.object(p.identityType("errortracking_settings"), read.NewIdentity.IdentityData)
		if want := tftypes.NewValue(tftypes.Number, 1); !identity["project_id"].Equal(want) {
			t.Errorf("the identity's project is %s, want %s", identity["project_id"], want)
		}
		if got, want := g.requests(), []string{"GET /projects/1", get("1")}; !slices.Equal(got, want) {
			t.Errorf("the import made the requests %v, want %v", got, want)
		}
	})
	t.Run("an identity is checked like an import id", func(t *testing.T) {
		t.Parallel()
		p := newProtocol(t, newGitLab(t, withSentry()))
		_, diagnostics := p.importSettings(0)
		if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "greater than zero") {
			t.Errorf("got %v", diagnostics)
		}
	})
	t.Run("an import of a missing project is an error", func(t *testing.T) {
		t.Parallel()
		p := newProtocol(t, newGitLab(t))
		_, diagnostics := p.importSettings(1)
		if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, "no such project") {
			t.Errorf("got %v", diagnostics)
		}
	})
}
