package acceptance_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

func TestClientKeyIdentity(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	identity := statecheck.ExpectIdentity(keyAddress, map[string]knownvalue.Check{
		"project_id": knownvalue.Int64Exact(1), "key_id": knownvalue.Int64Exact(1),
	})
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		ProtoV6ProviderFactories: factories(),
		Steps: []resource.TestStep{
			{Config: g.config(clientKey("acme/web")), ConfigStateChecks: []statecheck.StateCheck{identity}},
			{ResourceName: keyAddress, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
			{
				Config: g.config(clientKey("1")), ConfigPlanChecks: keyPlanned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{identity},
			},
			{
				PreConfig: func() { g.sim.RemoveClientKey(1, 1) },
				Config:    g.config(clientKey("1")), PlanOnly: true, ExpectNonEmptyPlan: true,
			},
		},
	})
}

const keyType = "errortracking_client_key"

func (p *protocol) importKey(project int64, keyID float64) (*tfprotov6.ReadResourceResponse, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	return p.importByIdentity(keyType, map[string]tftypes.Value{
		"project_id": tftypes.NewValue(tftypes.Number, project), "key_id": tftypes.NewValue(tftypes.Number, keyID),
	})
}

func TestClientKeyIdentityWithoutTheCommand(t *testing.T) {
	t.Parallel()
	t.Run("an import by identity reads the key", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		g.sim.AddClientKey(1)
		key := g.sim.AddClientKey(1)
		p := newProtocol(t, g)
		read, diagnostics := p.importKey(1, float64(key.ID))
		p.fine(diagnostics, nil)
		p.isIdentity(read.NewIdentity, 1, key.ID)
		state := p.object(p.resourceType(keyType), read.NewState)
		for name, want := range map[string]tftypes.Value{
			"project":    tftypes.NewValue(tftypes.String, "acme/web"),
			"key_id":     tftypes.NewValue(tftypes.Number, key.ID),
			"active":     tftypes.NewValue(tftypes.Bool, true),
			"public_key": tftypes.NewValue(tftypes.String, key.PublicKey),
		} {
			if !state[name].Equal(want) {
				t.Errorf("%s is %s, want %s", name, state[name], want)
			}
		}
	})
	t.Run("a key or a project that is gone keeps its identity", func(t *testing.T) {
		t.Parallel()
		for name, remove := range map[string]func(*fakeGitLab){
			"the key":     func(g *fakeGitLab) { g.sim.RemoveClientKey(1, 1) },
			"the project": func(g *fakeGitLab) { g.sim.RemoveProject(1) },
		} {
			g := newGitLab(t, withIntegrated())
			g.sim.AddClientKey(1)
			p := newProtocol(t, g)
			before, diagnostics := p.importKey(1, 1)
			p.fine(diagnostics, nil)
			remove(g)
			// A state written by an older command has no identity yet.
			for _, identity := range []*tfprotov6.ResourceIdentityData{before.NewIdentity, nil} {
				after, diagnostics := p.read(keyType, before.NewState, before.Private, identity)
				for _, d := range diagnostics {
					if d.Severity != tfprotov6.DiagnosticSeverityWarning {
						t.Errorf("%s: %s: %s", name, d.Summary, d.Detail)
					}
				}
				p.isIdentity(after.NewIdentity, 1, 1)
				if state, err := after.NewState.Unmarshal(p.resourceType(keyType)); err != nil || !state.IsNull() {
					t.Errorf("%s: the state is %s, %v, want none", name, state, err)
				}
			}
		}
	})
	t.Run("what cannot be imported is an error", func(t *testing.T) {
		t.Parallel()
		g := newGitLab(t, withIntegrated())
		g.sim.AddClientKey(1)
		p := newProtocol(t, g)
		for _, c := range []struct {
			project int64
			keyID   float64
			says    string
		}{
			{0, 1, "greater than zero"},
			{-1, 1, "greater than zero"},
			{1, 0, "greater than zero"},
			{1, -1, "greater than zero"},
			{1, 1.5, "1.5"},
			{1, 2, "errortracking_client_keys"},
			{2, 1, "no such project"},
		} {
			_, diagnostics := p.importKey(c.project, c.keyID)
			if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Detail, c.says) {
				t.Errorf("%d %v: got %v, want %q", c.project, c.keyID, diagnostics, c.says)
			}
		}
	})
}
