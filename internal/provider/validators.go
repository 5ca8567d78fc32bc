package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
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

func projectValidator() validator.String {
	return textValidator{summary: "Invalid project", form: projectForm, check: checkProject}
}

func groupValidator() validator.String {
	return textValidator{summary: "Invalid group", form: groupForm, check: checkGroup}
}

// excludeValidator accepts full paths, of projects and of subgroups.
func excludeValidator() validator.String {
	return textValidator{
		summary: "Invalid exclude", form: `a full path such as "group/project" or "group/subgroup"`,
		check: func(path string) error {
			if path != "" && strings.Trim(path, "0123456789") == "" {
				return errors.New("it is an id")
			}
			return checkProject(path)
		},
	}
}

// baseURLValidator accepts an empty string as not set.
func baseURLValidator() validator.String {
	return textValidator{
		summary: "Invalid base_url", form: `an http or https URL, such as "https://gitlab.example.com"`, hidden: true,
		check: func(base string) error {
			if base == "" {
				return nil
			}
			_, err := gitlab.ParseBaseURL(base)
			return err
		},
	}
}

// durationValidator accepts an empty string as not set.
func durationValidator() validator.String {
	return textValidator{
		summary: "Invalid duration", form: `a positive duration, such as "45s" or "2m"`,
		check: func(value string) error {
			switch d, err := time.ParseDuration(value); {
			case value == "":
				return nil
			case err != nil:
				return errors.New("it is not a number with a unit")
			case d <= 0:
				return errors.New("it is not positive")
			}
			return nil
		},
	}
}
