package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var (
	_ resource.ResourceWithConfigure   = (*groupSettingsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*groupSettingsResource)(nil)
	_ resource.ResourceWithImportState = (*groupSettingsResource)(nil)
)

// groupSettingsResource manages the Error Tracking settings of all projects of
// a group, those of tomorrow included.
type groupSettingsResource struct{ configuredResource }

func newGroupSettingsResource() resource.Resource { return &groupSettingsResource{} }

type groupSettingsModel struct {
	groupScope
	writableSettings
	// Projects holds groupProjects, by their full paths.
	Projects types.Map `tfsdk:"projects"`
	// WithoutBackend are the paths of those that cannot be turned on yet.
	WithoutBackend types.Set `tfsdk:"without_backend"`
}

type groupScope struct {
	managedGroup
	IncludeSubgroups types.Bool `tfsdk:"include_subgroups"`
	Exclude          types.Set  `tfsdk:"exclude"`
}

// groupProject is what a project has, or is to have.
type groupProject struct {
	ProjectID int64 `tfsdk:"project_id"`
	writableSettings
}

type groupProjects map[string]groupProject

func groupProjectType() types.ObjectType {
	attributes := writableSettingsTypes()
	attributes["project_id"] = types.Int64Type
	return types.ObjectType{AttrTypes: attributes}
}

func (m *groupSettingsModel) set(ctx context.Context, projects groupProjects, withoutBackend []string, diags *diag.Diagnostics) {
	var d diag.Diagnostics
	m.Projects, d = types.MapValueFrom(ctx, groupProjectType(), projects)
	diags.Append(d...)
	if withoutBackend == nil {
		withoutBackend = []string{} // an empty set, not null
	}
	m.WithoutBackend, d = types.SetValueFrom(ctx, types.StringType, withoutBackend)
	diags.Append(d...)
}

func (s groupScope) scope() gitlab.Scope {
	scope := gitlab.Scope{Group: s.reference(), Subgroups: s.IncludeSubgroups.ValueBool()}
	for _, entry := range s.Exclude.Elements() {
		if entry, ok := entry.(types.String); ok && !entry.IsNull() {
			scope.Exclude = append(scope.Exclude, entry.ValueString())
		}
	}
	return scope
}

func (s groupScope) name() string { return s.Group.ValueString() }

func (r *groupSettingsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_group_settings"
}

func (r *groupSettingsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the Error Tracking settings of all projects of a GitLab group, also of those that are created later.",
		Attributes: withGroupAttributes(map[string]schema.Attribute{
			"include_subgroups": schema.BoolAttribute{
				MarkdownDescription: "Whether to include the projects of subgroups. Default `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"exclude": schema.SetAttribute{
				MarkdownDescription: "Projects to leave out: full paths of projects, full paths of subgroups, which stand for everything below them, numeric ids of projects, and patterns of paths, in which `*` and `?` stand for characters other than a slash and `**` for any number of groups, such as `acme/*/sandbox` or `acme/**/test-?`. Letter case makes no difference. They are neither read nor changed.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(excludeValidator())},
			},
			"active": schema.BoolAttribute{
				MarkdownDescription: "Whether error tracking is on. A project that never had settings counts as `false`.",
				Required:            true,
			},
			"integrated": schema.BoolAttribute{
				MarkdownDescription: "`true` for the backend built into GitLab; `false` for Sentry, whose link can only be entered in GitLab's web UI. If not set, each project's backend is left alone. Needs GitLab 14.2, and for `true` the feature flag `integrated_error_tracking`.",
				Optional:            true,
			},
			// The framework copies a map of nested attributes once for each element.
			"projects": schema.MapAttribute{
				MarkdownDescription: "The projects, by their full paths, each with its numeric `project_id`, and with `active` and `integrated` as GitLab has them. What is archived or being deleted, and what the token cannot read, is not among them.",
				Computed:            true,
				ElementType:         groupProjectType(),
			},
			"without_backend": schema.SetAttribute{
				MarkdownDescription: "Full paths of the projects that cannot be turned on yet, because they never had settings or have no Sentry link. They stay as they are, and join by themselves once they have a backend. Empty unless `active` is `true` without `integrated = true`.",
				Computed:            true,
				ElementType:         types.StringType,
			},
		}),
	}
}

func (r *groupSettingsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan groupSettingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	note := r.writeSurveyed(ctx, &plan, nil, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return // Without a state: the next apply does the rest, and nothing is tainted.
	}
	writeNote(ctx, resp.Private, note, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *groupSettingsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state groupSettingsModel
	before := groupProjects{}
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(state.Projects.ElementsAs(ctx, &before, false)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	found, err := r.survey(ctx, &state.groupScope)
	switch {
	case errors.Is(err, gitlab.ErrGroupNotFound):
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(r.reportGone(ofGroup, "Group "+state.name()+" is gone", state.name(), err,
			"Terraform removes the resource from the state, and plans to create it again as long as it is configured. No project is changed by that."))
		return
	case err != nil:
		resp.Diagnostics.Append(r.cannotRead(ofGroup, state.name(), err))
		return
	}
	warnOfInaccessible(state.name(), found.note.Inaccessible, &resp.Diagnostics)
	if left := found.missing(before); left != nil {
		resp.Diagnostics.Append(projectsLeft(state.name(), left))
	}
	_, o := state.applied(state.scope(), found.projects, found.note)
	writeNote(ctx, resp.Private, found.note, &resp.Diagnostics)
	state.set(ctx, found.projects, o.withoutBackend(), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

func (r *groupSettingsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan groupSettingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	before := groupProjects{}
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("projects"), &before)...)
	if plan.Projects.IsUnknown() {
		// What did not come about is planned again by the next refresh.
		note := r.writeSurveyed(ctx, &plan, before, &resp.Diagnostics)
		if plan.Projects.IsUnknown() {
			return
		}
		writeNote(ctx, resp.Private, note, &resp.Diagnostics)
	} else {
		after := groupProjects{}
		resp.Diagnostics.Append(plan.Projects.ElementsAs(ctx, &after, false)...)
		r.writePlanned(ctx, &plan, before, after, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete leaves the projects as they are.
func (r *groupSettingsResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState says why there is no import.
func (r *groupSettingsResource) ImportState(_ context.Context, _ resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("Groups need no import",
		"Creating the resource changes only the projects that differ from the configuration, and the plan says how many. To leave some as they are, add them to exclude.")
}
