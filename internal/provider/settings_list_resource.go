package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

var _ list.ListResourceWithConfigure = (*settingsListResource)(nil)

// settingsListResource finds the projects of a group that have Error Tracking
// settings, for terraform query.
type settingsListResource struct{ configuredResource }

func newSettingsListResource() list.ListResource { return &settingsListResource{} }

type settingsListModel struct {
	Group            types.String `tfsdk:"group"`
	IncludeSubgroups types.Bool   `tfsdk:"include_subgroups"`
}

func (l *settingsListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_settings"
}

func (l *settingsListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{
		MarkdownDescription: "Finds the projects of a GitLab group that have Error Tracking settings. Archived projects are left out.",
		Attributes: map[string]listschema.Attribute{
			"group": listschema.StringAttribute{
				MarkdownDescription: "Numeric id or full path of the group, such as `42`, `group` or `group/subgroup`.",
				Required:            true,
				Validators:          []validator.String{groupValidator()},
			},
			"include_subgroups": listschema.BoolAttribute{
				MarkdownDescription: "Whether to include the projects of subgroups. Default `true`.",
				Optional:            true,
			},
		},
	}
}

func (l *settingsListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config settingsListModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() || !l.ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) { l.push(ctx, req, config, push) }
}

// push streams the results of a walk, up to the limit. What else there is to say
// goes with the last one: Terraform listens no longer than to the limit.
func (l *settingsListResource) push(ctx context.Context, req list.ListRequest, config settingsListModel, push func(list.ListResult) bool) {
	scope := gitlab.Scope{
		Group:     config.Group.ValueString(),
		Subgroups: config.IncludeSubgroups.IsNull() || config.IncludeSubgroups.ValueBool(),
	}
	var last list.ListResult
	var inaccessible []gitlab.Project
	found := int64(0)
	for project, err := range l.client.Walk(ctx, scope) {
		switch {
		case err != nil:
			if found == 0 || push(last) {
				push(list.ListResult{Diagnostics: diag.Diagnostics{l.cannotRead(ofGroup, scope.Group, err)}})
			}
			return
		case project.Unreadable != nil:
			inaccessible = append(inaccessible, project.Project)
			continue
		case !project.Configured:
			continue
		}
		if found == req.Limit {
			last.Diagnostics.AddWarning("More projects in group "+scope.Group+" have error tracking settings",
				fmt.Sprintf("The list ends after %d projects, its limit. Set limit in the list block to get all of them.", req.Limit))
			break // Ends the walk, which reads ahead.
		}
		if found > 0 && !push(last) {
			return
		}
		found++
		last = listed(ctx, req, project)
	}
	warnOfInaccessible(scope.Group, inaccessible, &last.Diagnostics)
	if found > 0 || inaccessible != nil {
		push(last)
	}
}

// listed returns a project as a result: its identity and, if wanted, the whole
// resource as an import would read it.
func listed(ctx context.Context, req list.ListRequest, project gitlab.ProjectSettings) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = project.Path
	model := settingsModel{
		managedProject:   managedProject{types.StringValue(project.Path), types.Int64Value(project.ID)},
		writableSettings: newWritableSettings(project.Settings),
		OnDestroy:        types.StringValue(onDestroyKeep),
		Original:         newOriginal(project.Settings, false).object(),
	}
	result.Diagnostics.Append(result.Identity.Set(ctx, model.identity())...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	}
	return result
}
