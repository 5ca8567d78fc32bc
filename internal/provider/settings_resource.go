package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var (
	_ resource.ResourceWithConfigure   = (*settingsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*settingsResource)(nil)
	_ resource.ResourceWithIdentity    = (*settingsResource)(nil)
	_ resource.ResourceWithImportState = (*settingsResource)(nil)
	_ resource.ResourceWithMoveState   = (*settingsResource)(nil)
)

// settingsResource manages the Error Tracking settings of one project.
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

// settingsUpdate returns what to send. The configuration decides whether
// integrated is sent at all; the values come from the plan, which follows
// ignore_changes.
func (s writableSettings) settingsUpdate(config writableSettings) gitlab.SettingsUpdate {
	update := gitlab.SettingsUpdate{Active: s.Active.ValueBool()}
	if config.managesIntegrated() {
		update.Integrated = s.Integrated.ValueBoolPointer()
	}
	return update
}

// managesIntegrated reports whether this configuration sets integrated.
func (s writableSettings) managesIntegrated() bool { return !s.Integrated.IsNull() }

// settingsIdentity identifies the settings of a project.
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
		resp.Diagnostics.Append(r.cannotSet(plan.name(), false, err))
		return
	}
	defer turn.pass()
	var before *original
	if plan.OnDestroy.ValueString() == onDestroyRestore {
		now, err := r.read(ctx, plan.reference())
		if err != nil {
			resp.Diagnostics.Append(r.failed("record the original error tracking settings of", plan.name(), err))
			return
		}
		before = newOriginal(now.Settings, config.managesIntegrated())
		writeNote(ctx, resp.Private, originalKey, before, &resp.Diagnostics)
		var done context.CancelFunc
		ctx, done = gitlab.Outlive(ctx)
		defer done()
	}
	now, err := r.write(ctx, plan.reference(), plan.settingsUpdate(config.writableSettings))
	if err != nil {
		resp.Diagnostics.Append(r.cannotSet(plan.name(), false, err))
		if before == nil || r.undo(ctx, plan.reference(), *before, err) {
			// The next apply sends the same again. A state next to an error
			// would be tainted, and destroyed first.
			return
		}
		// Here this is wanted: the next create would take for the original what
		// GitLab has by now.
		plan.hold(ctx, *before, resp.Private, &resp.Diagnostics)
	} else {
		plan.writableSettings = newWritableSettings(now.Settings)
		writeNote(ctx, resp.Private, seenKey, now.seen(), &resp.Diagnostics)
	}
	turn.fate = written
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
	var now record
	err := r.complete(ctx, &state.managedProject)
	if err == nil {
		now, err = r.read(ctx, state.reference())
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	switch {
	case errors.Is(err, gitlab.ErrProjectNotFound) && !importing:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(r.projectGone(r.summaries.of("Project … is gone", state.name(), "More projects are gone"), state.name(), err,
			"Terraform removes its error tracking settings from the state, and plans to create them again as long as they are configured."))
		return
	case err != nil:
		resp.Diagnostics.Append(r.failed("read the error tracking settings of", state.name(), err))
		return
	}
	if importing {
		writeNote(ctx, resp.Private, originalKey, newOriginal(now.Settings, false), &resp.Diagnostics)
		state.OnDestroy = types.StringValue(onDestroyKeep)
	}
	if before := readNote[original](ctx, req.Private, originalKey, &resp.Diagnostics); before == nil || !before.Held {
		note := now.seen()
		if last := readNote[seen](ctx, req.Private, seenKey, &resp.Diagnostics); last != nil {
			note.Had = !now.exists && (last.Configured || last.Had)
		}
		writeNote(ctx, resp.Private, seenKey, note, &resp.Diagnostics)
		if state.Integrated.ValueBool() && now.exists && !now.Integrated {
			r.noteLostBackends(1, &resp.Diagnostics)
		}
		state.writableSettings = newWritableSettings(now.Settings)
	}
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
	if err := r.complete(ctx, &plan.managedProject); err != nil {
		resp.Diagnostics.Append(r.failed("look up", plan.name(), err))
		return
	}
	noteManaged(ctx, config.managesIntegrated(), req.Private, resp.Private, &resp.Diagnostics)
	// on_destroy, and another name of the same project, concern only the state.
	if plan.writableSettings != state.writableSettings {
		now, err := r.set(ctx, plan.managedProject, plan.settingsUpdate(config.writableSettings))
		if err != nil {
			last := readNote[seen](ctx, req.Private, seenKey, &resp.Diagnostics)
			resp.Diagnostics.Append(r.cannotSet(plan.name(), last != nil && last.Configured, err))
			if !isNotTaken(err) {
				return
			}
			plan.writableSettings = newWritableSettings(now.Settings)
		}
		// Otherwise the state gets what was planned, as Terraform wants. An
		// unmanaged integrated may have changed since; the next refresh sees it.
		writeNote(ctx, resp.Private, seenKey, now.seen(), &resp.Diagnostics)
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
	what, update := "turn off error tracking for", &gitlab.SettingsUpdate{Active: false}
	restoring := state.OnDestroy.ValueString() == onDestroyRestore
	if restoring {
		what, update = "restore error tracking for", state.restoringUpdate(ctx, req.Private, &resp.Diagnostics)
	}
	if update == nil {
		resp.Diagnostics.Append(notRestored(state.name(), "They are not known, because on_destroy was not \"restore\" when Terraform took charge of the project."))
		return
	}
	settings, err := r.release(ctx, state.managedProject, *update)
	switch {
	case errors.Is(err, gitlab.ErrProjectNotFound), errors.Is(err, gitlab.ErrSettingsNotFound), errors.Is(err, errTakenOver):
		// There is nothing left to change.
	case restoring && errors.Is(err, gitlab.ErrRefused):
		resp.Diagnostics.Append(notRestored(state.name(), explainInFull(err)))
	case err != nil:
		resp.Diagnostics.Append(r.cannotDestroy(what, state.name(), err))
	case restoring && !update.TakenBy(settings):
		resp.Diagnostics.Append(notRestored(state.name(), "GitLab applied something else: "+describe(settings)+"."))
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
