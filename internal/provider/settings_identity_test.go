package provider_test

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

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
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

// protocol speaks to the provider as Terraform does, but without the command,
// so that features of newer commands are tested with every command.
type protocol struct {
	t      *testing.T
	server tfprotov6.ProviderServer
}

func newProtocol(t *testing.T, g *fakeGitLab) *protocol {
	t.Helper()
	server := provider.NewServer("test")
	p := &protocol{t, server}
	schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := nulls(t, schema.Provider.ValueType(), map[string]tftypes.Value{
		"base_url": tftypes.NewValue(tftypes.String, g.url),
		"token":    tftypes.NewValue(tftypes.String, maintainerToken),
		"retries":  tftypes.NewValue(tftypes.Number, 0),
	})
	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: p.dynamic(schema.Provider.ValueType(), config)})
	p.fine(resp.Diagnostics, err)
	return p
}

// nulls returns an object with these values, and null for the others.
func nulls(t *testing.T, of tftypes.Type, values map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	object, ok := of.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", of)
	}
	all := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		all[name] = tftypes.NewValue(attribute, nil)
	}
	for name, value := range values {
		all[name] = value
	}
	return tftypes.NewValue(of, all)
}

func (p *protocol) dynamic(of tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	d, err := tfprotov6.NewDynamicValue(of, value)
	if err != nil {
		p.t.Fatal(err)
	}
	return &d
}

func (p *protocol) fine(diagnostics []*tfprotov6.Diagnostic, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range diagnostics {
		p.t.Fatalf("%s: %s: %s", d.Severity, d.Summary, d.Detail)
	}
}

// object decodes a value from the server.
func (p *protocol) object(of tftypes.Type, value *tfprotov6.DynamicValue) map[string]tftypes.Value {
	p.t.Helper()
	decoded, err := value.Unmarshal(of)
	if err != nil {
		p.t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := decoded.As(&attributes); err != nil {
		p.t.Fatal(err)
	}
	return attributes
}

func (p *protocol) identityType(resourceType string) tftypes.Type {
	p.t.Helper()
	resp, err := p.server.GetResourceIdentitySchemas(p.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.IdentitySchemas[resourceType].ValueType()
}

// importByIdentity imports a resource and reads it, as an import block does.
func (p *protocol) importByIdentity(resourceType string, identity map[string]tftypes.Value) (*tfprotov6.ReadResourceResponse, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	of := p.identityType(resourceType)
	imported, err := p.server.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: resourceType,
		Identity: &tfprotov6.ResourceIdentityData{IdentityData: p.dynamic(of, nulls(p.t, of, identity))},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(imported.Diagnostics) > 0 {
		return nil, imported.Diagnostics
	}
	one := imported.ImportedResources[0]
	return p.read(resourceType, one.State, one.Private, one.Identity)
}

func (p *protocol) read(resourceType string, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (*tfprotov6.ReadResourceResponse, []*tfprotov6.Diagnostic) {
	p.t.Helper()
	read, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: resourceType, CurrentState: state, Private: private, CurrentIdentity: identity,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return read, read.Diagnostics
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

func (p *protocol) resourceType(name string) tftypes.Type {
	p.t.Helper()
	schema, err := p.server.GetProviderSchema(p.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	return schema.ResourceSchemas[name].ValueType()
}
