package provider

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// managedProject is the project of a resource. It is looked up once, when
// Terraform takes charge of it; from then on every request goes by its id.
type managedProject struct {
	// Project is the id or the path in the configuration.
	Project types.String `tfsdk:"project"`
	// ProjectID is null in a state that comes from an import by path or from
	// another provider, until the first read.
	ProjectID types.Int64 `tfsdk:"project_id"`
}

// withProjectAttributes adds the attributes of managedProject to others.
func withProjectAttributes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	attributes["project"] = schema.StringAttribute{
		MarkdownDescription: "Numeric id or full path of the project, such as `42` or `group/project`. A path is looked up once, when Terraform takes charge; renaming or transferring the project then changes nothing. Changing `project` to another project replaces the resource; changing it to the new path or to the id of the same project does not. A value known only after apply counts as another project.",
		Required:            true,
		Validators:          []validator.String{projectValidator()},
	}
	attributes["project_id"] = schema.Int64Attribute{
		MarkdownDescription: "Numeric id of the project that `project` named when Terraform took charge. Every later request goes by this id.",
		Computed:            true,
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
	}
	return attributes
}

// reference names the project in requests.
func (p managedProject) reference() string { return gitlab.ByID(p.ProjectID.ValueInt64()) }

// name names the project in messages, as the configuration does.
func (p managedProject) name() string {
	if p.Project.IsNull() {
		return p.reference()
	}
	return p.Project.ValueString()
}

// complete looks up what is missing: the id, or after an import by identity the
// path.
func (c *connection) complete(ctx context.Context, p *managedProject) error {
	switch {
	case p.Project.IsNull():
		found, err := c.client.GetProject(ctx, p.reference())
		switch {
		case err != nil:
			return err
		case found.IsBeingDeleted():
			return errBeingDeleted
		}
		p.Project = types.StringValue(found.Path)
	case p.ProjectID.IsNull() || p.ProjectID.IsUnknown():
		found, err := c.lookUp(ctx, p.Project.ValueString())
		switch {
		case err != nil:
			return err
		case found.IsBeingDeleted():
			return errBeingDeleted
		}
		p.ProjectID = types.Int64Value(found.ID)
	}
	return nil
}

// errBeingDeleted says that a path leads to a project that GitLab has renamed,
// because it is about to delete it.
var errBeingDeleted = errors.New("the project is being deleted")

// lookUp returns a project with its id. Only a path takes a request.
func (c *connection) lookUp(ctx context.Context, project string) (gitlab.Project, error) {
	if id, err := strconv.ParseInt(project, 10, 64); err == nil {
		return gitlab.Project{ID: id}, nil
	}
	return c.client.GetProject(ctx, project)
}

// planProject returns whether the plan creates the resource, perhaps anew: a
// new name of the same project changes only the name, another project replaces
// the resource.
func (c *connection) planProject(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (creates bool) {
	var before managedProject
	var after types.String
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("project"), &after)...)
	if req.State.Raw.IsNull() {
		if id, err := strconv.ParseInt(after.ValueString(), 10, 64); err == nil {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("project_id"), id)...)
		}
		return true
	}
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("project"), &before.Project)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("project_id"), &before.ProjectID)...)
	switch {
	case resp.Diagnostics.HasError(), after.Equal(before.Project):
		return false
	case after.IsUnknown():
	case strings.EqualFold(before.name(), after.ValueString()):
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("project"), before.Project)...)
		return false
	case after.ValueString() == before.reference():
		return false
	case !c.ready(&resp.Diagnostics):
		return false
	default:
		same, err := c.sameProject(ctx, before, after.ValueString())
		if err != nil {
			resp.Diagnostics.Append(c.failed("tell whether "+before.name()+" is still the same project: cannot look up", after.ValueString(), err))
		}
		if err != nil || same {
			return false
		}
	}
	resp.RequiresReplace = append(resp.RequiresReplace, path.Root("project"))
	return true
}

// sameProject reports whether after names the project, too. One that is not
// found is another one: it may be created in the same apply.
func (c *connection) sameProject(ctx context.Context, before managedProject, after string) (bool, error) {
	err := c.complete(ctx, &before)
	if err != nil {
		return false, err
	}
	found, err := c.lookUp(ctx, after)
	if errors.Is(err, gitlab.ErrProjectNotFound) {
		return false, nil
	}
	return err == nil && found.ID == before.ProjectID.ValueInt64(), err
}
