// Package provider is Terraform's side of the errortracking provider: schemas,
// plans and diagnostics. It talks to GitLab through package gitlab.
package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

const (
	defaultBaseURL        = "https://gitlab.com"
	defaultRetries        = 6
	defaultRequestTimeout = 30 * time.Second

	baseURLVariable = "GITLAB_BASE_URL"
	tokenVariable   = "GITLAB_TOKEN"

	tokenTypeAccessToken = "access_token"
	tokenTypeOAuth2      = "oauth2"
)

var (
	_ provider.Provider                   = (*errorTracking)(nil)
	_ provider.ProviderWithValidateConfig = (*errorTracking)(nil)
	_ provider.ProviderWithListResources  = (*errorTracking)(nil)
)

type errorTracking struct {
	// version goes into the User-Agent header.
	version string
}

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

func (p *errorTracking) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "errortracking"
	resp.Version = p.version
}

func (p *errorTracking) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the [Error Tracking](https://docs.gitlab.com/operations/error_tracking/) settings of GitLab projects.",
		Attributes: map[string]schema.Attribute{
			"base_url": schema.StringAttribute{
				MarkdownDescription: "GitLab's URL, with or without `/api/v4`; a relative URL root such as `https://host/gitlab` works. Environment variable `GITLAB_BASE_URL`. Default `https://gitlab.com`.",
				Optional:            true,
				Validators:          []validator.String{baseURLValidator()},
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "Personal, project or group access token, or OAuth 2.0 token, with scope `api` (`read_api` is enough to plan), of a user with the Maintainer role. Environment variable `GITLAB_TOKEN`. CI job tokens do not work: GitLab does not accept them here.",
				Optional:            true,
				Sensitive:           true,
			},
			"token_type": schema.StringAttribute{
				MarkdownDescription: "`access_token` (default) sends the header `PRIVATE-TOKEN`; `oauth2` sends `Authorization: Bearer`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("", tokenTypeAccessToken, tokenTypeOAuth2)},
			},
			"cacert_file": schema.StringAttribute{
				MarkdownDescription: "PEM file with certificates to trust in addition to the system's, for a GitLab certificate issued by your own authority.",
				Optional:            true,
			},
			"client_cert": schema.StringAttribute{
				MarkdownDescription: "PEM file with the client certificate for mutual TLS. Needs `client_key`.",
				Optional:            true,
			},
			"client_key": schema.StringAttribute{
				MarkdownDescription: "PEM file with the private key of `client_cert`. Needs `client_cert`.",
				Optional:            true,
			},
			"insecure": schema.BoolAttribute{
				MarkdownDescription: "Do not verify GitLab's TLS certificate. Anyone on the network path can then read the token. Default `false`.",
				Optional:            true,
			},
			"headers": schema.MapAttribute{
				MarkdownDescription: "Headers to add to every request, for a proxy in front of GitLab.",
				ElementType:         types.StringType,
				Optional:            true,
				Sensitive:           true,
			},
			"retries": schema.Int64Attribute{
				MarkdownDescription: "How many times to retry a request, if it is safe to repeat, after a lost connection, a timeout, or a status of 500 or above. Waiting for GitLab's rate limit does not count. Default `6`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 100)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "Time limit for each try, as a Go duration such as `45s` or `2m`. Default `30s`.",
				Optional:            true,
				Validators:          []validator.String{durationValidator()},
			},
		},
	}
}

// ValidateConfig wants both files for mutual TLS, or neither. As everywhere in
// the block, an empty string counts as not set.
func (p *errorTracking) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if model.ClientCert.IsUnknown() || model.ClientKey.IsUnknown() {
		return
	}
	given, missing := "client_cert", "client_key"
	if model.ClientCert.ValueString() == "" {
		given, missing = missing, given
	}
	if (model.ClientCert.ValueString() == "") != (model.ClientKey.ValueString() == "") {
		resp.Diagnostics.AddAttributeError(path.Root(given), "Missing client_cert or client_key",
			given+" is set, but "+missing+" is not. Mutual TLS needs both.")
	}
}

func (p *errorTracking) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	unknown, err := unknownAttributes(req.Config.Raw)
	if err != nil {
		resp.Diagnostics.AddError("The provider's configuration cannot be read", err.Error())
		return
	}
	conn := newConnection(unknown)
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = conn, conn, conn
	if unknown != nil {
		return
	}

	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config := model.clientConfig(&resp.Diagnostics)
	config.UserAgent = fmt.Sprintf("terraform-provider-errortracking/%s (Terraform %s)", p.version, req.TerraformVersion)
	if resp.Diagnostics.HasError() {
		return
	}
	client, err := gitlab.NewClient(config)
	if err != nil {
		resp.Diagnostics.Append(tlsDiagnostic(model, err))
		return
	}
	conn.use(client)
}

// unknownAttributes names the attributes that are not known before apply.
func unknownAttributes(config tftypes.Value) ([]string, error) {
	var values map[string]tftypes.Value
	if err := config.As(&values); err != nil {
		return nil, fmt.Errorf("reading the provider block: %w", err)
	}
	var unknown []string
	for name, value := range values {
		if !value.IsFullyKnown() {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown, nil
}

// clientConfig completes the block from the environment and defaults.
func (m providerModel) clientConfig(diags *diag.Diagnostics) gitlab.Config {
	config := gitlab.Config{
		BaseURL:        cmp.Or(m.BaseURL.ValueString(), os.Getenv(baseURLVariable), defaultBaseURL),
		Token:          strings.TrimSpace(cmp.Or(m.Token.ValueString(), os.Getenv(tokenVariable))),
		Bearer:         m.TokenType.ValueString() == tokenTypeOAuth2,
		Retries:        defaultRetries,
		RequestTimeout: defaultRequestTimeout,
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
	if timeout := m.RequestTimeout.ValueString(); timeout != "" {
		// Validated already.
		config.RequestTimeout, _ = time.ParseDuration(timeout)
	}
	config.Headers = m.headers()

	if _, err := gitlab.ParseBaseURL(config.BaseURL); err != nil {
		diags.AddAttributeError(path.Root("base_url"), "Invalid base_url", fmt.Sprintf(
			"The value, from the provider block or from %s, is not GitLab's URL: %s.", baseURLVariable, err))
	}
	checkToken(config.Token, diags)
	checkHeaders(config.Headers, diags)
	warnOfInsecure(config, diags)
	return config
}

// headers returns the headers that are not null.
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
	switch {
	case token == "":
		diags.AddAttributeError(path.Root("token"), "Missing GitLab token",
			"Set token in the provider block, or the environment variable "+tokenVariable+", to an access token with scope api. "+
				"In GitLab CI, a protected CI/CD variable is empty on branches that are not protected.")
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		diags.AddAttributeError(path.Root("token"), "Invalid GitLab token",
			"The token, from the provider block or from "+tokenVariable+", contains a space, a line break or another character that tokens never contain. "+
				"Was more than the token pasted, or a whole file read?")
	}
}

// checkHeaders does not repeat the values, which may be secret.
func checkHeaders(headers map[string]string, diags *diag.Diagnostics) {
	for name, value := range headers {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r) }) {
			diags.AddAttributeError(path.Root("headers"), "Invalid header",
				fmt.Sprintf("%q is not the name of an HTTP header: write one such as \"X-Proxy-Secret\", without a colon.", name))
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
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

// tlsDiagnostic points at the files that do not load.
func tlsDiagnostic(model providerModel, err error) diag.Diagnostic {
	if errors.Is(err, gitlab.ErrNoCertificate) {
		return diag.NewAttributeErrorDiagnostic(path.Root("cacert_file"), "Invalid cacert_file", fmt.Sprintf(
			"cacert_file names the file %q, which cannot be used: %s.", model.CACertFile.ValueString(), err))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("client_cert"), "Invalid client_cert or client_key", fmt.Sprintf(
		"client_cert names the file %q, and client_key the file %q, which cannot be used together: %s.",
		model.ClientCert.ValueString(), model.ClientKey.ValueString(), err))
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
	name := file.ValueString()
	if name == "" {
		return nil
	}
	pem, err := os.ReadFile(name)
	if err != nil {
		diags.AddAttributeError(path.Root(attribute), "Unreadable "+attribute, fmt.Sprintf(
			"%s names the file %q, which cannot be read: %s.", attribute, name, err))
	}
	return pem
}

func (p *errorTracking) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newSettingsResource, newGroupSettingsResource, newClientKeyResource}
}

func (p *errorTracking) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newSettingsDataSource, newClientKeysDataSource, newGroupSettingsDataSource}
}

func (p *errorTracking) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newSettingsListResource}
}
