package provider

import (
	"context"
	"errors"
	"fmt"

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
		before, diags := readNote[original](ctx, req.Private, originalKey)
		resp.Diagnostics.Append(diags...)
		if before == nil {
			resp.Diagnostics.Append(r.willNotRestore(plan.name()))
		}
	}
	if plan.Active.ValueBool() && !state.Active.ValueBool() {
		now, diags := readNote[seen](ctx, req.Private, seenKey)
		resp.Diagnostics.Append(diags...)
		if now != nil {
			r.checkBackend(plan, config, *now, state.Integrated.ValueBool(), &resp.Diagnostics)
		}
	}
}

// previewCreate reports what a create will overwrite or fail on.
func (r *settingsResource) previewCreate(ctx context.Context, plan, config settingsModel, diags *diag.Diagnostics) {
	if r.client == nil || plan.Project.IsUnknown() || plan.Active.IsUnknown() {
		return
	}
	settings, err := r.client.GetSettings(ctx, plan.name())
	if err != nil && !errors.Is(err, gitlab.ErrSettingsNotFound) {
		diags.Append(r.previewFailed(plan.name(), err))
		return
	}
	if settings.Active {
		r.warnOverwrite(plan, config, settings, diags)
	}
	r.checkBackend(plan, config, seenIn(settings, err), settings.Integrated, diags)
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
		diags.Append(neverConfigured(plan.name()))
	case !now.Linked:
		diags.Append(r.missingSentryLink(plan.name(), config.managesIntegrated()))
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
	switch {
	case isCertain(err):
		return failed("read the error tracking settings of", project, err)
	case failure.Kind == gitlab.ErrProjectNotFound:
		return r.notFoundYet(project, err)
	case failure.Kind == gitlab.ErrForbidden, failure.Kind == gitlab.ErrInsufficientScope:
		summary = r.summaries.of("The token cannot read the error tracking settings of …", called(project),
			"The token cannot read the error tracking settings of more projects")
	default:
		summary = "GitLab could not be queried while planning"
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("project"), summary,
		"The plan could not be checked against the settings of "+called(project)+", and an apply will fail unless the cause below is gone by then.\n\n"+explain(err))
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

// seen is what GitLab had besides the attributes in the state. From it, a plan
// can tell without a request whether error tracking can be turned on.
type seen struct {
	// Configured says that the project has a record.
	Configured bool `json:"configured"`
	// Linked says that it has a Sentry link.
	Linked bool `json:"linked"`
}

// seenIn returns what an answer of GitLab shows: settings, or that there are
// none.
func seenIn(settings gitlab.Settings, err error) seen {
	return seen{Configured: !errors.Is(err, gitlab.ErrSettingsNotFound), Linked: settings.APIURL != nil}
}
