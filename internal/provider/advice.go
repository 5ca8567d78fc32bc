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

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// cause says in one paragraph why something failed, and what to do.
func cause(err error) string {
	if none, ok := errors.AsType[*noneReadableError](err); ok {
		return fmt.Sprintf("The token can read the settings of none of the %d projects: Error Tracking settings need the Maintainer role, or higher, and a fine-grained token must have been created for the projects.", none.projects)
	}
	if failure, ok := errors.AsType[*gitlab.Error](err); ok {
		return advice(failure)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "The run was cancelled before GitLab answered."
	case errors.Is(err, errBeingDeleted):
		return "The project is being deleted: GitLab has renamed it until then. Restore it in GitLab, or remove it from the configuration."
	}
	return "The request could not be made: " + err.Error() + "."
}

// requestOf describes the request and GitLab's answer, for further diagnosis. It
// is empty if the error did not come from the client.
func requestOf(err error) string {
	e, ok := errors.AsType[*gitlab.Error](err)
	if !ok {
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
	return text + hints(e)
}

// hints names what the request itself may have to do with the failure.
func hints(e *gitlab.Error) (text string) {
	switch e.Kind {
	case gitlab.ErrUnauthorized, gitlab.ErrUnreachable, gitlab.ErrProxy, gitlab.ErrNotGitLab, gitlab.ErrRedirected:
		if e.ByDefault {
			text = "\nbase_url is not set, so gitlab.com was asked. For another GitLab, set base_url or " + baseURLVariable + "."
		}
	}
	switch e.Kind {
	case gitlab.ErrProjectNotFound, gitlab.ErrGroupNotFound, gitlab.ErrNoRoute, gitlab.ErrNotGitLab, gitlab.ErrRedirected, gitlab.ErrOther:
		if strings.Contains(e.Path, "%2F") {
			text += "\nIf a proxy in front of GitLab changes %2F in URLs, give the numeric id instead of the path."
		}
	}
	return text
}

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
		return "GitLab rejected the token: it is wrong, expired or revoked. Check token in the provider block, or " + tokenVariable + `. An OAuth 2.0 token needs token_type = "oauth2"; a CI job token does not work here.`
	case gitlab.ErrForbidden:
		return "The token's user is not allowed to do this: Error Tracking settings need the Maintainer role, or higher, in the project."
	case gitlab.ErrForbiddenForReason:
		return "GitLab refuses the token's user, and says why: " + quoted(e.Message) + ". Settle that in GitLab, or use the token of another user."
	case gitlab.ErrInsufficientPermission:
		return "The token lacks a permission that a fine-grained token needs, and GitLab names it: " + quoted(e.Message) + ". Add it to the token. (A token with scopes does not work where the group wants fine-grained ones.)"
	case gitlab.ErrReadOnly:
		if strings.Contains(e.Message, "maintenance") {
			return "GitLab is in maintenance mode, and takes no changes until an administrator ends it. Apply again then."
		}
		return "GitLab is read-only, for instance a secondary site, and takes no changes. Set base_url to the primary GitLab."
	case gitlab.ErrHidden:
		return "GitLab hides the project from the token: a fine-grained token sees only the projects that it was created for. Add the project to the token, or use another one."
	case gitlab.ErrInsufficientScope:
		return "The token lacks a scope: it needs api. (read_api is enough to read, and so to plan.)"
	case gitlab.ErrProjectNotFound:
		return "There is no such project, or the token cannot see it; GitLab gives the same answer for both. Check the id or the full path, and that the token's user is a member of the project."
	case gitlab.ErrGroupNotFound:
		return "There is no such group, or the token cannot see it; GitLab gives the same answer for both. Check the id or the full path, and that the token's user is a member of the group. GitLab does not redirect the former path of a group, and a user's personal namespace is not a group."
	case gitlab.ErrNoRoute:
		since := "12.7"
		if strings.Contains(e.Path, "/client_keys") {
			since = "14.3"
		}
		return "GitLab does not have this endpoint: either it is older than " + since + ", or base_url is not GitLab's own URL."
	case gitlab.ErrRefused:
		return refusedAdvice(e.Message)
	case gitlab.ErrLocked:
		return "GitLab is busy with another change of the project, and retries did not help. Apply again."
	case gitlab.ErrRateLimited:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("GitLab's rate limit is exhausted: it asks to wait %s, and the provider waits at most five minutes for a request. Run again later.", e.RetryAfter.Round(time.Second))
		}
		return "GitLab's rate limit is exhausted, and waiting for minutes did not help. Run again later."
	case gitlab.ErrUnsettled:
		return "Projects left the group during each of ten readings of its list. Run again when that has ended."
	case gitlab.ErrServer:
		return serverAdvice(e)
	case gitlab.ErrNotGitLab:
		return "The answer does not look like GitLab's API. Check that base_url is GitLab's own URL, and that no sign-in page or proxy stands in front of it."
	case gitlab.ErrRedirected:
		if e.BaseURL != "" {
			return fmt.Sprintf("GitLab redirects to another URL, where the token is not sent. If that is your GitLab, set base_url = %q.", e.BaseURL)
		}
		return "GitLab redirects the request, and the redirect cannot be followed. Check that base_url is GitLab's own URL, and that no sign-in page stands in front of it."
	case gitlab.ErrUnreachable:
		return unreachableAdvice(e)
	case gitlab.ErrProxy:
		return proxyAdvice(e)
	}
	return "GitLab did not accept the request. If its answer does not say what to change, please report this."
}

func serverAdvice(e *gitlab.Error) string {
	tries, wait, id := "1 try", "", ""
	if e.Tries > 1 {
		tries = fmt.Sprintf("%d tries", e.Tries)
	}
	if e.RetryAfter > 0 {
		wait = fmt.Sprintf(", and asks to wait %s", e.RetryAfter.Round(time.Second))
	}
	if e.RequestID != "" {
		id = "; if it persists, give GitLab's administrator the request id"
	}
	return fmt.Sprintf("GitLab, or a proxy in front of it, failed after %s (%d)%s. Run again later%s.", tries, e.Status, wait, id)
}

func refusedAdvice(words string) string {
	switch {
	case strings.Contains(words, "required field"):
		return "GitLab did not accept the settings and changed nothing, because the Sentry link is missing or not complete. Either " + sentryLinkWay + ", or " + integratedWay + "."
	case strings.Contains(words, "is blocked"):
		return "GitLab did not accept the settings and changed nothing, because it may not call the project's Sentry API URL. An administrator can allow that in Admin > Settings > Network > Outbound requests; otherwise enter another URL in the project's Settings > Monitor > Error Tracking."
	}
	return "GitLab did not accept the settings and changed nothing. GitLab's words below say what is wrong with the project: correct it in GitLab, then run again."
}

func proxyAdvice(e *gitlab.Error) string {
	if e.Status != 0 {
		return fmt.Sprintf("The proxy between this machine and GitLab refuses (%d). If it wants a user and a password, put them into its URL in HTTPS_PROXY or HTTP_PROXY; to reach GitLab without it, set NO_PROXY.", e.Status)
	}
	return fmt.Sprintf("The proxy between this machine and GitLab cannot be used: %s. Check its URL in HTTPS_PROXY or HTTP_PROXY, with a user and a password if it wants them; to reach GitLab without it, set NO_PROXY.", e.Message)
}

func unreachableAdvice(e *gitlab.Error) string {
	const refusedOnWindows = syscall.Errno(10061)
	why := strings.TrimSuffix(e.Message, ".")
	switch {
	case errors.As(e, new(*net.DNSError)):
		return fmt.Sprintf("The host in base_url cannot be found: %s. Check its spelling, the network and DNS.", why)
	case errors.As(e, new(x509.UnknownAuthorityError)):
		return fmt.Sprintf("GitLab's certificate is not trusted: %s. If your own certificate authority issued it, set cacert_file to the authority's PEM file.", why)
	case errors.As(e, new(*tls.CertificateVerificationError)):
		return fmt.Sprintf("GitLab's certificate is not valid: %s. Check base_url and this machine's clock; otherwise GitLab's administrator has to renew the certificate.", why)
	case errors.As(e, new(tls.RecordHeaderError)), errors.Is(e, http.ErrSchemeMismatch):
		return fmt.Sprintf("The server does not speak TLS: %s. Should base_url begin with http://?", why)
	case errors.Is(e, syscall.ECONNREFUSED), errors.Is(e, refusedOnWindows):
		return fmt.Sprintf("Nothing is listening at base_url: %s. Check the host and port, and that GitLab is running.", why)
	case errors.Is(e, context.DeadlineExceeded):
		return fmt.Sprintf("GitLab did not answer in time: %s. Run again, or raise request_timeout.", why)
	}
	return fmt.Sprintf("No answer from GitLab: %s. Check base_url, the network and proxies, and run again.", why)
}
