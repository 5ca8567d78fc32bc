package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// ModifyPlan looks at GitLab before it is overwritten. It warns and refuses,
// but copies nothing from GitLab: Terraform plans again within apply, and both
// plans must be the same whatever GitLab has by then.
func (r *settingsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return // destroy
	}
	creates := r.planSubject(ctx, ofProject, req, resp)
	var plan, config, state settingsModel
	resp.Diagnostics.Append(resp.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !creates {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Original = plan.plannedOriginal(ctx, config, state, creates, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("original"), plan.Original)...)
	if plan.Active.IsUnknown() {
		return
	}
	update := plan.settingsUpdate(config.writableSettings)
	r.checkWishes(ctx, plan, update, &resp.Diagnostics)
	if creates {
		r.preview(ctx, plan, config, update, &resp.Diagnostics)
		return
	}
	if noted := readNote[gitlab.Settings](ctx, req.Private, noteKey, &resp.Diagnostics); noted != nil {
		r.foresee(plan, config, update, *noted, &resp.Diagnostics)
	}
	if plan.OnDestroy.ValueString() == onDestroyRestore && plan.Original.IsNull() && !plan.OnDestroy.Equal(state.OnDestroy) {
		resp.Diagnostics.Append(r.willNotRestore(plan.name()))
	}
}

// plannedOriginal plans the attribute. Its integrated is null until Terraform
// manages the backend: what it never managed, it must not put back.
func (m settingsModel) plannedOriginal(ctx context.Context, config, state settingsModel, creates bool, diags *diag.Diagnostics) types.Object {
	switch {
	case creates && (m.OnDestroy.IsUnknown() || m.OnDestroy.ValueString() == onDestroyRestore):
		return types.ObjectUnknown(writableSettingsTypes())
	case creates || state.Original.IsNull():
		return types.ObjectNull(writableSettingsTypes())
	}
	var original writableSettings
	diags.Append(state.Original.As(ctx, &original, basetypes.ObjectAsOptions{})...)
	begins := original.Integrated.IsNull() && config.managesIntegrated()
	if begins && (m.OnDestroy.IsUnknown() || config.Integrated.IsUnknown()) {
		return types.ObjectUnknown(writableSettingsTypes())
	}
	if begins && (m.OnDestroy.ValueString() == onDestroyRestore || !m.Integrated.Equal(state.Integrated)) {
		original.Integrated = state.Integrated
	}
	return original.object()
}

func (r *settingsResource) checkWishes(ctx context.Context, plan settingsModel, update gitlab.SettingsUpdate, diags *diag.Diagnostics) {
	mine := wish{
		block: "errortracking_settings for " + called(plan.name()), SettingsUpdate: update, single: true,
		project: gitlab.Project{ID: plan.ProjectID.ValueInt64()},
	}
	if strings.Contains(plan.name(), "/") {
		mine.project.Path = plan.name()
	}
	other, found := r.wishes.note(mine)
	if found && other.project.ID != mine.project.ID && r.client != nil {
		// Of one only the path is known, which may lead to another project by now.
		p, err := r.lookUp(ctx, ofProject, mine.project.Path)
		found = err == nil && p.ID == max(other.project.ID, mine.project.ID)
	}
	if found {
		diags.Append(contradiction(mine.String(), other.String(), []string{called(plan.name())}))
	}
}

// preview reports what a create will overwrite or fail on.
func (r *settingsResource) preview(ctx context.Context, plan, config settingsModel, update gitlab.SettingsUpdate, diags *diag.Diagnostics) {
	if r.client == nil || plan.Project.IsUnknown() {
		return
	}
	now, err := r.client.GetSettings(ctx, plan.name())
	if err != nil {
		r.previewFailed(ofProject, plan.name(), err, diags)
		return
	}
	o := r.foresee(plan, config, update, now, diags)
	if change := o.overwrites(update); change != "" {
		diags.AddAttributeWarning(path.Root("project"),
			r.summaries.of("Error tracking for … was in use before", called(plan.name()), "Error tracking for more projects was in use before"),
			fmt.Sprintf("When Terraform checked, error tracking for %s was %s; this configuration %s. "+
				"To manage the project as it is, import it: terraform import ADDRESS %s.",
				called(plan.name()), describe(now), change, plan.name()))
	}
}

// foresee tells what the update will do, and reports that error tracking cannot
// be turned on because there is no backend for it.
func (r *settingsResource) foresee(plan, config settingsModel, update gitlab.SettingsUpdate, now gitlab.Settings, diags *diag.Diagnostics) outlook {
	o := foresee(update, maps.All(map[string]gitlab.Settings{plan.name(): now}))
	switch {
	case config.Integrated.IsUnknown(): // It may turn out to be any.
	case o.unconfigured != nil:
		diags.Append(noRecord(plan.name()))
	case o.unlinked != nil:
		diags.Append(r.missingSentryLink(plan.name(), config.managesIntegrated()))
	}
	return o
}
