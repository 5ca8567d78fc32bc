package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

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
	onDestroyDisable = "disable"
	onDestroyKeep    = "keep"
	onDestroyRestore = "restore"
)

type settingsModel struct {
	Project    types.String `tfsdk:"project"`
	Active     types.Bool   `tfsdk:"active"`
	Integrated types.Bool   `tfsdk:"integrated"`
	OnDestroy  types.String `tfsdk:"on_destroy"`
}

// settingsIdentity identifies the settings of a project.
type settingsIdentity struct {
	Project types.String `tfsdk:"project"`
}

// observe takes over what GitLab has.
func (m *settingsModel) observe(settings gitlab.Settings) {
	m.Active = types.BoolValue(settings.Active)
	m.Integrated = types.BoolValue(settings.Integrated)
}

// update returns what to send. The configuration decides whether integrated is
// sent at all; the values come from the plan, which follows ignore_changes.
func (m settingsModel) update(config settingsModel) gitlab.SettingsUpdate {
	update := gitlab.SettingsUpdate{Active: m.Active.ValueBool()}
	if config.managesIntegrated() {
		update.Integrated = m.Integrated.ValueBoolPointer()
	}
	return update
}

// managesIntegrated reports whether this configuration sets integrated.
func (m settingsModel) managesIntegrated() bool { return !m.Integrated.IsNull() }

func (r *settingsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_settings"
	// The configuration may switch to the new path or to the id of a project.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *settingsResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"project": identityschema.StringAttribute{
			Description:       "Numeric id or full path of the project.",
			RequiredForImport: true,
		},
	}}
}

func (r *settingsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the Error Tracking settings of a GitLab project: whether error tracking is on, and which backend it uses.",
		Attributes: map[string]schema.Attribute{
			"project": schema.StringAttribute{
				MarkdownDescription: "Numeric id or full path of the project, such as `42` or `group/project`. Changing it to another project replaces the resource; changing it to the new path or to the id of the same project does not. A value known only after apply counts as another project.",
				Required:            true,
				Validators:          []validator.String{projectValidator()},
			},
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
				MarkdownDescription: "What destroying the resource does to the project: `disable` turns error tracking off, `keep` leaves the settings as they are, `restore` puts back the settings from when Terraform took over. Takes effect only once applied. Default `disable`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(onDestroyDisable),
				Validators:          []validator.String{stringvalidator.OneOf(onDestroyDisable, onDestroyKeep, onDestroyRestore)},
			},
		},
	}
}

func (r *settingsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config settingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	project := plan.Project.ValueString()
	turn, d := r.claim(ctx, project)
	if d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	defer turn.pass()
	// If Create fails, it sets no state, and the next apply sends the same
	// again. A state next to an error would be tainted, and destroyed first.
	var before *original
	if plan.OnDestroy.ValueString() == onDestroyRestore {
		settings, err := r.client.GetSettings(ctx, project)
		if err != nil && !errors.Is(err, gitlab.ErrSettingsNotFound) {
			resp.Diagnostics.Append(failed("record the original error tracking settings of", project, err))
			return
		}
		before = &original{settings.Active, settings.Integrated, config.managesIntegrated()}
		resp.Diagnostics.Append(before.save(ctx, resp.Private)...)
	}
	settings, diags := r.write(ctx, plan, config)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() && settings != nil && before != nil {
		// The next apply must not record what GitLab took instead.
		if _, err := r.patch(ctx, project, before.update(), false, &resp.Diagnostics); err != nil {
			resp.Diagnostics.Append(failed("put back the error tracking settings of", project, err))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	turn.written = true
	plan.observe(*settings)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{plan.Project})...)
}

func (r *settingsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state settingsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	// Terraform requires an identity even for a resource that is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{state.Project})...)
	project := state.Project.ValueString()
	importing := state.Active.IsNull()

	settings, err := r.client.GetSettings(ctx, project)
	switch {
	case errors.Is(err, gitlab.ErrSettingsNotFound):
		// Never configured counts as inactive.
	case errors.Is(err, gitlab.ErrProjectNotFound) && !importing:
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(r.projectGone(project, err,
			"Terraform removes its error tracking settings from the state, and plans to create them again as long as they are configured."))
		return
	case err != nil:
		resp.Diagnostics.Append(failed("read the error tracking settings of", project, err))
		return
	}
	if importing {
		resp.Diagnostics.Append(original{Active: settings.Active, Integrated: settings.Integrated}.save(ctx, resp.Private)...)
		state.OnDestroy = types.StringValue(onDestroyDisable)
	}
	state.observe(settings)
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
	if config.managesIntegrated() {
		resp.Diagnostics.Append(noteManaged(ctx, req.Private, resp.Private)...)
	}
	if plan.Active.Equal(state.Active) && plan.Integrated.Equal(state.Integrated) {
		// on_destroy, and another name of the same project, concern only the
		// state.
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{plan.Project})...)
		return
	}
	project := plan.Project.ValueString()
	turn, d := r.claim(ctx, project)
	if d != nil {
		resp.Diagnostics.Append(d)
		return
	}
	defer turn.pass()
	settings, diags := r.write(ctx, plan, config)
	resp.Diagnostics.Append(diags...)
	if settings == nil {
		return
	}
	turn.written = true
	// An unmanaged integrated may have changed since the plan. Terraform wants
	// what was planned; the next refresh sees the rest.
	if diags.HasError() {
		plan.observe(*settings)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{plan.Project})...)
}

func (r *settingsResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state settingsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.OnDestroy.ValueString() == onDestroyKeep || !r.ready(&resp.Diagnostics) {
		return
	}
	project := state.Project.ValueString()
	turn, err := r.turns.take(ctx, project)
	if err != nil {
		resp.Diagnostics.Append(failed("turn off error tracking for", project, err))
		return
	}
	defer turn.pass()
	if turn.written {
		tflog.Debug(ctx, "left alone: another resource has taken over the project in this run", map[string]any{"project": project})
		return
	}
	if state.OnDestroy.ValueString() == onDestroyRestore && r.restore(ctx, project, req.Private, &resp.Diagnostics) {
		return
	}
	_, err = r.patch(ctx, project, gitlab.SettingsUpdate{Active: false}, false, &resp.Diagnostics)
	if err != nil && !isNothingToDestroy(err) {
		resp.Diagnostics.Append(cannotDestroy(project, err))
	}
}

func (r *settingsResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	project := types.StringValue(req.ID)
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("project"), &project)...)
	}
	// Schema validators run neither on import ids nor on identities.
	if err := checkProject(project.ValueString()); err != nil {
		resp.Diagnostics.AddError("Invalid import id", fmt.Sprintf(
			"The import id must be %s; got %q: %s.", projectForm, project.ValueString(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("project"), project)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, settingsIdentity{project})...)
}

// claim takes the project's turn for a resource that writes it. It fails if
// another resource has written the project in this run.
func (r *settingsResource) claim(ctx context.Context, project string) (*projectTurn, diag.Diagnostic) {
	turn, err := r.turns.take(ctx, project)
	switch {
	case err != nil:
		return nil, failed("set error tracking for", project, err)
	case turn.written:
		turn.pass()
		return nil, managedTwice(project)
	}
	return turn, nil
}

// write makes GitLab match the plan and returns its settings. They are nil if
// the write failed; next to an error they are what GitLab took instead.
func (r *settingsResource) write(ctx context.Context, plan, config settingsModel) (*gitlab.Settings, diag.Diagnostics) {
	var diags diag.Diagnostics
	project := plan.Project.ValueString()
	update := plan.update(config)
	settings, err := r.patch(ctx, project, update, true, &diags)
	switch {
	case errors.Is(err, gitlab.ErrSettingsNotFound) && !update.Active:
		return &gitlab.Settings{}, diags
	case errors.Is(err, gitlab.ErrSettingsNotFound):
		diags.Append(neverConfigured(project))
		return nil, diags
	case errors.Is(err, gitlab.ErrUnavailable) && isPut(err):
		diags.Append(cannotCreateRecord(project, err))
		return nil, diags
	case errors.Is(err, errWrittenAnew):
		diags.Append(managedTwice(project))
		return nil, diags
	case err != nil:
		diags.Append(failed("set error tracking for", project, err))
		return nil, diags
	}
	diags.Append(notTaken(project, update, settings))
	return &settings, diags
}

// patch updates a project's settings, at its new path if it has moved. If it
// claims the project, it also creates the record that integrated = true needs,
// and a Delete in this run leaves the new path alone as well.
func (r *settingsResource) patch(ctx context.Context, project string, update gitlab.SettingsUpdate, claims bool, diags *diag.Diagnostics) (settings gitlab.Settings, err error) {
	err = r.following(ctx, project, diags, func(reference, newPath string) (err error) {
		// The caller holds project's turn; the project may be back there.
		if newPath != "" && !strings.EqualFold(newPath, project) {
			turn, cancelled := r.turns.take(ctx, newPath)
			if cancelled != nil {
				return cancelled
			}
			defer turn.pass()
			if turn.written {
				return errWrittenAnew
			}
			defer func() { turn.written = claims && err == nil }()
		}
		settings, err = r.client.UpdateSettings(ctx, reference, update)
		if errors.Is(err, gitlab.ErrSettingsNotFound) && claims && update.Integrated != nil && *update.Integrated {
			settings, err = r.client.CreateSettings(ctx, reference, update.Active, true)
		}
		return err
	})
	return settings, err
}
