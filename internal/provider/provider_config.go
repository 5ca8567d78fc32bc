package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

const (
	defaultRetries        = 6
	defaultRequestTimeout = 30 * time.Second

	baseURLVariable = "GITLAB_BASE_URL"
	tokenVariable   = "GITLAB_TOKEN"

	tokenTypeAccessToken = "access_token"
	tokenTypeOAuth2      = "oauth2"
)

type providerModel struct {
	BaseURL        types.String `tfsdk:"base_url"`
	Token          types.String `tfsdk:"token"`
	TokenType      types.String `tfsdk:"token_type"`
	CACertFile     types.String `tfsdk:"cacert_file"`
	ClientCert     types.String `tfsdk:"client_cert"`
	ClientKey      types.String `tfsdk:"client_key"`
	Insecure       types.Bool   `tfsdk:"insecure"`
	Headers        types.Map    `tfsdk:"headers"`
	Retries        types.Int64  `tfsdk:"retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
}

// text returns a value without the white space around it; an empty one counts
// as not set.
func text(value types.String) string { return strings.TrimSpace(value.ValueString()) }

func baseURLValidator() validator.String {
	return textValidator{
		summary: "Invalid base_url", form: `an http or https URL, such as "https://gitlab.example.com"`, ofProvider: true,
		check: func(base string) error {
			_, err := gitlab.ParseBaseURL(base)
			return err
		},
	}
}

func tokenTypeValidator() validator.String {
	return textValidator{
		summary: "Invalid token_type", form: fmt.Sprintf("%q or %q", tokenTypeAccessToken, tokenTypeOAuth2), ofProvider: true,
		check: func(value string) error {
			if value != tokenTypeAccessToken && value != tokenTypeOAuth2 {
				return errors.New("it is neither")
			}
			return nil
		},
	}
}

func durationValidator() validator.String {
	return textValidator{
		summary: "Invalid duration", form: `a positive duration, such as "45s" or "2m"`, ofProvider: true,
		check: func(value string) error {
			switch d, err := time.ParseDuration(value); {
			case err != nil:
				return errors.New("it is not a number with a unit")
			case d <= 0:
				return errors.New("it is not positive")
			}
			return nil
		},
	}
}

// ValidateConfig wants both files for mutual TLS, or neither.
func (p *errorTracking) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if model.ClientCert.IsUnknown() || model.ClientKey.IsUnknown() {
		return
	}
	given, missing := "client_cert", "client_key"
	if text(model.ClientCert) == "" {
		given, missing = missing, given
	}
	if (text(model.ClientCert) == "") != (text(model.ClientKey) == "") {
		resp.Diagnostics.AddAttributeError(path.Root(given), "Missing client_cert or client_key",
			given+" is set, but "+missing+" is not. Mutual TLS needs both.")
	}
}

func unknownAttributes(config tftypes.Value) (unknown []string) {
	var values map[string]tftypes.Value
	_ = config.As(&values) // a block is always an object
	for name, value := range values {
		if !value.IsFullyKnown() {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

func (m providerModel) clientConfig(diags *diag.Diagnostics) gitlab.Config {
	config := gitlab.Config{
		BaseURL:        cmp.Or(text(m.BaseURL), strings.TrimSpace(os.Getenv(baseURLVariable))),
		Token:          cmp.Or(text(m.Token), strings.TrimSpace(os.Getenv(tokenVariable))),
		Bearer:         text(m.TokenType) == tokenTypeOAuth2,
		Retries:        defaultRetries,
		RequestTimeout: defaultRequestTimeout,
		Headers:        m.headers(),
		TLS: gitlab.TLS{
			CACert:     readPEM(m.CACertFile, "cacert_file", diags),
			ClientCert: readPEM(m.ClientCert, "client_cert", diags),
			ClientKey:  readPEM(m.ClientKey, "client_key", diags),
			Insecure:   m.Insecure.ValueBool(),
		},
	}
	if !m.Retries.IsNull() {
		config.Retries = int(m.Retries.ValueInt64())
	}
	if timeout := text(m.RequestTimeout); timeout != "" {
		// Validated already.
		config.RequestTimeout, _ = time.ParseDuration(timeout)
	}

	if _, err := gitlab.ParseBaseURL(config.BaseURL); config.BaseURL != "" && err != nil {
		diags.AddAttributeError(path.Root("base_url"), "Invalid base_url", fmt.Sprintf(
			"The value, from the provider block or from %s, is not GitLab's URL: %s.", baseURLVariable, err))
	}
	checkToken(config.Token, diags)
	checkHeaders(config.Headers, diags)
	warnOfInsecure(config, diags)
	return config
}

func (m providerModel) headers() map[string]string {
	headers := map[string]string{}
	for name, value := range m.Headers.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() {
			headers[name] = text.ValueString()
		}
	}
	return headers
}

func checkToken(token string, diags *diag.Diagnostics) {
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		diags.AddAttributeError(path.Root("token"), "Invalid GitLab token",
			"The token, from the provider block or from "+tokenVariable+", contains a space, a line break or another character that tokens never contain. "+
				"Was more than the token pasted, or a whole file read?")
	}
}

// checkHeaders does not repeat the values, nor what should be a name but may hold
// a value.
func checkHeaders(headers map[string]string, diags *diag.Diagnostics) {
	for name, value := range headers {
		switch {
		case name == "", strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r) }):
			diags.AddAttributeError(path.Root("headers"), "Invalid header",
				"A name in headers is not the name of an HTTP header: write one such as \"X-Proxy-Secret\", without a colon, and its value apart from it.")
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			diags.AddAttributeError(path.Root("headers"), "Invalid header",
				fmt.Sprintf("The value of the header %q contains a line break or another control character. If it is read from a file, use trimspace().", name))
		}
	}
}

func warnOfInsecure(config gitlab.Config, diags *diag.Diagnostics) {
	if isPlainHTTP(config.BaseURL) {
		diags.AddAttributeWarning(path.Root("base_url"), "The token travels unencrypted",
			"base_url begins with http://, so anyone between this machine and GitLab can read the token. Use https://.")
	}
	if config.TLS.Insecure {
		diags.AddAttributeWarning(path.Root("insecure"), "GitLab's certificate is not verified",
			"insecure = true lets anyone between this machine and GitLab pose as GitLab and read the token. "+
				"If your own certificate authority issued the certificate, set cacert_file instead.")
	}
}

func tlsDiagnostic(model providerModel, err error) diag.Diagnostic {
	if errors.Is(err, gitlab.ErrNoCertificate) {
		return diag.NewAttributeErrorDiagnostic(path.Root("cacert_file"), "Invalid cacert_file", fmt.Sprintf(
			"cacert_file names the file %q, which cannot be used: %s.", text(model.CACertFile), err))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("client_cert"), "Invalid client_cert or client_key", fmt.Sprintf(
		"client_cert names the file %q, and client_key the file %q, which cannot be used together: %s.",
		text(model.ClientCert), text(model.ClientKey), err))
}

// isPlainHTTP reports whether base is an http URL of another machine.
func isPlainHTTP(base string) bool {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}

func readPEM(file types.String, attribute string, diags *diag.Diagnostics) []byte {
	name := text(file)
	if name == "" {
		return nil
	}
	pem, err := os.ReadFile(name)
	if err != nil {
		// The name, which err repeats, may be the key itself.
		why := err
		if failure, ok := errors.AsType[*fs.PathError](err); ok {
			why = failure.Err
		}
		diags.AddAttributeError(path.Root(attribute), "Unreadable "+attribute, fmt.Sprintf(
			"%s must be the path of a PEM file, and no file can be read there: %s. "+
				"If the value is the content of such a file, write it to a file and give the path. (A relative path begins in the folder that Terraform runs in.)", attribute, why))
	}
	return pem
}
