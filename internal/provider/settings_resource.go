package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var (
	_ resource.ResourceWithConfigure   = (*settingsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*settingsResource)(nil)
	_ resource.ResourceWithIdentity    = (*settingsResource)(nil)
	_ resource.ResourceWithImportState = (*settingsResource)(nil)
	_ resource.ResourceWithMoveState   = (*settingsResource)(nil)
)

type settingsResource struct{ configuredResource }

func newSettingsResource() resource.Resource { return &settingsResource{} }

// The values of on_destroy.
const (
	onDestroyKeep    = "keep"
	onDestroyDisable = "disable"
	onDestroyRestore = "restore"
)

type settingsModel struct {
	managedProject
	writableSettings
	OnDestroy types.String `tfsdk:"on_destroy"`
	// Original holds writableSettings: what the project had when Terraform took
	// charge, for "restore".
	Original types.Object `tfsdk:"original"`
}

// writableSettings are the settings that GitLab's API can change. Two that are
// not equal make a write.
type writableSettings struct {
	Active     types.Bool `tfsdk:"active"`
	Integrated types.Bool `tfsdk:"integrated"`
}

func newWritableSettings(settings gitlab.Settings) writableSettings {
	return writableSettings{
		Active:     types.BoolValue(settings.Active),
		Integrated: types.BoolValue(settings.Integrated),
	}
}

func (s writableSettings) settings() gitlab.Settings {
	return gitlab.Settings{Active: s.Active.ValueBool(), Integrated: s.Integrated.ValueBool()}
}

// settingsUpdate returns what to send. The configuration decides whether
// integrated is sent at all; the values come from the plan, which follows
// ignore_changes.
func (s writableSettings) settingsUpdate(config writableSettings) gitlab.SettingsUpdate {
	update := gitlab.SettingsUpdate{Active: s.Active.ValueBool()}
	if config.managesIntegrated() && !s.Integrated.IsUnknown() {
		update.Integrated = s.Integrated.ValueBoolPointer()
	}
	return update
}

// newOriginal returns what is put back. A backend that is not managed is not.
func newOriginal(settings gitlab.Settings, managesIntegrated bool) writableSettings {
	original := newWritableSettings(settings)
	if !managesIntegrated {
		original.Integrated = types.BoolNull()
	}
	return original
}

func (s writableSettings) object() types.Object {
	return types.ObjectValueMust(writableSettingsTypes(), map[string]attr.Value{"active": s.Active, "integrated": s.Integrated})
}

func writableSettingsTypes() map[string]attr.Type {
	return map[string]attr.Type{"active": types.BoolType, "integrated": types.BoolType}
}

func (s writableSettings) managesIntegrated() bool { return !s.Integrated.IsNull() }

type settingsIdentity struct {
	ProjectID types.Int64 `tfsdk:"project_id"`
}

// identity has the id 0 if the project was never found: Terraform wants an
// identity even for a resource that is gone.
func (m settingsModel) identity() settingsIdentity {
	return settingsIdentity{types.Int64Value(m.ProjectID.ValueInt64())}
}

func (r *settingsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_settings"
}

func (r *settingsResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project_id": identityschema.Int64Attribute{
			Description:       "Numeric id of the project.",
			RequiredForImport: true,
		},
	}}
}

func (r *settingsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the Error Tracking settings of a GitLab project: whether error tracking is on, and which backend it uses.",
		Attributes: withProjectAttributes(map[string]schema.Attribute{
			"active": schema.BoolAttribute{
				MarkdownDescription: "Whether error tracking is on. A project that never had settings counts as `false`.",
				Required:            true,
			},
			"integrated": schema.BoolAttribute{
				MarkdownDescription: "`true` for the backend built into GitLab; `false` for Sentry, whose link can only be entered in GitLab's web UI. If not set, the backend is not managed and the attribute follows GitLab. Needs GitLab 14.2, and for `true` the feature flag `integrated_error_tracking`.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"on_destroy": schema.StringAttribute{
				MarkdownDescription: "What destroying the resource does to the project: `keep` leaves the settings as they are, `disable` turns error tracking off, `restore` puts back the settings from when Terraform took charge. Takes effect only once applied. Default `keep`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(onDestroyKeep),
				Validators:          []validator.String{stringvalidator.OneOf(onDestroyKeep, onDestroyDisable, onDestroyRestore)},
			},
			"original": schema.ObjectAttribute{
				MarkdownDescription: "What `on_destroy = \"restore\"` puts back: `active` and `integrated` from when Terraform took charge. Recorded by an import, and by a create with `restore`; otherwise null. Its `integrated` is null as long as Terraform does not manage the backend, which is then left alone.",
				Computed:            true,
				AttributeTypes:      writableSettingsTypes(),
			},
		}),
	}
}

func (r *settingsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config settingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	turn, err := r.takeTurn(ctx, &plan.managedProject)
	if err != nil {
		resp.Diagnostics.Append(r.cannotSet(plan.name(), err))
		return
	}
	defer turn.pass()
	update := plan.settingsUpdate(config.writableSettings)
	restores := plan.OnDestroy.ValueString() == onDestroyRestore
	plan.Original = types.ObjectNull(writableSettingsTypes())
	if restores {
		before, err := r.client.GetSettings(ctx, plan.reference())
		if err != nil {
			resp.Diagnostics.Append(r.failed(ofProject, "record the original error tracking settings of", plan.name(), err))
			return
		}
		plan.Original = newOriginal(before, update.Integrated != nil).object()
		// Until it is known whether GitLab has acted: the next create would take
		// for the original what GitLab has by now.
		var done context.CancelFunc
		ctx, done = gitlab.Outlive(ctx)
		defer done()
	}
	now, err := r.write(ctx, turn, plan.reference(), update)
	if err != nil {
		resp.Diagnostics.Append(r.cannotSet(plan.name(), err))
		if !restores || !isNotTaken(err) && gitlab.OutcomeOf(err) < gitlab.Unknown {
			// The next apply sends the same again. A state next to an error
			// would be tainted, and destroyed first, which restores.
			return
		}
	}
	plan.writableSettings = newWritableSettings(now)
	writeNote(ctx, resp.Private, noted(now), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *settingsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state settingsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	importing := state.Active.IsNull()
	var now gitlab.Settings
	err := r.complete(ctx, state.managed())
	if err == nil {
		now, err = r.client.GetSettings(ctx, state.reference())
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	switch {
	case errors.Is(err, gitlab.ErrProjectNotFound) && !importing:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(r.reportGone(ofProject, r.summaries.of("Project … is gone", state.name(), "More projects are gone"), state.name(), err,
			"Terraform removes its error tracking settings from the state, and plans to create them again as long as they are configured."))
		return
	case err != nil:
		resp.Diagnostics.Append(r.cannotRead(ofProject, state.name(), err))
		return
	}
	if importing {
		state.OnDestroy, state.Original = types.StringValue(onDestroyKeep), newOriginal(now, false).object()
	}
	writeNote(ctx, resp.Private, noted(now), &resp.Diagnostics)
	state.writableSettings = newWritableSettings(now)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *settingsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, config, state settingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	if err := r.complete(ctx, plan.managed()); err != nil {
		resp.Diagnostics.Append(r.failed(ofProject, "look up", plan.name(), err))
		return
	}
	// on_destroy, and another name of the same project, concern only the state.
	if plan.writableSettings != state.writableSettings {
		now, err := r.set(ctx, plan.managedProject, plan.settingsUpdate(config.writableSettings))
		if err != nil {
			resp.Diagnostics.Append(r.cannotSet(plan.name(), err))
			if !isNotTaken(err) {
				// GitLab may have acted all the same: the next plan must not take
				// for the original what it has by now.
				state.Original = plan.Original
				resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
				return
			}
			plan.writableSettings = newWritableSettings(now)
		}
		// Otherwise the state gets what was planned, as Terraform wants. An
		// unmanaged integrated may have changed since; the next refresh sees it.
		writeNote(ctx, resp.Private, noted(now), &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *settingsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state settingsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.OnDestroy.ValueString() == onDestroyKeep || !r.ready(&resp.Diagnostics) {
		return
	}
	what, update := "turn off error tracking for", gitlab.SettingsUpdate{Active: false}
	restores := state.OnDestroy.ValueString() == onDestroyRestore
	if restores {
		if state.Original.IsNull() {
			resp.Diagnostics.Append(notRestored(state.name(), "They are not known, because on_destroy was not \"restore\" when Terraform took charge of the project."))
			return
		}
		var original writableSettings
		resp.Diagnostics.Append(state.Original.As(ctx, &original, basetypes.ObjectAsOptions{})...)
		what, update = "restore error tracking for", original.settingsUpdate(original)
	}
	now, err := r.release(ctx, state.managedProject, update)
	switch {
	case errors.Is(err, gitlab.ErrProjectNotFound), errors.Is(err, gitlab.ErrSettingsNotFound):
		// There is nothing left to change.
	case restores && errors.Is(err, gitlab.ErrRefused):
		resp.Diagnostics.Append(notRestored(state.name(), explainInFull(err)))
	case err != nil:
		resp.Diagnostics.Append(r.cannotDestroy(what, state.name(), err))
	case restores && !update.TakenBy(now):
		resp.Diagnostics.Append(notRestored(state.name(), "GitLab applied something else: "+describe(now)+"."))
	}
}

func (r *settingsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var project managedProject
	if req.ID == "" && !req.Identity.Raw.IsNull() {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("project_id"), &project.ProjectID)...)
	} else {
		project.Project = types.StringValue(req.ID)
	}
	// Schema validators run neither on import ids nor on identities.
	if err := checkProject(project.name()); err != nil {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf(
			"The import id must be %s; got %q: %s.", projectForm, project.name(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), project.Project)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project_id"), project.ProjectID)...)
}
