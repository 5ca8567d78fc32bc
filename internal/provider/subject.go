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

// subject is what a resource is about, and the name of its attribute: it is
// looked up once, when Terraform takes charge of it, and from then on every
// request goes by its id. A path would not do: if it is renamed, another may
// take its path, and settings and client keys do not say whose they are.
type subject string

const (
	ofProject subject = "project"
	ofGroup   subject = "group"
)

type managedProject struct {
	// Project is the id or the path in the configuration.
	Project types.String `tfsdk:"project"`
	// ProjectID is null in a state that comes from an import by path or from
	// another provider, until the first read.
	ProjectID types.Int64 `tfsdk:"project_id"`
}

type managedGroup struct {
	// Group is the id or the path in the configuration.
	Group   types.String `tfsdk:"group"`
	GroupID types.Int64  `tfsdk:"group_id"`
}

// managed is either of them.
type managed struct {
	subject
	name *types.String
	id   *types.Int64
}

func (p *managedProject) managed() managed { return managed{ofProject, &p.Project, &p.ProjectID} }

func (g *managedGroup) managed() managed { return managed{ofGroup, &g.Group, &g.GroupID} }

// reference names the project in requests.
func (p managedProject) reference() string { return gitlab.ByID(p.ProjectID.ValueInt64()) }

// name names the project in messages, as the configuration does.
func (p managedProject) name() string {
	if p.Project.IsNull() {
		return p.reference()
	}
	return p.Project.ValueString()
}

func (g managedGroup) reference() string { return gitlab.ByID(g.GroupID.ValueInt64()) }

func withProjectAttributes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	return ofProject.withAttributes("such as `42` or `group/project`", "", projectValidator(), attributes)
}

func withGroupAttributes(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	return ofGroup.withAttributes("such as `42`, `group` or `group/subgroup`", ", which changes nothing in the projects of the old group", groupValidator(), attributes)
}

func (s subject) withAttributes(such, replaced string, valid validator.String, attributes map[string]schema.Attribute) map[string]schema.Attribute {
	says := func(text string) string { return strings.ReplaceAll(text, "SUBJECT", string(s)) }
	attributes[string(s)] = schema.StringAttribute{
		MarkdownDescription: says("Numeric id or full path of the SUBJECT, " + such + ". A path is looked up once, when Terraform takes charge; renaming or transferring the SUBJECT then changes nothing. Changing `SUBJECT` to another SUBJECT replaces the resource" + replaced + "; changing it to the new path or to the id of the same SUBJECT does not. A value known only after apply counts as another SUBJECT."),
		Required:            true,
		Validators:          []validator.String{valid},
	}
	attributes[s.idAttribute()] = schema.Int64Attribute{
		MarkdownDescription: says("Numeric id of the SUBJECT that `SUBJECT` named when Terraform took charge. Every later request goes by this id."),
		Computed:            true,
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseNonNullStateForUnknown()},
	}
	return attributes
}

func (s subject) idAttribute() string { return string(s) + "_id" }

// lookUp returns the subject with its id. Only a path takes a request.
func (c *connection) lookUp(ctx context.Context, s subject, reference string) (gitlab.Project, error) {
	if id, err := strconv.ParseInt(reference, 10, 64); err == nil {
		return gitlab.Project{ID: id}, nil
	}
	return c.get(ctx, s, reference)
}

func (c *connection) get(ctx context.Context, s subject, reference string) (gitlab.Project, error) {
	if s == ofGroup {
		group, err := c.client.GetGroup(ctx, reference)
		return gitlab.Project(group), err
	}
	found, err := c.client.GetProject(ctx, reference)
	if err == nil && found.IsBeingDeleted() {
		err = errBeingDeleted
	}
	return found, err
}

// errBeingDeleted says that a path leads to a project that GitLab has renamed,
// because it is about to delete it.
var errBeingDeleted = errors.New("the project is being deleted")

// complete looks up what is missing: the id, or after an import by identity the
// path.
func (c *connection) complete(ctx context.Context, m managed) error {
	switch {
	case m.name.IsNull():
		found, err := c.get(ctx, m.subject, gitlab.ByID(m.id.ValueInt64()))
		if err != nil {
			return err
		}
		*m.name = types.StringValue(found.Path)
	case m.id.IsNull() || m.id.IsUnknown():
		found, err := c.lookUp(ctx, m.subject, m.name.ValueString())
		if err != nil {
			return err
		}
		*m.id = types.Int64Value(found.ID)
	}
	return nil
}

// planSubject returns whether the plan creates the resource, perhaps anew: a new
// name of the same project or group changes only the name, another one replaces
// the resource.
func (c *connection) planSubject(ctx context.Context, s subject, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) (creates bool) {
	var beforeName, after types.String
	var beforeID types.Int64
	before := managed{s, &beforeName, &beforeID}
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(string(s)), &after)...)
	if req.State.Raw.IsNull() {
		if c.absence.lasts {
			c.ready(&resp.Diagnostics)
		}
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(s.idAttribute()), plannedID(after))...)
		return true
	}
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(string(s)), before.name)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(s.idAttribute()), before.id)...)
	switch {
	case resp.Diagnostics.HasError(), after.Equal(beforeName):
		return false
	case after.IsUnknown():
	case strings.EqualFold(beforeName.ValueString(), after.ValueString()):
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(string(s)), beforeName)...)
		return false
	case after.ValueString() == gitlab.ByID(beforeID.ValueInt64()):
		return false
	case !c.ready(&resp.Diagnostics):
		return false
	default:
		same, err := c.isStill(ctx, before, after.ValueString())
		if err != nil {
			resp.Diagnostics.Append(c.failed(s, "tell whether "+beforeName.ValueString()+" is still the same "+string(s)+": cannot look up", after.ValueString(), err))
		}
		if err != nil || same {
			return false
		}
	}
	resp.RequiresReplace = append(resp.RequiresReplace, path.Root(string(s)))
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(s.idAttribute()), plannedID(after))...)
	return true
}

// plannedID is known before the apply if the reference is an id.
func plannedID(reference types.String) types.Int64 {
	if id, err := strconv.ParseInt(reference.ValueString(), 10, 64); err == nil {
		return types.Int64Value(id)
	}
	return types.Int64Unknown()
}

// isStill reports whether after names the same, too. One that is not found is
// another one: it may be created in the same apply.
func (c *connection) isStill(ctx context.Context, before managed, after string) (bool, error) {
	if err := c.complete(ctx, before); err != nil {
		return false, err
	}
	found, err := c.lookUp(ctx, before.subject, after)
	if notFound(err) {
		return false, nil
	}
	return err == nil && found.ID == before.id.ValueInt64(), err
}
