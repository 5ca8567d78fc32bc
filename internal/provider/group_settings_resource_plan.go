package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// ModifyPlan plans what each project will have. For an update, the refreshed
// state tells all. A create is previewed, but its projects are known only after
// apply: Terraform plans again within apply, and GitLab may have others by then.
func (r *groupSettingsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	var plan, state groupSettingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		state = getScope(ctx, req.State, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case !plan.isKnown(), plan.Group.Equal(state.Group) && plan.widens(state):
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("projects"), types.MapUnknown(groupProjectType()))...)
	case !plan.Group.Equal(state.Group):
		next := forCreate
		if !req.State.Raw.IsNull() {
			next = forPlan
		}
		r.previewCreate(ctx, plan, next, &resp.Diagnostics)
	default:
		r.planUpdate(ctx, plan, req, resp)
	}
}

// planUpdate plans what the projects in the state will have.
func (r *groupSettingsResource) planUpdate(ctx context.Context, plan groupSettingsModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	before := groupProjects{}
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("projects"), &before)...)
	after := plan.applied(before)
	if len(after) == len(before) && len(after.differing(before)) == 0 && !plan.Projects.IsUnknown() {
		return
	}
	if now := readNote[lacking](ctx, req.Private, lackingKey, &resp.Diagnostics); now != nil {
		checkBackends(plan, *now, before, after, &resp.Diagnostics)
	}
	plan.setProjects(ctx, after, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// isKnown reports whether everything that decides about projects is known.
func (m groupSettingsModel) isKnown() bool {
	for _, path := range m.Exclude.Elements() {
		if path.IsUnknown() {
			return false
		}
	}
	return !m.Group.IsUnknown() && !m.IncludeSubgroups.IsUnknown() && !m.Exclude.IsUnknown() && !m.Active.IsUnknown() && !m.Integrated.IsUnknown()
}

// widens reports whether projects may come into scope that the state does not
// show.
func (m groupSettingsModel) widens(state groupSettingsModel) bool {
	if !m.IncludeSubgroups.Equal(state.IncludeSubgroups) {
		return true
	}
	scope := m.scope()
	for _, excluded := range state.scope().Exclude {
		if !scope.Excludes(excluded) {
			return true
		}
	}
	return false
}

// previewCreate reports what a create will overwrite or fail on. next is the
// call that will need the survey again.
func (r *groupSettingsResource) previewCreate(ctx context.Context, plan groupSettingsModel, next string, diags *diag.Diagnostics) {
	if !r.mayPreview(diags) {
		return
	}
	group := plan.Group.ValueString()
	found, err := r.surveys.take(ctx, forPlan, r.client, plan.scope())
	switch {
	case isCancelled(err):
		return
	case errors.Is(err, gitlab.ErrGroupNotFound):
		diags.Append(groupNotFoundYet(group, err))
		return
	case isCertain(err):
		diags.Append(r.groupFailed(group, err))
		return
	case err != nil:
		diags.Append(notPreviewed("group", cannotQuery, "projects of group "+group, err))
		return
	}
	r.surveys.keep(next, plan.scope(), found)
	if found.inaccessible != nil {
		diags.Append(inaccessibleProjects(group, found.inaccessible))
	}
	after := plan.applied(found.projects)
	if changes := after.differing(found.projects); len(changes) > 0 {
		diags.Append(projectsWillChange(group, found.projects, after, changes))
	}
	checkBackends(plan, found.lacking, found.projects, after, diags)
}

// checkBackends reports the projects for which error tracking cannot be turned
// on, because there is no backend for it.
func checkBackends(plan groupSettingsModel, now lacking, before, after groupProjects, diags *diag.Diagnostics) {
	without := func(paths []string) (affected []string) {
		for _, path := range paths {
			if p, ok := after[path]; ok && p != before[path] && p.Active && !p.Integrated {
				affected = append(affected, path)
			}
		}
		return affected
	}
	if paths := without(now.Settings); paths != nil {
		diags.Append(neverConfiguredProjects(plan.Group.ValueString(), paths))
	}
	if paths := without(now.Link); paths != nil {
		diags.Append(missingSentryLinks(plan.Group.ValueString(), paths, plan.Integrated.IsNull()))
	}
}
