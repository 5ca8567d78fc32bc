package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// ModifyPlan looks at GitLab before it is overwritten. It warns and refuses,
// but copies nothing from GitLab: Terraform plans again within apply, and both
// plans must be the same whatever GitLab has by then.
func (r *settingsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) {
		return // destroy, no change
	}
	var plan, config settingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var state *settingsModel
	if !req.State.Raw.IsNull() {
		state = &settingsModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	creates := state == nil
	if state != nil && r.planProject(ctx, state.Project, plan.Project, resp) {
		creates = true
		if !config.managesIntegrated() {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("integrated"), types.BoolUnknown())...)
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if !creates && plan.OnDestroy.ValueString() == onDestroyRestore && !plan.OnDestroy.Equal(state.OnDestroy) {
		o, diags := readOriginal(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		if o == nil {
			resp.Diagnostics.Append(r.willNotRestore(plan.Project.ValueString()))
		}
	}
	turnsOn := !creates && plan.Active.ValueBool() && !state.Active.ValueBool()
	if creates || turnsOn {
		r.preview(ctx, plan, config, creates, &resp.Diagnostics)
	}
}

// preview reports what the planned write will overwrite or fail on.
func (r *settingsResource) preview(ctx context.Context, plan, config settingsModel, creates bool, diags *diag.Diagnostics) {
	if r.client == nil || plan.Project.IsUnknown() || plan.Active.IsUnknown() {
		return
	}
	project := plan.Project.ValueString()
	// An unknown value may turn out to be true.
	integrated := config.Integrated.ValueBool() || config.Integrated.IsUnknown()

	settings, err := r.client.GetSettings(ctx, project)
	switch {
	case errors.Is(err, gitlab.ErrSettingsNotFound):
		if plan.Active.ValueBool() && !integrated {
			diags.Append(neverConfigured(project))
		}
		return
	case err != nil:
		diags.Append(r.previewFailed(project, err))
		return
	}
	if creates && settings.Active {
		r.warnOverwrite(plan, config, settings, diags)
	}
	if config.Integrated.IsNull() {
		integrated = settings.Integrated
	}
	if plan.Active.ValueBool() && !integrated && settings.APIURL == nil {
		diags.Append(r.missingSentryLink(project, config.managesIntegrated()))
	}
}

// previewFailed is an error if apply would fail in the same way, otherwise a
// warning, because the cause may be gone by then. It is nil if the run was
// cancelled or the project is already reported as gone.
func (r *settingsResource) previewFailed(project string, err error) diag.Diagnostic {
	var failure *gitlab.Error
	if !errors.As(err, &failure) {
		return nil // cancelled
	}
	var summary string
	switch failure.Kind {
	case gitlab.ErrUnauthorized, gitlab.ErrNotGitLab, gitlab.ErrRedirected:
		return failed("read the error tracking settings of", project, err)
	case gitlab.ErrProjectNotFound:
		return r.notFoundYet(project, err)
	case gitlab.ErrForbidden, gitlab.ErrInsufficientScope:
		summary = r.summaries.of("The token cannot read the error tracking settings of …", called(project),
			"The token cannot read the error tracking settings of more projects")
	default:
		summary = "GitLab could not be queried while planning"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("project"), summary,
		"The plan could not be checked against the settings of "+called(project)+", and an apply will fail unless the cause below is gone by then.\n\n"+explain(err))
}

// warnOverwrite warns if a create turns off error tracking that is in use, or
// changes its backend. The wording is true both before and after the apply,
// because Terraform may show it at either time.
func (r *settingsResource) warnOverwrite(plan, config settingsModel, live gitlab.Settings, diags *diag.Diagnostics) {
	var change string
	switch {
	case !plan.Active.ValueBool():
		change = "turns it off"
	case config.Integrated.IsNull() || config.Integrated.IsUnknown() || config.Integrated.ValueBool() == live.Integrated:
		return
	case config.Integrated.ValueBool():
		change = "switches it to the integrated backend"
	default:
		change = "switches it to Sentry"
	}
	project := plan.Project.ValueString()
	diags.AddAttributeWarning(path.Root("project"),
		r.summaries.of("Error tracking for … was in use before", called(project), "Error tracking for more projects was in use before"),
		fmt.Sprintf("When Terraform checked, error tracking for %s was %s; this configuration %s. "+
			"To manage the project as it is, import it: terraform import ADDRESS %s.",
			called(project), describe(live), change, project))
}
