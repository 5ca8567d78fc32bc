package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// ModifyPlan looks at GitLab before it is overwritten. It warns and refuses,
// but copies nothing from GitLab: Terraform plans again within apply, and both
// plans must be the same whatever GitLab has by then.
func (r *settingsResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.Plan.Raw.Equal(req.State.Raw) {
		return // destroy, no change
	}
	creates := r.planProject(ctx, req, resp)
	var plan, config settingsModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if creates {
		r.previewCreate(ctx, plan, config, &resp.Diagnostics)
		return
	}
	var state settingsModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if plan.OnDestroy.ValueString() == onDestroyRestore && !plan.OnDestroy.Equal(state.OnDestroy) {
		if readNote[original](ctx, req.Private, originalKey, &resp.Diagnostics) == nil {
			resp.Diagnostics.Append(r.willNotRestore(plan.name()))
		}
	}
	if plan.Active.ValueBool() && !state.Active.ValueBool() {
		if now := readNote[seen](ctx, req.Private, seenKey, &resp.Diagnostics); now != nil {
			r.checkBackend(plan, config, *now, state.Integrated.ValueBool(), &resp.Diagnostics)
		}
	}
}

// previewCreate reports what a create will overwrite or fail on.
func (r *settingsResource) previewCreate(ctx context.Context, plan, config settingsModel, diags *diag.Diagnostics) {
	if r.client == nil || plan.Project.IsUnknown() || plan.Active.IsUnknown() {
		return
	}
	now, err := r.read(ctx, plan.name())
	if err != nil {
		r.previewFailed(plan.name(), err, diags)
		return
	}
	if now.Active {
		r.warnOverwrite(plan, config, now.Settings, diags)
	}
	r.checkBackend(plan, config, now.seen(), now.Integrated, diags)
}

// checkBackend reports that error tracking cannot be turned on, because there
// is no backend for it. integrated is what GitLab has.
func (r *settingsResource) checkBackend(plan, config settingsModel, now seen, integrated bool, diags *diag.Diagnostics) {
	if config.managesIntegrated() {
		// An unknown value may turn out to be true.
		integrated = config.Integrated.ValueBool() || config.Integrated.IsUnknown()
	}
	switch {
	case !plan.Active.ValueBool() || integrated:
	case !now.Configured:
		diags.Append(noRecord(plan.name(), now.Had))
	case !now.Linked:
		diags.Append(r.missingSentryLink(plan.name(), config.managesIntegrated()))
	}
}

// previewFailed reports an error if apply would fail in the same way, otherwise
// a warning, because the cause may be gone by then. It is silent if the run was
// cancelled, or if the project is already reported as gone.
func (r *settingsResource) previewFailed(project string, err error, diags *diag.Diagnostics) {
	_, gone := r.gone.Load(strings.ToLower(project))
	summary := cannotQuery
	switch {
	case isCancelled(err), gone && errors.Is(err, gitlab.ErrProjectNotFound):
		return
	case isCertain(err):
		diags.Append(r.failed("read the error tracking settings of", project, err))
		return
	case errors.Is(err, gitlab.ErrProjectNotFound):
		diags.Append(r.notFoundYet(project, err))
		return
	case isDenied(err):
		summary = r.summaries.of("The token cannot read the error tracking settings of …", called(project),
			"The token cannot read the error tracking settings of more projects")
	}
	diags.Append(notPreviewed("project", summary, "settings of "+called(project), err))
}

// isCancelled reports whether the run ended before GitLab answered.
func isCancelled(err error) bool { return err != nil && !errors.As(err, new(*gitlab.Error)) }

// isDenied reports whether the token was accepted, but may not do this.
func isDenied(err error) bool {
	return errors.Is(err, gitlab.ErrForbidden) || errors.Is(err, gitlab.ErrForbiddenForReason) || errors.Is(err, gitlab.ErrHidden) ||
		errors.Is(err, gitlab.ErrInsufficientScope) || errors.Is(err, gitlab.ErrInsufficientPermission)
}

// isCertain reports whether a request that failed at plan will fail at apply.
func isCertain(err error) bool {
	return errors.Is(err, gitlab.ErrUnauthorized) || errors.Is(err, gitlab.ErrNotGitLab) || errors.Is(err, gitlab.ErrRedirected)
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
	project := plan.name()
	diags.AddAttributeWarning(path.Root("project"),
		r.summaries.of("Error tracking for … was in use before", called(project), "Error tracking for more projects was in use before"),
		fmt.Sprintf("When Terraform checked, error tracking for %s was %s; this configuration %s. "+
			"To manage the project as it is, import it: terraform import ADDRESS %s.",
			called(project), describe(live), change, project))
}
