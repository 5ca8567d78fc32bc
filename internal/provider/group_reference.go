package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

const groupForm = `a numeric group id such as "42", or a full path such as "group" or "group/subgroup"`

// groupValidator rejects what cannot name a group. Other than a project, a
// group may stand alone.
type groupValidator struct{}

func (groupValidator) Description(context.Context) string { return groupForm }

func (groupValidator) MarkdownDescription(context.Context) string { return groupForm }

func (groupValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	group := req.ConfigValue.ValueString()
	if err := checkGroup(group); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid group", fmt.Sprintf("group must be %s; got %q: %s.", groupForm, group, err))
	}
}

func checkGroup(group string) error {
	if path, pasted := pastedPath(group); pasted {
		return urlError(strings.TrimPrefix(path, "groups/"), checkGroup)
	}
	alone := group != "" && !strings.ContainsAny(group, "/% \t\r\n") && strings.Trim(group, "0123456789") != ""
	if alone {
		return checkPathSegment(group)
	}
	return checkProject(group)
}
