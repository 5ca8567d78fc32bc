package provider

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var (
	_ resource.ResourceWithConfigure   = (*groupSettingsResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*groupSettingsResource)(nil)
	_ resource.ResourceWithImportState = (*groupSettingsResource)(nil)
)

// writesAtATime is how many projects a group resource writes at a time.
const writesAtATime = 10

// groupSettingsResource manages the Error Tracking settings of all projects of
// a group, those of tomorrow included.
type groupSettingsResource struct{ configuredResource }

func newGroupSettingsResource() resource.Resource { return &groupSettingsResource{} }

type groupSettingsModel struct {
	Group            types.String `tfsdk:"group"`
	IncludeSubgroups types.Bool   `tfsdk:"include_subgroups"`
	Exclude          types.Set    `tfsdk:"exclude"`
	writableSettings
	Projects types.Map `tfsdk:"projects"`
}

// groupProject is what a project has, or is to have.
type groupProject struct {
	ProjectID  int64 `tfsdk:"project_id"`
	Active     bool  `tfsdk:"active"`
	Integrated bool  `tfsdk:"integrated"`
}

// groupProjects are projects by their full paths.
type groupProjects map[string]groupProject

func groupProjectType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"project_id": types.Int64Type, "active": types.BoolType, "integrated": types.BoolType}}
}

func (m *groupSettingsModel) setProjects(ctx context.Context, projects groupProjects, diags *diag.Diagnostics) {
	var d diag.Diagnostics
	m.Projects, d = types.MapValueFrom(ctx, groupProjectType(), projects)
	diags.Append(d...)
}

// getScope returns what decides which projects belong to the resource. Decoding
// thousands of projects besides takes its time.
func getScope(ctx context.Context, state tfsdk.State, diags *diag.Diagnostics) (m groupSettingsModel) {
	diags.Append(state.GetAttribute(ctx, path.Root("group"), &m.Group)...)
	diags.Append(state.GetAttribute(ctx, path.Root("include_subgroups"), &m.IncludeSubgroups)...)
	diags.Append(state.GetAttribute(ctx, path.Root("exclude"), &m.Exclude)...)
	return m
}

func (m groupSettingsModel) scope() gitlab.Scope {
	scope := gitlab.Scope{Group: m.Group.ValueString(), Subgroups: m.IncludeSubgroups.ValueBool()}
	for _, path := range m.Exclude.Elements() {
		if path, ok := path.(types.String); ok {
			scope.Exclude = append(scope.Exclude, path.ValueString())
		}
	}
	slices.Sort(scope.Exclude)
	return scope
}

// applied returns what the projects in scope are to have.
func (m groupSettingsModel) applied(projects groupProjects) groupProjects {
	scope, update := m.scope(), m.settingsUpdate(m.writableSettings)
	applied := groupProjects{}
	for path, p := range projects {
		if scope.Excludes(path) {
			continue
		}
		p.Active = update.Active
		if update.Integrated != nil {
			p.Integrated = *update.Integrated
		}
		applied[path] = p
	}
	return applied
}

// differing returns the paths of the projects that differ in the other map, in
// order.
func (p groupProjects) differing(others groupProjects) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for path, project := range p {
			if project != others[path] && !yield(path) {
				return
			}
		}
	})
}

// lostBackends counts the projects that had the integrated backend before.
func (p groupProjects) lostBackends(before groupProjects) (lost int64) {
	for path, project := range p {
		if before[path].Integrated && !project.Integrated {
			lost++
		}
	}
	return lost
}

func (r *groupSettingsResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_group_settings"
}

func (r *groupSettingsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the Error Tracking settings of all projects of a GitLab group, also of those that are created later.",
		Attributes: map[string]schema.Attribute{
			"group": schema.StringAttribute{
				MarkdownDescription: "Numeric id or full path of the group, such as `42`, `group` or `group/subgroup`. Changing it replaces the resource, which changes nothing in the projects of the old group.",
				Required:            true,
				Validators:          []validator.String{groupValidator()},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"include_subgroups": schema.BoolAttribute{
				MarkdownDescription: "Whether to include the projects of subgroups. Default `true`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(true),
			},
			"exclude": schema.SetAttribute{
				MarkdownDescription: "Full paths of projects to leave out, and of subgroups, which stand for everything below them. Letter case makes no difference. They are neither read nor changed.",
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
				MarkdownDescription: "The projects, by their full paths, each with its numeric `project_id`, and with `active` and `integrated` as GitLab has them. Archived projects, those that are being deleted and those that the token cannot read are not among them.",
				Computed:            true,
				ElementType:         groupProjectType(),
			},
		},
	}
}

func (r *groupSettingsResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan groupSettingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	// The plan within this apply has surveyed the group already.
	found, err := r.surveys.take(ctx, forCreate, r.client, plan.scope())
	if err != nil {
		resp.Diagnostics.Append(r.groupFailed(plan.Group.ValueString(), err))
		return
	}
	plan.setProjects(ctx, r.writeAll(ctx, plan, found.projects, plan.applied(found.projects), &resp.Diagnostics), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return // Without a state: the next apply does the rest, and nothing is tainted.
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *groupSettingsResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, before := getScope(ctx, req.State, &resp.Diagnostics), groupProjects{}
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("projects"), &before)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	group := state.Group.ValueString()
	found, err := takeSurvey(ctx, r.client, state.scope())
	switch {
	case errors.Is(err, gitlab.ErrGroupNotFound):
		resp.State.RemoveResource(ctx)
		resp.Diagnostics.Append(groupGone(group, err))
		return
	case err != nil:
		resp.Diagnostics.Append(r.groupFailed(group, err))
		return
	case found.inaccessible != nil:
		resp.Diagnostics.Append(inaccessibleProjects(group, found.inaccessible))
	}
	r.noteLostBackends(found.projects.lostBackends(before), &resp.Diagnostics)
	writeNote(ctx, resp.Private, lackingKey, found.lacking, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("projects"), found.projects)...)
}

func (r *groupSettingsResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state groupSettingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}
	before, after := groupProjects{}, groupProjects{}
	if plan.Projects.IsUnknown() {
		found, err := takeSurvey(ctx, r.client, plan.scope())
		if err != nil {
			resp.Diagnostics.Append(r.groupFailed(plan.Group.ValueString(), err))
			return
		}
		if found.inaccessible != nil {
			resp.Diagnostics.Append(inaccessibleProjects(plan.Group.ValueString(), found.inaccessible))
		}
		before, after = found.projects, plan.applied(found.projects)
	} else {
		resp.Diagnostics.Append(state.Projects.ElementsAs(ctx, &before, false)...)
		resp.Diagnostics.Append(plan.Projects.ElementsAs(ctx, &after, false)...)
	}
	plan.setProjects(ctx, r.writeAll(ctx, plan, before, after, &resp.Diagnostics), &resp.Diagnostics)
	// What was written has settings; the next read notes what they lack.
	writeNote(ctx, resp.Private, lackingKey, lacking{}, &resp.Diagnostics)
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

// writeAll makes GitLab match after where it differs from before, and returns what
// the projects have then. One error lists what failed; the rest goes on.
func (r *groupSettingsResource) writeAll(ctx context.Context, plan groupSettingsModel, before, after groupProjects, diags *diag.Diagnostics) groupProjects {
	has := maps.Clone(after)
	failures := map[string]problem{}
	update := plan.settingsUpdate(plan.writableSettings)
	var mu sync.Mutex
	var writes sync.WaitGroup
	writing := make(chan struct{}, writesAtATime)
	for _, path := range slices.Sorted(maps.Keys(after)) {
		if after[path] == before[path] && r.turns.keep(ctx, after[path].ProjectID) {
			continue
		}
		writing <- struct{}{}
		writes.Go(func() {
			defer func() { <-writing }()
			project := managedProject{types.StringValue(path), types.Int64Value(after[path].ProjectID)}
			now, err := r.set(ctx, project, update)
			if err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			failures[path] = r.cannotSet(path, false, err)
			has[path] = before[path]
			if isNotTaken(err) {
				has[path] = groupProject{after[path].ProjectID, now.Active, now.Integrated}
			}
		})
	}
	writes.Wait()
	if len(failures) > 0 {
		diags.Append(projectsFailed(plan.Group.ValueString(), failures))
	}
	return has
}
