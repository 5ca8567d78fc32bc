package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// ModifyPlan plans what each project will have. For an update, the refreshed
// state tells all. Where projects come in that the state does not know, a walk
// previews, but the projects are known only after apply: Terraform plans again
// within apply, and GitLab may have others by then.
func (r *groupSettingsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	creates := r.planSubject(ctx, ofGroup, req, resp)
	var plan, state groupSettingsModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	var note *groupNote
	if !creates {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		note = readNote[groupNote](ctx, req.Private, noteKey, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	known := req.Config.Raw.IsFullyKnown()
	if known && note != nil && !plan.widens(state.groupScope, *note) {
		r.planUpdate(ctx, plan, state, *note, resp)
		return
	}
	plan.Projects, plan.WithoutBackend = types.MapUnknown(groupProjectType()), types.SetUnknown(types.StringType)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if known && r.client != nil {
		r.preview(ctx, plan, &resp.Diagnostics)
	}
}

// planUpdate plans what the projects in the state will have.
func (r *groupSettingsResource) planUpdate(ctx context.Context, plan, state groupSettingsModel, note groupNote, resp *resource.ModifyPlanResponse) {
	before := groupProjects{}
	resp.Diagnostics.Append(state.Projects.ElementsAs(ctx, &before, false)...)
	after, o := plan.applied(plan.scope(), before, note)
	r.foreseen(plan, before, after, note, o, &resp.Diagnostics)
	if plan.Projects.IsUnknown() || len(o.differing) > 0 {
		plan.set(ctx, after, o.withoutBackend(), &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
	// For a plan that does not refresh first.
	for path, p := range before {
		if _, stays := after[path]; !stays {
			note.Excluded = append(note.Excluded, gitlab.Project{ID: p.ProjectID, Path: path})
		}
	}
	writeNote(ctx, resp.Private, note, &resp.Diagnostics)
}

// preview reports what a create, or an update whose scope grows, will do.
func (r *groupSettingsResource) preview(ctx context.Context, plan groupSettingsModel, diags *diag.Diagnostics) {
	group, key := plan.name(), plan.key()
	found, err := r.survey(ctx, &plan.groupScope)
	if err != nil {
		r.previewFailed(ofGroup, group, err, diags)
		return
	}
	r.surveys.Store(key, found)
	warnOfInaccessible(group, found.note.Inaccessible, diags)
	after, o := plan.applied(plan.scope(), found.projects, found.note)
	if len(o.differing) > 0 {
		diags.Append(projectsWillChange(group, len(after), o))
	}
	r.foreseen(plan, found.projects, after, found.note, o, diags)
}

// foreseen reports what a plan may not have meant: entries of exclude that fit
// nothing, projects that cannot be turned on yet, and other blocks that want
// something else.
func (r *groupSettingsResource) foreseen(plan groupSettingsModel, before, after groupProjects, note groupNote, o outlook, diags *diag.Diagnostics) {
	listed := slices.Concat(note.Inaccessible, note.Excluded)
	for path, p := range before {
		listed = append(listed, gitlab.Project{ID: p.ProjectID, Path: path})
	}
	if unfit := plan.scope().Exclude.Unfit(listed); len(unfit) > 0 {
		diags.Append(unfitEntries(plan.name(), unfit))
	}
	without := o.withoutBackend()
	if without != nil {
		diags.Append(projectsWithoutBackend(plan.name(), without, plan.Integrated.IsNull()))
	}
	mine := wish{block: "errortracking_group_settings of group " + plan.name(), SettingsUpdate: plan.settingsUpdate(plan.writableSettings)}
	against := map[string][]string{}
	for path, p := range after {
		_, mine.leaves = slices.BinarySearch(without, path)
		mine.project = gitlab.Project{ID: p.ProjectID, Path: path}
		if other, found := r.wishes.note(mine); found {
			against[other.String()] = append(against[other.String()], path)
		}
	}
	for other, paths := range against {
		slices.Sort(paths)
		diags.Append(contradiction(mine.String(), other, paths))
	}
}

// widens reports whether projects come into scope, or leave it, that the state
// does not show.
func (s groupScope) widens(state groupScope, note groupNote) bool {
	exclude := s.scope().Exclude
	return !s.IncludeSubgroups.Equal(state.IncludeSubgroups) ||
		slices.ContainsFunc(note.Excluded, func(p gitlab.Project) bool { return !exclude.Exclude(p) })
}
