package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// textValidator accepts what check accepts.
type textValidator struct {
	summary string
	// form completes "must be".
	form  string
	check func(string) error
	// hidden keeps the value, which may hold a password, out of the message.
	hidden bool
}

// Description implements [validator.Describer].
func (v textValidator) Description(context.Context) string { return v.form }

// MarkdownDescription implements [validator.Describer].
func (v textValidator) MarkdownDescription(context.Context) string { return v.form }

// ValidateString implements [validator.String].
func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	err := v.check(value)
	if err == nil {
		return
	}
	got := fmt.Sprintf("; got %q", value)
	if v.hidden {
		got = ""
	}
	resp.Diagnostics.AddAttributeError(req.Path, v.summary, fmt.Sprintf("%s must be %s%s: %s.", req.Path, v.form, got, err))
}
