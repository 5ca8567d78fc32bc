package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
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
	var plan groupSettingsModel
	var state groupScope
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	if !creates {
		state = getScope(ctx, req.State, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	known := plan.isKnown()
	if known && !creates && !plan.widens(state) {
		r.planUpdate(ctx, plan, state, req, resp)
		return
	}
	plan.Projects, plan.WithoutBackend = types.MapUnknown(groupProjectType()), types.SetUnknown(types.StringType)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	if known && r.client != nil {
		r.preview(ctx, plan, &resp.Diagnostics)
	}
}

// planUpdate plans what the projects in the state will have.
func (r *groupSettingsResource) planUpdate(ctx context.Context, plan groupSettingsModel, state groupScope, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	before, note := groupProjects{}, groupNote{}
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("projects"), &before)...)
	if noted := readNote[groupNote](ctx, req.Private, groupNoteKey, &resp.Diagnostics); noted != nil {
		note = *noted
	}
	after, o := plan.applied(plan.scope(), before, note)
	if unfit := plan.unfit(state, before, note); len(unfit) > 0 {
		resp.Diagnostics.Append(unfitEntries(plan.name(), unfit))
	}
	r.foreseen(plan, after, o, &resp.Diagnostics)
	if plan.Projects.IsUnknown() || len(o.differing) > 0 {
		plan.set(ctx, after, o.withoutBackend(), &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
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
	found.warn(group, diags)
	if len(found.note.Unfit) > 0 {
		diags.Append(unfitEntries(group, found.note.Unfit))
	}
	after, o := plan.applied(plan.scope(), found.projects, found.note)
	if len(o.differing) > 0 {
		diags.Append(projectsWillChange(group, len(after), o))
	}
	r.foreseen(plan, after, o, diags)
}

// foreseen reports what stands in the way of a plan: projects that cannot be
// turned on yet, and other blocks that want something else.
func (r *groupSettingsResource) foreseen(plan groupSettingsModel, after groupProjects, o outlook, diags *diag.Diagnostics) {
	without := o.withoutBackend()
	if without != nil {
		diags.Append(projectsWithoutBackend(plan.name(), without, plan.Integrated.IsNull()))
	}
	mine := wish{block: "errortracking_group_settings of group " + plan.name(), SettingsUpdate: plan.settingsUpdate(plan.writableSettings)}
	against, others := map[string][]string{}, map[string]wish{}
	for path, p := range after {
		_, mine.leaves = slices.BinarySearch(without, path)
		mine.project = gitlab.Project{ID: p.ProjectID, Path: path}
		if other, found := r.wishes.note(mine); found {
			against[other.block], others[other.block] = append(against[other.block], path), other
		}
	}
	for block, paths := range against {
		slices.Sort(paths)
		diags.Append(contradiction(mine, others[block], paths))
	}
}

// isKnown reports whether everything that decides about projects is known.
func (m groupSettingsModel) isKnown() bool {
	for _, entry := range m.Exclude.Elements() {
		if entry.IsUnknown() {
			return false
		}
	}
	return !m.Group.IsUnknown() && !m.IncludeSubgroups.IsUnknown() && !m.Exclude.IsUnknown() && !m.Active.IsUnknown() && !m.Integrated.IsUnknown()
}

// widens reports whether projects may come into scope, or leave it, that the
// state cannot tell.
func (s groupScope) widens(state groupScope) bool {
	if !s.IncludeSubgroups.Equal(state.IncludeSubgroups) {
		return true
	}
	exclude := s.scope().Exclude
	return slices.ContainsFunc(state.scope().Exclude, func(entry string) bool { return !covers(exclude, entry) })
}

// covers reports whether all that an entry excludes is excluded. Of an id or a
// pattern, only the same entry surely does.
func covers(exclude gitlab.Exclusions, entry string) bool {
	same := slices.ContainsFunc(exclude, func(other string) bool { return strings.EqualFold(other, entry) })
	return same || strings.Contains(entry, "/") && !gitlab.IsPattern(entry) && exclude.Exclude(gitlab.Project{Path: entry})
}

// mayHide reports whether what an entry fits may be excluded by another already.
func mayHide(other, entry string) bool {
	isPath := func(e string) bool { return strings.Contains(e, "/") && !gitlab.IsPattern(e) }
	return !isPath(other) || !isPath(entry) || covers(gitlab.Exclusions{other}, entry) || covers(gitlab.Exclusions{entry}, other)
}

// unfit returns the entries of exclude that fit no project: of those in the
// state, the last walk knows, of others the projects in the state. What an entry
// of before may hide cannot be told.
func (s groupScope) unfit(state groupScope, before groupProjects, note groupNote) []string {
	var projects []gitlab.Project
	for path, p := range before {
		projects = append(projects, gitlab.Project{ID: p.ProjectID, Path: path})
	}
	projects = append(projects, note.Inaccessible...)
	old := state.scope().Exclude
	added := slices.DeleteFunc(s.scope().Exclude, func(entry string) bool {
		return slices.ContainsFunc(old, func(other string) bool { return mayHide(other, entry) })
	})
	unfit := added.Unfit(projects)
	for _, entry := range note.Unfit {
		if covers(s.scope().Exclude, entry) {
			unfit = append(unfit, entry)
		}
	}
	slices.Sort(unfit)
	return slices.Compact(unfit)
}
