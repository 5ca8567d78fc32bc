// Package provider is Terraform's side of the errortracking provider: schemas,
// plans and diagnostics. It talks to GitLab through package gitlab.
package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var (
	_ provider.Provider                   = (*errorTracking)(nil)
	_ provider.ProviderWithValidateConfig = (*errorTracking)(nil)
	_ provider.ProviderWithListResources  = (*errorTracking)(nil)
)

type errorTracking struct {
	// version goes into the User-Agent header.
	version string
}

func (p *errorTracking) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "errortracking"
	resp.Version = p.version
}

func (p *errorTracking) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the [Error Tracking](https://docs.gitlab.com/operations/error_tracking/) settings of GitLab projects.",
		Attributes: map[string]schema.Attribute{
			"base_url": schema.StringAttribute{
				MarkdownDescription: "GitLab's URL, with or without `/api/v4`; a relative URL root such as `https://host/gitlab` works. Environment variable `GITLAB_BASE_URL`. Default `https://gitlab.com`.",
				Optional:            true,
				Validators:          []validator.String{baseURLValidator()},
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "Personal, project or group access token, or OAuth 2.0 token, with scope `api` (`read_api` is enough to plan), of a user with the Maintainer role. Environment variable `GITLAB_TOKEN`. CI job tokens do not work: GitLab does not accept them here.",
				Optional:            true,
				Sensitive:           true,
			},
			"token_type": schema.StringAttribute{
				MarkdownDescription: "`access_token` (default) sends the header `PRIVATE-TOKEN`; `oauth2` sends `Authorization: Bearer`.",
				Optional:            true,
				Validators:          []validator.String{tokenTypeValidator()},
			},
			"cacert_file": schema.StringAttribute{
				MarkdownDescription: "Path of a PEM file with certificates to trust in addition to the system's, for a GitLab certificate issued by your own authority.",
				Optional:            true,
			},
			"client_cert": schema.StringAttribute{
				MarkdownDescription: "Path of a PEM file with the client certificate for mutual TLS. Needs `client_key`.",
				Optional:            true,
			},
			"client_key": schema.StringAttribute{
				MarkdownDescription: "Path of a PEM file with the private key of `client_cert`. Needs `client_cert`.",
				Optional:            true,
			},
			"insecure": schema.BoolAttribute{
				MarkdownDescription: "Do not verify GitLab's TLS certificate. Anyone on the network path can then read the token. Default `false`.",
				Optional:            true,
			},
			"headers": schema.MapAttribute{
				MarkdownDescription: "Headers to add to every request, for a proxy in front of GitLab.",
				ElementType:         types.StringType,
				Optional:            true,
				Sensitive:           true,
			},
			"retries": schema.Int64Attribute{
				MarkdownDescription: "How many times to retry a request, if it is safe to repeat, after a lost connection, a timeout, or a status of 500 or above. While GitLab restarts, requests keep trying for a minute, unless this is `0`. Waiting for a rate limit does not count. Default `6`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 100)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Time limit for each try, as a Go duration such as `45s` or `2m`. Default `30s`.",
				Optional:            true,
				Validators:          []validator.String{durationValidator()},
			},
		},
	}
}

func (p *errorTracking) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	conn := &connection{summaries: warningSummaries{given: map[string]int{}}, wishes: wishes{of: map[string][]wish{}}}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = conn, conn, conn
	if unknown := unknownAttributes(req.Config.Raw); unknown != nil {
		conn.absence = notKnownYet(unknown)
		return
	}

	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config := model.clientConfig(&resp.Diagnostics)
	config.UserAgent = fmt.Sprintf("terraform-provider-errortracking/%s (Terraform %s)", p.version, req.TerraformVersion)
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Token == "" {
		conn.absence = noToken()
		return
	}
	client, err := gitlab.NewClient(config)
	if err != nil {
		resp.Diagnostics.Append(tlsDiagnostic(model, err))
	}
	conn.client = client
}

func (p *errorTracking) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newSettingsResource, newGroupSettingsResource, newClientKeyResource}
}

func (p *errorTracking) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newSettingsDataSource, newClientKeysDataSource, newGroupSettingsDataSource}
}

func (p *errorTracking) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newSettingsListResource}
}
