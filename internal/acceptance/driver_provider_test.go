package acceptance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// kind is what a schema says about a type.
type kind struct {
	name       string
	version    int64
	object     cty.Type
	attributes map[string]*tfprotov6.SchemaAttribute
	identity   cty.Type // of a resource; NilType if it has none
}

// builtin reports whether the type is terraform_data, which has no provider.
func (k *kind) builtin() bool { return k.attributes == nil }

func (k *kind) null() cty.Value { return cty.NullVal(k.object) }

// computed reports whether the provider may set an attribute by itself.
func (k *kind) computed(name string) bool {
	if k.builtin() {
		return name == "id" || name == "output"
	}
	return k.attributes[name].Computed
}

// catalogue is what the provider's schemas say.
type catalogue struct {
	provider        *kind
	resources, data map[string]*kind
}

var schemas = sync.OnceValues(func() (*catalogue, error) {
	server := provider.NewServer(terraformcli.Version)
	schema, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	c := &catalogue{resources: map[string]*kind{}, data: map[string]*kind{}}
	if c.provider, err = newKind("errortracking", schema.Provider); err != nil {
		return nil, err
	}
	for name, s := range schema.ResourceSchemas {
		if c.resources[name], err = newKind(name, s); err != nil {
			return nil, err
		}
		if identity := identities.IdentitySchemas[name]; identity != nil {
			if c.resources[name].identity, err = ctyType(identity.ValueType()); err != nil {
				return nil, err
			}
		}
	}
	for name, s := range schema.DataSourceSchemas {
		if c.data[name], err = newKind(name, s); err != nil {
			return nil, err
		}
	}
	c.resources["terraform_data"] = &kind{name: "terraform_data", object: cty.Object(map[string]cty.Type{
		"id": cty.String, "input": cty.DynamicPseudoType, "output": cty.DynamicPseudoType, "triggers_replace": cty.DynamicPseudoType,
	})}
	return c, nil
})

func newKind(name string, s *tfprotov6.Schema) (*kind, error) {
	object, err := ctyType(s.ValueType())
	if err != nil {
		return nil, err
	}
	if len(s.Block.BlockTypes) > 0 {
		return nil, fmt.Errorf("%s has nested blocks, which the driver does not know", name)
	}
	k := &kind{name: name, version: s.Version, object: object, attributes: map[string]*tfprotov6.SchemaAttribute{}}
	for _, attribute := range s.Block.Attributes {
		k.attributes[attribute.Name] = attribute
	}
	return k, nil
}

// ctyType converts a type by way of JSON, which is the same for both libraries.
func ctyType(t tftypes.Type) (cty.Type, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return cty.NilType, err
	}
	return ctyjson.UnmarshalType(text)
}

// object is a resource as a provider knows it.
type object struct {
	value    cty.Value
	private  []byte
	identity cty.Value // NilVal if it has none
}

// process is a provider as Terraform starts it: for one walk, without a memory
// of earlier ones. It speaks the plugin protocol.
type process struct {
	ctx    context.Context
	server tfprotov6.ProviderServer
}

func newProcess(ctx context.Context) *process {
	return &process{ctx, provider.NewServer(terraformcli.Version)}
}

// encode panics on nothing: a value that does not fit is sent as nothing, which
// the provider answers with an error.
func encode(of cty.Type, value cty.Value) *tfprotov6.DynamicValue {
	value, _ = value.UnmarkDeep()
	bytes, err := msgpack.Marshal(value, of)
	if err != nil {
		return &tfprotov6.DynamicValue{}
	}
	return &tfprotov6.DynamicValue{MsgPack: bytes}
}

func decode(of cty.Type, value *tfprotov6.DynamicValue) (cty.Value, error) {
	if value == nil {
		return cty.NullVal(of), nil
	}
	return msgpack.Unmarshal(value.MsgPack, of)
}

func (k *kind) encodeIdentity(identity cty.Value) *tfprotov6.ResourceIdentityData {
	if identity == cty.NilVal || k.identity == cty.NilType {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: encode(k.identity, identity)}
}

// result decodes what a provider returns. Anything that Terraform calls a bug
// in the provider is an error.
func (k *kind) result(state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (*object, error) {
	value, err := decode(k.object, state)
	if err != nil {
		return nil, err
	}
	o := &object{value: value, private: private}
	if identity != nil && identity.IdentityData != nil {
		if o.identity, err = decode(k.identity, identity.IdentityData); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// configure validates and configures. Values may be unknown in a plan.
func (p *process) configure(k *kind, config cty.Value) ([]*tfprotov6.Diagnostic, error) {
	validated, err := p.server.ValidateProviderConfig(p.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: encode(k.object, config)})
	if err != nil || failed(validated.Diagnostics) {
		return validated.Diagnostics, err
	}
	configured, err := p.server.ConfigureProvider(p.ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: encode(k.object, config)})
	return append(validated.Diagnostics, configured.Diagnostics...), err
}

func failed(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

func (p *process) validate(k *kind, config cty.Value) ([]*tfprotov6.Diagnostic, error) {
	if k.builtin() {
		return nil, nil
	}
	resp, err := p.server.ValidateResourceConfig(p.ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: k.name, Config: encode(k.object, config)})
	return resp.Diagnostics, err
}

// upgrade reads a state file's object.
func (p *process) upgrade(k *kind, r *record) (*object, []*tfprotov6.Diagnostic, error) {
	if k.builtin() {
		value, err := ctyjson.Unmarshal(r.Attributes, k.object)
		return &object{value: value, private: r.Private}, nil, err
	}
	resp, err := p.server.UpgradeResourceState(p.ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: k.name, Version: r.SchemaVersion, RawState: &tfprotov6.RawState{JSON: r.Attributes},
	})
	if err != nil || failed(resp.Diagnostics) {
		return nil, resp.Diagnostics, err
	}
	o, err := k.result(resp.UpgradedState, r.Private, nil)
	// An identity is upgraded only if its schema has another version.
	if err == nil && r.Identity != nil {
		o.identity, err = ctyjson.Unmarshal(r.Identity, k.identity)
	}
	return o, resp.Diagnostics, err
}

// read refreshes an object; a null value means that it is gone.
func (p *process) read(k *kind, o *object) (*object, []*tfprotov6.Diagnostic, error) {
	if k.builtin() {
		return o, nil, nil
	}
	resp, err := p.server.ReadResource(p.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: k.name, CurrentState: encode(k.object, o.value), Private: o.private, CurrentIdentity: k.encodeIdentity(o.identity),
	})
	if err != nil || failed(resp.Diagnostics) {
		return nil, resp.Diagnostics, err
	}
	read, err := k.result(resp.NewState, resp.Private, resp.NewIdentity)
	return read, resp.Diagnostics, err
}

// plan returns the planned object and the attributes that want a replacement.
func (p *process) plan(k *kind, prior *object, proposed, config cty.Value) (*object, []string, []*tfprotov6.Diagnostic, error) {
	if k.builtin() {
		planned, replaces := planData(prior.value, proposed)
		return &object{value: planned}, replaces, nil, nil
	}
	resp, err := p.server.PlanResourceChange(p.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: k.name, PriorState: encode(k.object, prior.value), ProposedNewState: encode(k.object, proposed),
		Config: encode(k.object, config), PriorPrivate: prior.private, PriorIdentity: k.encodeIdentity(prior.identity),
	})
	if err != nil || failed(resp.Diagnostics) {
		return nil, nil, resp.Diagnostics, err
	}
	var replaces []string
	for _, path := range resp.RequiresReplace {
		replaces = append(replaces, attributeOf(path))
	}
	planned, err := k.result(resp.PlannedState, resp.PlannedPrivate, resp.PlannedIdentity)
	return planned, replaces, resp.Diagnostics, err
}

// apply returns the new object, which may come beside an error.
func (p *process) apply(k *kind, prior, planned *object, config cty.Value) (*object, []*tfprotov6.Diagnostic, error) {
	if k.builtin() {
		return &object{value: applyData(planned.value)}, nil, nil
	}
	resp, err := p.server.ApplyResourceChange(p.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: k.name, PriorState: encode(k.object, prior.value), PlannedState: encode(k.object, planned.value),
		Config: encode(k.object, config), PlannedPrivate: planned.private, PlannedIdentity: k.encodeIdentity(planned.identity),
	})
	if err != nil {
		return nil, nil, err
	}
	applied, err := k.result(resp.NewState, resp.Private, resp.NewIdentity)
	return applied, resp.Diagnostics, err
}

func (p *process) importState(k *kind, key importKey) (*object, []*tfprotov6.Diagnostic, error) {
	resp, err := p.server.ImportResourceState(p.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: k.name, ID: key.id, Identity: k.encodeIdentity(key.identity)})
	if err != nil || failed(resp.Diagnostics) {
		return nil, resp.Diagnostics, err
	}
	if len(resp.ImportedResources) != 1 {
		return nil, nil, fmt.Errorf("an import returned %d resources", len(resp.ImportedResources))
	}
	one := resp.ImportedResources[0]
	o, err := k.result(one.State, one.Private, one.Identity)
	return o, resp.Diagnostics, err
}

// move takes over an object of another type.
func (p *process) move(k *kind, from *record) (*object, []*tfprotov6.Diagnostic, error) {
	resp, err := p.server.MoveResourceState(p.ctx, &tfprotov6.MoveResourceStateRequest{
		SourceTypeName: from.Type, SourceProviderAddress: providerAddress(from.Provider), SourceSchemaVersion: from.SchemaVersion,
		SourceState: &tfprotov6.RawState{JSON: from.Attributes}, SourcePrivate: from.Private, TargetTypeName: k.name,
	})
	if err != nil || failed(resp.Diagnostics) {
		return nil, resp.Diagnostics, err
	}
	o, err := k.result(resp.TargetState, resp.TargetPrivate, resp.TargetIdentity)
	return o, resp.Diagnostics, err
}

func (p *process) readData(k *kind, config cty.Value) (cty.Value, []*tfprotov6.Diagnostic, error) {
	validated, err := p.server.ValidateDataResourceConfig(p.ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: k.name, Config: encode(k.object, config)})
	if err != nil || failed(validated.Diagnostics) {
		return k.null(), validated.Diagnostics, err
	}
	resp, err := p.server.ReadDataSource(p.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: k.name, Config: encode(k.object, config)})
	if err != nil || failed(resp.Diagnostics) {
		return k.null(), append(validated.Diagnostics, resp.Diagnostics...), err
	}
	value, err := decode(k.object, resp.State)
	return value, append(validated.Diagnostics, resp.Diagnostics...), err
}

// stop is what Ctrl-C comes to.
func (p *process) stop() {
	_, _ = p.server.StopProvider(context.WithoutCancel(p.ctx), &tfprotov6.StopProviderRequest{})
}

// attributeOf returns the attribute that a path begins with.
func attributeOf(path *tftypes.AttributePath) string {
	if path == nil || len(path.Steps()) == 0 {
		return ""
	}
	name, _ := path.Steps()[0].(tftypes.AttributeName)
	return string(name)
}
