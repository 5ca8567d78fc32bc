package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// connection is what the provider's Configure hands to resources and data
// sources. They share it, so it knows what one run has done.
type connection struct {
	// client is nil if there is an absence.
	client    *gitlab.Client
	absence   absence
	summaries warningSummaries
	wishes    wishes
	// turns holds each project's *projectTurn, by its id.
	turns sync.Map
	// surveys holds the groupSurvey of a plan within an apply for the create or
	// the update that follows, so that a group is walked over once.
	surveys sync.Map
	// gone holds the projects and groups that this run reported as gone.
	gone sync.Map
	// told holds the causes that an error of this run has told in full.
	told sync.Map
}

// absence says why there is no client. Only what needs GitLab fails then.
type absence struct {
	summary, why string
	// lasts says that an apply will have no client, either.
	lasts bool
}

func notKnownYet(unknown []string) absence {
	return absence{summary: "The provider is not configured yet", why: fmt.Sprintf(
		"This needs GitLab, but values of the provider block are known only after apply: %s. "+
			"First apply what they come from (terraform apply -target=ADDRESS), or set them from variables. "+
			"If resources need them, but no data source, -refresh=false plans without GitLab.",
		strings.Join(unknown, " and "))}
}

func noToken() absence {
	return absence{summary: "Missing GitLab token", lasts: true, why: "This needs GitLab. Set token in the provider block, or the environment variable " + tokenVariable + ", to an access token with scope api. " +
		"In GitLab CI, a protected CI/CD variable is empty on branches that are not protected."}
}

// ready returns true if there is a client, and otherwise reports an error, in
// full once.
func (c *connection) ready(diags *diag.Diagnostics) bool {
	if c.client != nil {
		return true
	}
	why := c.absence.why
	if _, told := c.told.LoadOrStore(c.absence.summary, true); told {
		why = "As in another error."
	}
	diags.AddError(c.absence.summary, why)
	return false
}

// configuredResource and configuredDataSource hold the connection, which is nil
// while Terraform validates.
type (
	configuredResource   struct{ *connection }
	configuredDataSource struct{ *connection }
)

func (r *configuredResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.connection, _ = req.ProviderData.(*connection)
}

func (d *configuredDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.connection, _ = req.ProviderData.(*connection)
}
