package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var _ datasource.DataSourceWithConfigure = (*groupSettingsDataSource)(nil)

type groupSettingsDataSource struct{ configuredDataSource }

func newGroupSettingsDataSource() datasource.DataSource { return &groupSettingsDataSource{} }

type groupSettingsDataModel struct {
	Group            types.String               `tfsdk:"group"`
	IncludeSubgroups types.Bool                 `tfsdk:"include_subgroups"`
	IncludeArchived  types.Bool                 `tfsdk:"include_archived"`
	Projects         []groupProjectModel        `tfsdk:"projects"`
	Inaccessible     []inaccessibleProjectModel `tfsdk:"inaccessible"`
}

type groupProjectModel struct {
	ProjectID types.Int64  `tfsdk:"project_id"`
	Project   types.String `tfsdk:"project"`
	settingsAttributes
}

type inaccessibleProjectModel struct {
	ProjectID types.Int64  `tfsdk:"project_id"`
	Project   types.String `tfsdk:"project"`
	Reason    types.String `tfsdk:"reason"`
}

func (d *groupSettingsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_group_settings"
}

func (d *groupSettingsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the Error Tracking settings of all projects of a GitLab group; those that are marked for deletion are left out. Makes one request per project, at most 10 at a time.",
		Attributes: map[string]schema.Attribute{
			"group": schema.StringAttribute{
				MarkdownDescription: "Numeric id or full path of the group, such as `42`, `group` or `group/subgroup`.",
				Required:            true,
				Validators:          []validator.String{groupValidator()},
			},
			"include_subgroups": schema.BoolAttribute{
				MarkdownDescription: "Whether to include the projects of subgroups. Default `true`.",
				Optional:            true,
			},
			"include_archived": schema.BoolAttribute{
				MarkdownDescription: "Whether to include archived projects. Default `false`.",
				Optional:            true,
			},
			"projects": schema.ListNestedAttribute{
				MarkdownDescription: "The projects, sorted by path. A project that never had settings reads as inactive.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: withSettingsAttributes(map[string]schema.Attribute{
					"project_id": schema.Int64Attribute{Computed: true, MarkdownDescription: "Numeric id of the project."},
					"project":    schema.StringAttribute{Computed: true, MarkdownDescription: "Full path of the project."},
				})},
			},
			"inaccessible": schema.ListNestedAttribute{
				MarkdownDescription: "The projects whose settings the token cannot read, sorted by path.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"project_id": schema.Int64Attribute{Computed: true, MarkdownDescription: "Numeric id of the project."},
					"project":    schema.StringAttribute{Computed: true, MarkdownDescription: "Full path of the project."},
					"reason":     schema.StringAttribute{Computed: true, MarkdownDescription: "GitLab's message, such as `403 Forbidden`."},
				}},
			},
		},
	}
}

func (d *groupSettingsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var data groupSettingsDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &data)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	scope := gitlab.Scope{
		Group:     data.Group.ValueString(),
		Subgroups: data.IncludeSubgroups.IsNull() || data.IncludeSubgroups.ValueBool(),
		Archived:  data.IncludeArchived.ValueBool(),
	}
	found, err := d.client.Survey(ctx, scope)
	if err != nil {
		resp.Diagnostics.Append(d.cannotRead(ofGroup, scope.Group, err))
		return
	}
	// Lists that are empty, not null.
	data.Projects, data.Inaccessible = []groupProjectModel{}, []inaccessibleProjectModel{}
	var inaccessible []gitlab.Project
	for _, p := range found.Projects {
		id, project := types.Int64Value(p.ID), types.StringValue(p.Path)
		if p.Unreadable == nil {
			data.Projects = append(data.Projects, groupProjectModel{id, project, newSettingsAttributes(p.Settings)})
			continue
		}
		inaccessible = append(inaccessible, p.Project)
		data.Inaccessible = append(data.Inaccessible, inaccessibleProjectModel{id, project, types.StringValue(reason(p.Unreadable))})
	}
	warnOfInaccessible(scope.Group, inaccessible, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}

func reason(err error) string {
	if failure, ok := errors.AsType[*gitlab.Error](err); ok && failure.Message != "" {
		return failure.Message
	}
	return err.Error()
}
