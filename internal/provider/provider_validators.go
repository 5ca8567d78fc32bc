package provider

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// baseURLValidator accepts what gitlab.ParseBaseURL accepts.
type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string {
	return `an http or https URL, such as "https://gitlab.example.com"`
}

func (v baseURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v baseURLValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	// An empty string counts as not set.
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || req.ConfigValue.ValueString() == "" {
		return
	}
	if _, err := gitlab.ParseBaseURL(req.ConfigValue.ValueString()); err != nil {
		// The value is not repeated: it may hold a password.
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid base_url", fmt.Sprintf(
			"base_url must be %s; %s.", v.Description(ctx), err))
	}
}

// durationValidator accepts positive Go durations.
type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return `a positive duration, such as "45s" or "2m"`
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	value := req.ConfigValue.ValueString()
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || value == "" {
		return
	}
	if d, err := time.ParseDuration(value); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf(
			"%s must be %s; got %q.", req.Path, v.Description(ctx), value))
	}
}

// isPlainHTTP says that base is an http URL of a host other than this machine.
func isPlainHTTP(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}
