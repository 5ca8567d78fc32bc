package provider

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var (
	_ resource.ResourceWithConfigure   = (*clientKeyResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*clientKeyResource)(nil)
	_ resource.ResourceWithIdentity    = (*clientKeyResource)(nil)
	_ resource.ResourceWithImportState = (*clientKeyResource)(nil)
	_ resource.ResourceWithMoveState   = (*clientKeyResource)(nil)
)

type clientKeyResource struct{ configuredResource }

func newClientKeyResource() resource.Resource { return &clientKeyResource{} }

type clientKeyModel struct {
	managedProject
	clientKeyAttributes
}

// clientKeyAttributes are a key's attributes, also for data sources.
type clientKeyAttributes struct {
	KeyID     types.Int64  `tfsdk:"key_id"`
	Active    types.Bool   `tfsdk:"active"`
	PublicKey types.String `tfsdk:"public_key"`
	SentryDSN types.String `tfsdk:"sentry_dsn"`
}

func newClientKeyAttributes(key gitlab.ClientKey) clientKeyAttributes {
	return clientKeyAttributes{
		KeyID:     types.Int64Value(key.ID),
		Active:    types.BoolValue(key.Active),
		PublicKey: types.StringValue(key.PublicKey),
		SentryDSN: types.StringValue(key.SentryDSN),
	}
}

type clientKeyIdentity struct {
	ProjectID types.Int64 `tfsdk:"project_id"`
	KeyID     types.Int64 `tfsdk:"key_id"`
}

func (m clientKeyModel) identity() clientKeyIdentity {
	return clientKeyIdentity{types.Int64Value(m.ProjectID.ValueInt64()), m.KeyID}
}

func (r *clientKeyResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_client_key"
}

func (r *clientKeyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project_id": identityschema.Int64Attribute{
			Description:       "Numeric id of the project.",
			RequiredForImport: true,
		},
		"key_id": identityschema.Int64Attribute{
			Description:       "Id of the key.",
			RequiredForImport: true,
		},
	}}
}

func (r *clientKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a client key (DSN) of a GitLab project, and its rotation. Programs use it to report errors to the Error Tracking backend built into GitLab.",
		Attributes: withProjectAttributes(map[string]schema.Attribute{
			"key_id": schema.Int64Attribute{
				MarkdownDescription: "Id of the key.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"active": schema.BoolAttribute{
				MarkdownDescription: "Whether GitLab accepts the key. GitLab's API cannot change it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"public_key": schema.StringAttribute{
				MarkdownDescription: "The key itself, such as `glet_0123…`.",
				Computed:            true,
				Sensitive:           true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"sentry_dsn": schema.StringAttribute{
				MarkdownDescription: "The URL, with the key inside, to give to a Sentry SDK as its DSN.",
				Computed:            true,
				Sensitive:           true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		}),
	}
}

// ModifyPlan decides whether another value of project means another project.
func (r *clientKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !req.Plan.Raw.IsNull() {
		r.planSubject(ctx, ofProject, req, resp)
	}
}

func (r *clientKeyResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan clientKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	// One at a time, and not while settings are written: turning on the integrated
	// backend may make a key, too.
	var key gitlab.ClientKey
	turn, err := r.takeTurn(ctx, &plan.managedProject)
	if err == nil {
		defer turn.pass()
		key, err = r.client.MakeClientKey(ctx, plan.reference())
	}
	if err != nil {
		resp.Diagnostics.Append(r.failed(ofProject, "create a client key in", plan.name(), err))
		return
	}
	plan.clientKeyAttributes = newClientKeyAttributes(key)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *clientKeyResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state clientKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	importing := state.PublicKey.IsNull()
	var key gitlab.ClientKey
	err := r.complete(ctx, state.managed())
	if err == nil {
		key, err = r.client.GetClientKey(ctx, state.reference(), state.KeyID.ValueInt64())
	}
	// Terraform requires an identity even for a resource that is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	switch {
	case errors.Is(err, gitlab.ErrClientKeyNotFound) && importing:
		resp.Diagnostics.AddAttributeError(path.Root("key_id"), fmt.Sprintf("Project %s has no client key %d", state.name(), state.KeyID.ValueInt64()),
			"It cannot be imported. The data source errortracking_client_keys lists the keys that exist.")
	case errors.Is(err, gitlab.ErrClientKeyNotFound):
		resp.State.RemoveResource(ctx)
	case errors.Is(err, gitlab.ErrProjectNotFound) && !importing:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(r.reportGone(ofProject, r.summaries.of("Project … is gone with its client keys", state.name(), "More projects are gone with their client keys"), state.name(), err,
			"Terraform removes its client key from the state, and plans to create a new key as long as it is configured: programs that use the old key will need the new one. If the project still exists, do not apply this plan."))
	case err != nil:
		resp.Diagnostics.Append(r.failed(ofProject, "read the client keys of", state.name(), err))
	default:
		state.clientKeyAttributes = newClientKeyAttributes(key)
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update handles another name of the same project, which concerns only the
// state.
func (r *clientKeyResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan clientKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	if err := r.complete(ctx, plan.managed()); err != nil {
		resp.Diagnostics.Append(r.failed(ofProject, "look up", plan.name(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *clientKeyResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state clientKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	err := r.complete(ctx, state.managed())
	if err == nil {
		err = r.client.DeleteClientKey(ctx, state.reference(), state.KeyID.ValueInt64())
	}
	if err != nil && !errors.Is(err, gitlab.ErrClientKeyNotFound) && !errors.Is(err, gitlab.ErrProjectNotFound) {
		resp.Diagnostics.AddError("Cannot delete the client key of "+called(state.name()),
			r.explain(err)+"\n\nTo stop managing the key without deleting it, run terraform state rm.")
	}
}

func (r *clientKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var model clientKeyModel
	var err error
	given := req.ID
	if given == "" && !req.Identity.Raw.IsNull() {
		var identity clientKeyIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		if resp.Diagnostics.HasError() {
			return
		}
		model.ProjectID, model.KeyID = identity.ProjectID, identity.KeyID
		given = model.reference() + ":" + strconv.FormatInt(model.KeyID.ValueInt64(), 10)
		// Schema validators do not run on identities.
		_, _, err = parseClientKeyID(given)
	} else {
		model.Project, model.KeyID, err = parseClientKeyID(given)
	}
	if err != nil {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf(
			"The import id must be the project and the id of the key, such as \"42:3\" or \"group/project:3\"; got %q: %s.", given, err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), model.Project)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project_id"), model.ProjectID)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("key_id"), model.KeyID)...)
}

// parseClientKeyID reads "<project>:<key_id>".
func parseClientKeyID(id string) (project types.String, keyID types.Int64, err error) {
	colon := strings.LastIndex(id, ":")
	if colon < 0 {
		return project, keyID, errors.New("it has no colon")
	}
	if err := checkProject(id[:colon]); err != nil {
		return project, keyID, fmt.Errorf("the part before the colon must be %s: %w", projectForm, err)
	}
	key, err := strconv.ParseInt(id[colon+1:], 10, 64)
	if err != nil || key <= 0 {
		return project, keyID, errors.New("the part after the colon must be the id of a key, a whole number greater than zero")
	}
	return types.StringValue(id[:colon]), types.Int64Value(key), nil
}

func keyInDoubt(e *gitlab.InDoubtError) string {
	why := "no new key had appeared when Terraform stopped looking."
	if e.Look != nil {
		why = "the project's keys could not be listed afterwards: " + explainInFull(e.Look)
	}
	return "GitLab may still have created a key, which would not be in any state; " + why + "\n\n" +
		"Before the next apply, list the project's keys, for example with the data source errortracking_client_keys. " +
		"Take over a key that nothing uses with terraform import ADDRESS PROJECT:KEY_ID."
}
