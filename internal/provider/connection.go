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
	// client is nil while the provider's configuration is not known.
	client *gitlab.Client
	// unknown names the attributes whose values are known only after apply.
	unknown   []string
	turns     *projectTurns
	summaries *warningSummaries
	surveys   *surveys
	wishes    *wishes
	// gone holds the projects that this run reported as gone, in lower case.
	gone sync.Map
	// told holds the causes that an error of this run has told in full.
	told sync.Map
}

func newConnection(unknown []string) *connection {
	return &connection{unknown: unknown, turns: newProjectTurns(), summaries: newWarningSummaries(), surveys: newSurveys(), wishes: newWishes()}
}

// use makes the connection ready.
func (c *connection) use(client *gitlab.Client) {
	c.client = client
}

// ready returns true if there is a client, and otherwise reports an error.
func (c *connection) ready(diags *diag.Diagnostics) bool {
	if c.client != nil {
		return true
	}
	diags.AddError("The provider is not configured yet", fmt.Sprintf(
		"This needs GitLab, but values of the provider block are known only after apply: %s. "+
			"First apply what they come from (terraform apply -target=…), or set them from variables.",
		strings.Join(c.unknown, " and ")))
	return false
}

// configuredResource and configuredDataSource hold the connection, which is nil
// while Terraform validates.
type (
	configuredResource   struct{ *connection }
	configuredDataSource struct{ *connection }
)

// Configure implements [resource.ResourceWithConfigure].
func (r *configuredResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.connection, _ = req.ProviderData.(*connection)
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *configuredDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.connection, _ = req.ProviderData.(*connection)
}
