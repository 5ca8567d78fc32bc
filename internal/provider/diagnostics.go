package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// Phrases that several errors share: the two ways to give a project its first
// settings, and why the second may not work.
const (
	sentryLinkWay = "enter the Sentry link (API URL, auth token and project) in the project's Settings > Monitor > Error Tracking, which GitLab's API cannot do"
	integratedWay = "set integrated = true to use the backend built into GitLab"
	flagOff       = "the feature flag integrated_error_tracking is off"

	cannotQuery = "GitLab could not be queried while planning"
)

// problem is an error in words. Of many, the later ones are told by cause.
type problem struct {
	diag.DiagnosticWithPath
	// cause is the first paragraph of the detail.
	cause string
}

func newProblem(attribute, summary, cause string, more ...string) problem {
	detail := strings.Join(append([]string{cause}, more...), "\n\n")
	return problem{diag.NewAttributeErrorDiagnostic(path.Root(attribute), summary, strings.TrimSpace(detail)), cause}
}

// failed reports that something could not be done in a project, with the
// likely cause and what to do about it. what completes "Cannot …".
func failed(what, project string, err error) problem {
	return newProblem("project", "Cannot "+what+" "+called(project), cause(err), exchange(err))
}

// called returns how messages name a project: an id alone would be unclear.
func called(project string) string {
	if strings.Contains(project, "/") {
		return project
	}
	return "project " + project
}

// projectGone warns that a resource leaves the state with its project.
func (c *connection) projectGone(project string, err error, consequence string) diag.Diagnostic {
	c.gone.Store(strings.ToLower(project), true)
	return diag.NewAttributeWarningDiagnostic(path.Root("project"),
		c.summaries.of("Project … is gone", project, "More projects are gone"),
		"GitLab cannot find project "+project+": it was deleted, or the token can no longer see it. "+consequence+"\n\n"+exchange(err))
}

// cannotMove reports a state of the gitlab provider that is not understood.
func cannotMove(resourceType string, err error, instead string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("project"), "The state of "+resourceType+" cannot be moved", fmt.Sprintf(
		"Its format is not recognised: %s. Remove it from the state with a removed block (lifecycle { destroy = false }) and %s.", err, instead))
}

// explain gives the cause, what to do, and what GitLab said.
func explain(err error) string { return strings.TrimSpace(cause(err) + "\n\n" + exchange(err)) }

// cause says in one paragraph why something failed, and what to do.
func cause(err error) string {
	if failure, ok := errors.AsType[*gitlab.Error](err); ok {
		return advice(failure)
	}
	if errors.Is(err, context.Canceled) {
		return "The run was cancelled before GitLab answered."
	}
	return "The request could not be made: " + err.Error() + "."
}

// exchange describes the request and GitLab's answer, for further diagnosis. It
// is empty if the client sent no request.
func exchange(err error) string {
	e, ok := errors.AsType[*gitlab.Error](err)
	if !ok || e.Kind == gitlab.ErrUnauthorized && e.Status == 0 {
		return ""
	}
	text := "Request: " + e.Method + " " + e.URL
	if e.Status != 0 {
		text += fmt.Sprintf("\nAnswer: %d", e.Status)
		switch {
		case e.Message == "":
		case e.Kind == gitlab.ErrNotGitLab, e.Kind == gitlab.ErrRedirected:
			text += ", " + short(e.Message)
		default:
			text += ", " + quoted(e.Message)
		}
	}
	if e.RequestID != "" {
		text += "\nRequest id: " + e.RequestID
	}
	return text
}

// quoted keeps GitLab's words recognisable, and short.
func quoted(words string) string { return `"` + short(words) + `"` }

func short(words string) string {
	const most = 500
	if runes := []rune(words); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return words
}

// advice says why a request most likely failed, and what to do.
func advice(e *gitlab.Error) string {
	switch e.Kind {
	case gitlab.ErrUnauthorized:
		if e.Status == 0 {
			return "GitLab has already rejected the token, with " + quoted(e.Message) + ", and was not asked again. Check token in the provider block, or " + tokenVariable + "."
		}
		return "GitLab rejected the token: it is wrong, expired or revoked. Check token in the provider block, or " + tokenVariable + `. An OAuth 2.0 token needs token_type = "oauth2"; a CI job token does not work here.`
	case gitlab.ErrForbidden:
		return "The token's user is not allowed to do this: Error Tracking settings need the Maintainer role, or higher, in the project."
	case gitlab.ErrInsufficientScope:
		return "The token lacks a scope: it needs api. (read_api is enough to read, and so to plan.)"
	case gitlab.ErrProjectNotFound:
		return "There is no such project, or the token cannot see it; GitLab gives the same answer for both. Check the id or the full path, and that the token's user is a member of the project."
	case gitlab.ErrGroupNotFound:
		return "There is no such group, or the token cannot see it; GitLab gives the same answer for both. Check the id or the full path, and that the token's user is a member of the group."
	case gitlab.ErrNoRoute:
		return "GitLab does not know this endpoint. Check that base_url is GitLab's own URL, and that GitLab is 12.7 or newer."
	case gitlab.ErrRefused:
		return "GitLab did not accept the settings and changed nothing. If there is no Sentry link: " + sentryLinkWay + ", or " + integratedWay + "."
	case gitlab.ErrRateLimited:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("GitLab's rate limit is exhausted: it asks to wait %s, and the provider waits at most five minutes for a request. Run again later, or with a lower -parallelism.", e.RetryAfter.Round(time.Second))
		}
		return "GitLab's rate limit is exhausted, and retries did not help. Run again later, or with a lower -parallelism."
	case gitlab.ErrServer:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("GitLab, or a proxy in front of it, failed, and asks to wait %s. Run again later; if it persists, give GitLab's administrator the request id.", e.RetryAfter.Round(time.Second))
		}
		return "GitLab, or a proxy in front of it, failed. Run again later; if it persists, give GitLab's administrator the request id."
	case gitlab.ErrNotGitLab:
		return "The answer does not look like GitLab's API. Check that base_url is GitLab's own URL, and that no sign-in page or proxy stands in front of it."
	case gitlab.ErrRedirected:
		if e.BaseURL != "" {
			return fmt.Sprintf("GitLab redirects to another URL, where the token is not sent. If that is your GitLab, set base_url = %q.", e.BaseURL)
		}
		return "GitLab redirects the request, and the redirect cannot be followed. Check that base_url is GitLab's own URL, and that no sign-in page stands in front of it."
	case gitlab.ErrUnreachable:
		return unreachableAdvice(e.Cause)
	}
	return "GitLab did not accept the request. If its answer does not say what to change, please report this."
}

func unreachableAdvice(cause error) string {
	why := strings.TrimSuffix(cause.Error(), ".")
	switch {
	case errors.As(cause, new(*net.DNSError)):
		return fmt.Sprintf("The host in base_url cannot be found: %s. Check its spelling, the network and DNS.", why)
	case errors.As(cause, new(x509.UnknownAuthorityError)):
		return fmt.Sprintf("GitLab's certificate is not trusted: %s. If your own certificate authority issued it, set cacert_file to the authority's PEM file.", why)
	case errors.As(cause, new(*tls.CertificateVerificationError)):
		return fmt.Sprintf("GitLab's certificate is not valid: %s. Check base_url and this machine's clock; otherwise GitLab's administrator has to renew the certificate.", why)
	case errors.As(cause, new(tls.RecordHeaderError)), errors.Is(cause, http.ErrSchemeMismatch):
		return fmt.Sprintf("The server does not speak TLS: %s. Should base_url begin with http://?", why)
	case errors.Is(cause, syscall.ECONNREFUSED):
		return fmt.Sprintf("Nothing is listening at base_url: %s. Check the host and port, and that GitLab is running.", why)
	case errors.Is(cause, context.DeadlineExceeded):
		return fmt.Sprintf("GitLab did not answer in time: %s. Run again, or raise request_timeout.", why)
	}
	return fmt.Sprintf("No answer from GitLab: %s. Check base_url, the network and proxies, and run again.", why)
}
