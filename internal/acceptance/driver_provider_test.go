package acceptance_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

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
	if identity.IsNull() {
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

// took takes over what the provider answers about a node, and reports what it
// says. There may be an object beside an error.
func (w *walk) took(n *node, all []*tfprotov6.Diagnostic, err error, state *tfprotov6.DynamicValue, private []byte, identity *tfprotov6.ResourceIdentityData) (*object, bool) {
	o, invalid := n.kind.result(state, private, identity)
	return o, w.report(n, said(all, err, invalid))
}

// validated evaluates a node's configuration, and has the provider validate it.
func (w *walk) validated(n *node) (config cty.Value, ok bool) {
	config, diagnostics := n.block.configOf(w.scope(n.each))
	if !w.add(diagnostics) {
		return config, false
	}
	sent := n.kind.encode(config)
	switch {
	case n.kind == w.known.provider:
		resp, err := w.server.ValidateProviderConfig(w.ctx, &tfprotov6.ValidateProviderConfigRequest{Config: sent})
		return config, w.report(n, said(resp.Diagnostics, err))
	case n.block.data:
		resp, err := w.server.ValidateDataResourceConfig(w.ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: n.Type, Config: sent})
		return config, w.report(n, said(resp.Diagnostics, err))
	case n.kind.builtin():
		return config, true
	}
	resp, err := w.server.ValidateResourceConfig(w.ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: n.Type, Config: sent})
	return config, w.report(n, said(resp.Diagnostics, err))
}

// configure starts the provider, before the first node that needs it. Values
// may be unknown in a plan.
func (w *walk) configure() bool {
	n := &node{kind: w.known.provider, block: w.config.provider}
	config, ok := w.validated(n)
	if !ok {
		return false
	}
	resp, err := w.server.ConfigureProvider(w.ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: n.kind.encode(config)})
	return w.report(n, said(resp.Diagnostics, err))
}

// load returns what the state has of a node, or nil.
func (w *walk) load(n *node) (*object, *record, bool) {
	w.mu.Lock()
	r := w.state.records[n.place()]
	w.mu.Unlock()
	if r == nil {
		return nil, &n.record, true
	}
	if n.kind.builtin() {
		value, err := r.value(n.kind)
		return &object{value: value}, r, w.report(n, said(nil, err))
	}
	resp, err := w.server.UpgradeResourceState(w.ctx, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: n.Type, Version: r.SchemaVersion, RawState: &tfprotov6.RawState{JSON: r.Attributes},
	})
	o, ok := w.took(n, resp.Diagnostics, err, resp.UpgradedState, r.Private, nil)
	// An identity is upgraded only if its schema has another version.
	if ok && r.Identity != nil {
		o.identity, err = ctyjson.Unmarshal(r.Identity, n.kind.identity)
	}
	return o, r, ok && w.report(n, said(nil, err))
}

// refreshed reads an object again, and removes it from the state if it is gone.
func (w *walk) refreshed(n *node, o *object, r *record) (*object, bool) {
	if n.kind.builtin() {
		return o, true
	}
	resp, err := w.server.ReadResource(w.ctx, &tfprotov6.ReadResourceRequest{
		TypeName: n.Type, CurrentState: n.kind.encode(o.value), Private: o.private, CurrentIdentity: n.kind.encodeIdentity(o.identity),
	})
	read, ok := w.took(n, resp.Diagnostics, err, resp.NewState, resp.Private, resp.NewIdentity)
	switch {
	case !ok:
		return nil, false
	case !read.value.IsWhollyKnown():
		return nil, w.blames(n, "Provider produced invalid object", "a value is unknown after a read")
	case !sameIdentity(o, read) || n.kind.identity != cty.NilType && read.identity.IsNull():
		return nil, w.blames(n, "Provider produced invalid identity", "the identity has changed, or is missing")
	}
	if w.store(*r, n.kind, read, r.tainted()); w.refreshOnly && !read.value.RawEquals(o.value) {
		w.plans(&change{node: n, action: drifts, before: o, after: read})
	}
	if read.value.IsNull() {
		return nil, true
	}
	return read, true
}

// asks returns what the provider plans, and the attributes that want a
// replacement.
func (w *walk) asks(n *node, prior *object, config cty.Value, warnings bool) (planned *object, replaces []string, ok bool) {
	proposed := proposedNew(n.kind, prior.value, config)
	if n.kind.builtin() {
		return &object{value: planData(prior.value, proposed)}, []string{"triggers_replace"}, true
	}
	resp, err := w.server.PlanResourceChange(w.ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: n.Type, PriorState: n.kind.encode(prior.value), ProposedNewState: n.kind.encode(proposed),
		Config: n.kind.encode(config), PriorPrivate: prior.private, PriorIdentity: n.kind.encodeIdentity(prior.identity),
	})
	heard := slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		return !warnings && d.Severity == tfprotov6.DiagnosticSeverityWarning
	})
	planned, ok = w.took(n, heard, err, resp.PlannedState, resp.PlannedPrivate, resp.PlannedIdentity)
	for _, path := range resp.RequiresReplace {
		replaces = append(replaces, attributeOf(path))
	}
	return planned, replaces, ok && w.blames(n, "Provider produced invalid plan", validPlan(n.kind, prior.value, config, planned.value)...)
}

// applies returns the new object, which may come beside an error.
func (w *walk) applies(n *node, prior, planned *object, config cty.Value) (*object, bool) {
	if n.kind.builtin() {
		return &object{value: applyData(planned.value)}, true
	}
	resp, err := w.server.ApplyResourceChange(w.ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: n.Type, PriorState: n.kind.encode(prior.value), PlannedState: n.kind.encode(planned.value),
		Config: n.kind.encode(config), PlannedPrivate: planned.private, PlannedIdentity: n.kind.encodeIdentity(planned.identity),
	})
	return w.took(n, resp.Diagnostics, err, resp.NewState, resp.Private, resp.NewIdentity)
}

// imports finds an object by its id, or by its identity if that is null.
func (w *walk) imports(n *node, id, identity cty.Value) (*object, bool) {
	req := &tfprotov6.ImportResourceStateRequest{TypeName: n.Type, Identity: n.kind.encodeIdentity(identity)}
	if !id.IsNull() {
		req.ID = id.AsString()
	}
	resp, err := w.server.ImportResourceState(w.ctx, req)
	if !w.report(n, said(resp.Diagnostics, err)) {
		return nil, false
	}
	one := resp.ImportedResources[0]
	o, ok := w.took(n, nil, nil, one.State, one.Private, one.Identity)
	if ok {
		o, ok = w.refreshed(n, o, &n.record)
	}
	if ok && o == nil {
		ok = w.report(n, wrong(nil, "Cannot import non-existent remote object", ""))
	}
	return o, ok
}

// takesOver makes an object of one of another type.
func (w *walk) takesOver(n *node, from *record) {
	resp, err := w.server.MoveResourceState(w.ctx, &tfprotov6.MoveResourceStateRequest{
		SourceTypeName: from.Type, SourceProviderAddress: from.source(), SourceSchemaVersion: from.SchemaVersion,
		SourceState: &tfprotov6.RawState{JSON: from.Attributes}, SourcePrivate: from.Private, TargetTypeName: n.Type,
	})
	if o, ok := w.took(n, resp.Diagnostics, err, resp.TargetState, resp.TargetPrivate, resp.TargetIdentity); ok {
		w.store(w.declared(n), n.kind, o, from.tainted())
	}
}

// readNow reads a data source.
func (w *walk) readNow(n *node, config cty.Value) (*object, bool) {
	resp, err := w.server.ReadDataSource(w.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: n.Type, Config: n.kind.encode(config)})
	o, ok := w.took(n, resp.Diagnostics, err, resp.State, nil, nil)
	if !ok {
		return nil, false
	}
	for name, c := range config.AsValueMap() {
		if !c.IsNull() && !c.RawEquals(o.value.GetAttr(name)) {
			return nil, w.blames(n, "Provider produced invalid object", "the configured "+name+" has changed")
		}
	}
	w.store(n.record, n.kind, o, false)
	return o, true
}
