package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// textValidator accepts what check accepts.
type textValidator struct {
	summary string
	// form completes "must be".
	form  string
	check func(string) error
	// ofProvider says that the value is of the provider block, where white space
	// around it is dropped, an empty text counts as not set, and nothing is
	// repeated in messages: it may be a secret in the wrong place.
	ofProvider bool
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
	got := fmt.Sprintf("; got %q", value)
	if v.ofProvider {
		value, got = strings.TrimSpace(value), ""
		if value == "" {
			return
		}
	}
	err := v.check(value)
	if err == nil {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, v.summary, fmt.Sprintf("%s must be %s%s: %s.", req.Path, v.form, got, err))
}
