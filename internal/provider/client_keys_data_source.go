package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*clientKeysDataSource)(nil)

type clientKeysDataSource struct{ configuredDataSource }

func newClientKeysDataSource() datasource.DataSource { return &clientKeysDataSource{} }

type clientKeysDataModel struct {
	Project    types.String          `tfsdk:"project"`
	ClientKeys []clientKeyAttributes `tfsdk:"client_keys"`
}

func (d *clientKeysDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_client_keys"
}

func (d *clientKeysDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the client keys of a GitLab project, which programs use to report errors to the Error Tracking backend built into GitLab.",
		Attributes: map[string]schema.Attribute{
			"project": schema.StringAttribute{
				MarkdownDescription: "Numeric id or full path of the project, such as `42` or `group/project`.",
				Required:            true,
				Validators:          []validator.String{projectValidator()},
			},
			"client_keys": schema.ListNestedAttribute{
				MarkdownDescription: "All keys of the project, oldest first; empty if there are none.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"key_id":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Id of the key."},
					"active":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether GitLab accepts the key."},
					"public_key": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The key itself, such as `glet_0123…`."},
					"sentry_dsn": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The URL, with the key inside, to give to a Sentry SDK as its DSN."},
				}},
			},
		},
	}
}

func (d *clientKeysDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data clientKeysDataModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("project"), &data.Project)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	project := data.Project.ValueString()
	data.ClientKeys = []clientKeyAttributes{}
	for key, err := range d.client.ClientKeys(ctx, project) {
		if err != nil {
			resp.Diagnostics.Append(d.failed(ofProject, "read the client keys of", project, err))
			return
		}
		data.ClientKeys = append(data.ClientKeys, newClientKeyAttributes(key))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}
