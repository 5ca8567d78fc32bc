package acceptance_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

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

func (p *protocol) resourceType(name string) tftypes.Type {
	p.t.Helper()
	schema, err := p.server.GetProviderSchema(p.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	return schema.ResourceSchemas[name].ValueType()
}

func (p *protocol) identityType(resourceType string) tftypes.Type {
	p.t.Helper()
	resp, err := p.server.GetResourceIdentitySchemas(p.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.IdentitySchemas[resourceType].ValueType()
}

// isIdentity fails the test unless got is the identity of that key.
func (p *protocol) isIdentity(got *tfprotov6.ResourceIdentityData, project, keyID int64) {
	p.t.Helper()
	if got == nil {
		p.t.Fatal("there is no identity")
	}
	identity := p.object(p.identityType("errortracking_client_key"), got.IdentityData)
	if !identity["project_id"].Equal(tftypes.NewValue(tftypes.Number, project)) || !identity["key_id"].Equal(tftypes.NewValue(tftypes.Number, keyID)) {
		p.t.Errorf("the identity is %v, want %d and %d", identity, project, keyID)
	}
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

// arguments are those of a block; what is left out is null.
type arguments map[string]any

func (a arguments) dynamic(t *testing.T) *tfprotov6.DynamicValue {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return &tfprotov6.DynamicValue{JSON: text}
}

// session is a provider in this process that Terraform has told its block.
type session struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	// said is all that it has said so far.
	said string
}

func newSession(t *testing.T, block arguments) *session {
	t.Helper()
	s := &session{t: t, server: provider.NewServer("test")}
	validated, err := s.server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: block.dynamic(t)})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: block.dynamic(t)})
	if err != nil {
		t.Fatal(err)
	}
	s.hear(append(validated.Diagnostics, configured.Diagnostics...))
	return s
}

func (s *session) hear(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		s.said += d.Summary + "\n" + d.Detail + "\n"
	}
}

// plan plans the creation of a resource, and data reads a data source.
func (s *session) plan(name string, body arguments) *session {
	s.t.Helper()
	config := body.dynamic(s.t)
	resp, err := s.server.PlanResourceChange(s.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, Config: config, ProposedNewState: config, PriorState: &tfprotov6.DynamicValue{JSON: []byte("null")},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.hear(resp.Diagnostics)
	return s
}

func (s *session) data(name string, body arguments) *session {
	s.t.Helper()
	resp, err := s.server.ReadDataSource(s.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: body.dynamic(s.t)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.hear(resp.Diagnostics)
	return s
}

func (s *session) says(phrases ...string) {
	s.t.Helper()
	for _, phrase := range phrases {
		if !strings.Contains(s.said, phrase) {
			s.t.Errorf("it does not say %q:\n%s", phrase, s.said)
		}
	}
}

func (s *session) saysNot(phrases ...string) {
	s.t.Helper()
	for _, phrase := range phrases {
		if strings.Contains(s.said, phrase) {
			s.t.Errorf("it says %q:\n%s", phrase, s.said)
		}
	}
}
