package acceptance_test

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// kind is what a schema says about a type.
type kind struct {
	name     string
	version  int64
	object   cty.Type
	spec     hcldec.ObjectSpec
	computed map[string]bool // attributes that the provider may set by itself
	secret   map[string]bool // attributes, and those inside, that must not be shown
	identity cty.Type        // of a resource; NilType if it has none
}

// builtin reports whether the type is terraform_data, which has no provider.
func (k *kind) builtin() bool { return k.name == "terraform_data" }

func (k *kind) null() cty.Value { return cty.NullVal(k.object) }

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
	c := &catalogue{resources: map[string]*kind{"terraform_data": newKind("terraform_data", &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{Attributes: dataAttributes}})}, data: map[string]*kind{}}
	c.provider = newKind("errortracking", schema.Provider)
	for name, s := range schema.ResourceSchemas {
		c.resources[name] = newKind(name, s)
		if identity := identities.IdentitySchemas[name]; identity != nil {
			c.resources[name].identity = ctyType(identity.ValueType())
		}
	}
	for name, s := range schema.DataSourceSchemas {
		c.data[name] = newKind(name, s)
	}
	return c, nil
})

func newKind(name string, s *tfprotov6.Schema) *kind {
	k := &kind{name: name, version: s.Version, object: ctyType(s.ValueType()), spec: hcldec.ObjectSpec{}, computed: map[string]bool{}, secret: map[string]bool{}}
	for _, a := range s.Block.Attributes {
		k.spec[a.Name] = &hcldec.AttrSpec{Name: a.Name, Type: k.object.AttributeType(a.Name), Required: a.Required}
		k.computed[a.Name], k.secret[a.Name] = a.Computed, a.Sensitive
		if a.NestedType != nil {
			for _, inner := range a.NestedType.Attributes {
				k.secret[a.Name+"."+inner.Name] = inner.Sensitive
			}
		}
	}
	return k
}

// ctyType converts a type by way of JSON, which is the same for both libraries.
// One that cannot be converted makes each value of it invalid.
func ctyType(t json.Marshaler) (of cty.Type) {
	if text, err := json.Marshal(t); err != nil || json.Unmarshal(text, &of) != nil {
		return cty.EmptyObject
	}
	return of
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

// encode sends a value that does not fit as nothing, which the provider answers
// with an error.
func encode(of cty.Type, value cty.Value) *tfprotov6.DynamicValue {
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

func (k *kind) encode(value cty.Value) *tfprotov6.DynamicValue { return encode(k.object, value) }

func (k *kind) encodeIdentity(identity cty.Value) *tfprotov6.ResourceIdentityData {
	if identity == cty.NilVal || k.identity == cty.NilType {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: encode(k.identity, identity)}
}

// result decodes what a provider returns, which may come beside an error.
func (k *kind) result(state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (o *object, err error) {
	o = &object{private: private}
	if o.value, err = decode(k.object, state); err == nil && identity != nil && identity.IdentityData != nil {
		o.identity, err = decode(k.identity, identity.IdentityData)
	}
	return o, err
}

func (p *process) validateProvider(k *kind, config cty.Value) hcl.Diagnostics {
	resp, err := p.server.ValidateProviderConfig(p.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: k.encode(config)})
	return said(resp.Diagnostics, err)
}

// configure configures. Values may be unknown in a plan.
func (p *process) configure(k *kind, config cty.Value) hcl.Diagnostics {
	resp, err := p.server.ConfigureProvider(p.ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: k.encode(config)})
	return said(resp.Diagnostics, err)
}

func (p *process) validate(k *kind, data bool, config cty.Value) hcl.Diagnostics {
	if k.builtin() {
		return nil
	}
	if data {
		resp, err := p.server.ValidateDataResourceConfig(p.ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: k.name, Config: k.encode(config)})
		return said(resp.Diagnostics, err)
	}
	resp, err := p.server.ValidateResourceConfig(p.ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: k.name, Config: k.encode(config)})
	return said(resp.Diagnostics, err)
}

// upgrade reads a state file's object.
func (p *process) upgrade(k *kind, r *record) (*object, hcl.Diagnostics) {
	if k.builtin() {
		value, err := r.value(k)
		return &object{value: value}, said(nil, err)
	}
	resp, err := p.server.UpgradeResourceState(p.ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: k.name, Version: r.SchemaVersion, RawState: &tfprotov6.RawState{JSON: r.Attributes},
	})
	o, invalid := k.result(resp.UpgradedState, r.Private, nil)
	// An identity is upgraded only if its schema has another version.
	if r.Identity != nil && invalid == nil {
		o.identity, invalid = ctyjson.Unmarshal(r.Identity, k.identity)
	}
	return o, said(resp.Diagnostics, err, invalid)
}

// read refreshes an object; a null value means that it is gone.
func (p *process) read(k *kind, o *object) (*object, hcl.Diagnostics) {
	if k.builtin() {
		return o, nil
	}
	resp, err := p.server.ReadResource(p.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: k.name, CurrentState: k.encode(o.value), Private: o.private, CurrentIdentity: k.encodeIdentity(o.identity),
	})
	o, invalid := k.result(resp.NewState, resp.Private, resp.NewIdentity)
	return o, said(resp.Diagnostics, err, invalid)
}

// plan returns the planned object and the attributes that want a replacement.
func (p *process) plan(k *kind, prior *object, proposed, config cty.Value) (planned *object, replaces []string, diagnostics hcl.Diagnostics) {
	if k.builtin() {
		planned, replaces := planData(prior.value, proposed)
		return &object{value: planned}, replaces, nil
	}
	resp, err := p.server.PlanResourceChange(p.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: k.name, PriorState: k.encode(prior.value), ProposedNewState: k.encode(proposed),
		Config: k.encode(config), PriorPrivate: prior.private, PriorIdentity: k.encodeIdentity(prior.identity),
	})
	planned, invalid := k.result(resp.PlannedState, resp.PlannedPrivate, resp.PlannedIdentity)
	for _, path := range resp.RequiresReplace {
		replaces = append(replaces, attributeOf(path))
	}
	return planned, replaces, said(resp.Diagnostics, err, invalid)
}

// apply returns the new object, which may come beside an error.
func (p *process) apply(k *kind, prior, planned *object, config cty.Value) (*object, hcl.Diagnostics) {
	if k.builtin() {
		return &object{value: applyData(planned.value)}, nil
	}
	resp, err := p.server.ApplyResourceChange(p.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: k.name, PriorState: k.encode(prior.value), PlannedState: k.encode(planned.value),
		Config: k.encode(config), PlannedPrivate: planned.private, PlannedIdentity: k.encodeIdentity(planned.identity),
	})
	o, invalid := k.result(resp.NewState, resp.Private, resp.NewIdentity)
	return o, said(resp.Diagnostics, err, invalid)
}

// imports finds an object by its id, or by its identity.
func (p *process) imports(k *kind, id string, identity cty.Value) (*object, hcl.Diagnostics) {
	resp, err := p.server.ImportResourceState(p.ctx, &tfprotov6.ImportResourceStateRequest{TypeName: k.name, ID: id, Identity: k.encodeIdentity(identity)})
	if len(resp.ImportedResources) == 0 {
		return nil, said(resp.Diagnostics, err)
	}
	one := resp.ImportedResources[0]
	o, invalid := k.result(one.State, one.Private, one.Identity)
	return o, said(resp.Diagnostics, err, invalid)
}

// move takes over an object of another type.
func (p *process) move(k *kind, from *record) (*object, hcl.Diagnostics) {
	resp, err := p.server.MoveResourceState(p.ctx, &tfprotov6.MoveResourceStateRequest{
		SourceTypeName: from.Type, SourceProviderAddress: from.source(), SourceSchemaVersion: from.SchemaVersion,
		SourceState: &tfprotov6.RawState{JSON: from.Attributes}, SourcePrivate: from.Private, TargetTypeName: k.name,
	})
	o, invalid := k.result(resp.TargetState, resp.TargetPrivate, resp.TargetIdentity)
	return o, said(resp.Diagnostics, err, invalid)
}

func (p *process) readData(k *kind, config cty.Value) (*object, hcl.Diagnostics) {
	resp, err := p.server.ReadDataSource(p.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: k.name, Config: k.encode(config)})
	o, invalid := k.result(resp.State, nil, nil)
	return o, said(resp.Diagnostics, err, invalid)
}

// stop is what Ctrl-C comes to.
func (p *process) stop() {
	_, _ = p.server.StopProvider(context.WithoutCancel(p.ctx), &tfprotov6.StopProviderRequest{})
}
