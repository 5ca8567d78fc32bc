package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var _ datasource.DataSourceWithConfigure = (*settingsDataSource)(nil)

type settingsDataSource struct{ configuredDataSource }

func newSettingsDataSource() datasource.DataSource { return &settingsDataSource{} }

type settingsDataModel struct {
	Project types.String `tfsdk:"project"`
	settingsAttributes
}

// settingsAttributes are the settings as data sources show them, including the
// Sentry link.
type settingsAttributes struct {
	writableSettings
	ProjectName       types.String `tfsdk:"project_name"`
	SentryExternalURL types.String `tfsdk:"sentry_external_url"`
	APIURL            types.String `tfsdk:"api_url"`
}

func newSettingsAttributes(settings gitlab.Settings) settingsAttributes {
	return settingsAttributes{
		writableSettings:  newWritableSettings(settings),
		ProjectName:       types.StringPointerValue(settings.ProjectName),
		SentryExternalURL: types.StringPointerValue(settings.SentryExternalURL),
		APIURL:            types.StringPointerValue(settings.APIURL),
	}
}

func withSettingsAttributes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, map[string]schema.Attribute{
		"active":              schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether error tracking is on."},
		"integrated":          schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the backend is the one built into GitLab. Always `false` while the feature flag `integrated_error_tracking` is off."},
		"project_name":        schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the Sentry project; null without a Sentry link."},
		"sentry_external_url": schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the Sentry project's web page; null without a Sentry link."},
		"api_url":             schema.StringAttribute{Computed: true, MarkdownDescription: "URL of the Sentry project's API; null without a Sentry link."},
	})
	return attributes
}

func (d *settingsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_settings"
}

func (d *settingsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the Error Tracking settings of a GitLab project, including its Sentry link. A project that never had settings reads as inactive.",
		Attributes: withSettingsAttributes(map[string]schema.Attribute{
			"project": schema.StringAttribute{
				MarkdownDescription: "Numeric id or full path of the project, such as `42` or `group/project`.",
				Required:            true,
				Validators:          []validator.String{projectValidator()},
			},
		}),
	}
}

func (d *settingsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data settingsDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	project := data.Project.ValueString()
	now, err := d.client.GetSettings(ctx, project)
	if err != nil {
		resp.Diagnostics.Append(d.cannotRead(ofProject, project, err))
		return
	}
	data.settingsAttributes = newSettingsAttributes(now)
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}
