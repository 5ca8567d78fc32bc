package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// Phrases that several messages share: what could not be done, the two ways to give
// a project its first settings, and why the second may not work.
const (
	readSettings  = "read the error tracking settings of"
	sentryLinkWay = "enter the Sentry link (API URL, auth token and project) in the project's Settings > Monitor > Error Tracking, which GitLab's API cannot do"
	integratedWay = "set integrated = true to use the backend built into GitLab"
	flagOff       = "the feature flag integrated_error_tracking is off"
	hiddenBackend = "If " + flagOff + ", GitLab hides whether the integrated backend is in use; where it is, turning on works."
)

// newProblem returns an error about an attribute, of several paragraphs.
func newProblem(attribute, summary string, detail ...string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attribute), summary, paragraphs(detail...))
}

func paragraphs(texts ...string) string {
	texts = slices.DeleteFunc(texts, func(text string) bool { return text == "" })
	return strings.Join(texts, "\n\n")
}

// failed reports that something could not be done, with the likely cause and what
// to do about it. what completes "Cannot …".
func (c *connection) failed(s subject, what, name string, err error) diag.Diagnostic {
	return newProblem(string(s), "Cannot "+what+" "+s.called(name), c.explain(err))
}

func (c *connection) cannotRead(s subject, name string, err error) diag.Diagnostic {
	return c.failed(s, readSettings, name, err)
}

// called returns how messages name it: an id alone would be unclear.
func (s subject) called(name string) string {
	if s == ofProject && strings.Contains(name, "/") {
		return name
	}
	return string(s) + " " + name
}

func called(project string) string { return ofProject.called(project) }

// notFound reports whether GitLab shows no such project or group.
func notFound(err error) bool {
	return errors.Is(err, gitlab.ErrProjectNotFound) || errors.Is(err, gitlab.ErrGroupNotFound)
}

// reportGone warns that a resource leaves the state with what it is about. The
// summary is as in warningSummaries: of equal ones, Terraform shows the first.
func (c *connection) reportGone(s subject, summary, name string, err error, consequence string) diag.Diagnostic {
	c.gone.Store(string(s)+strings.ToLower(name), true)
	return diag.NewAttributeWarningDiagnostic(path.Root(string(s)), summary,
		fmt.Sprintf("GitLab cannot find %s %s: it was deleted, or the token can no longer see it. "+
			"(The token's user may have left it; and where an IP allowlist or an external authorization denies access, GitLab says the same of everything.) %s\n\n%s",
			s, name, consequence, requestOf(err)))
}

// previewFailed reports an error if apply would fail in the same way, otherwise
// a warning, because the cause may be gone by then. It is silent if the run was
// cancelled, or if what is missing is already reported as gone.
func (c *connection) previewFailed(s subject, name string, err error, diags *diag.Diagnostics) {
	_, gone := c.gone.Load(string(s) + strings.ToLower(name))
	called := s.called(name)
	summary := "GitLab could not be queried while planning"
	detail := "The plan could not be checked against the settings of " + called + ", and an apply will fail unless the cause below is gone by then."
	switch {
	case isCancelled(err), gone && notFound(err):
		return
	case isCertain(err):
		diags.Append(c.cannotRead(s, name, err))
		return
	case notFound(err):
		summary = c.summaries.of("GitLab cannot find "+string(s)+" …", name, "More "+string(s)+"s cannot be found")
		detail = fmt.Sprintf("The apply will fail unless it creates the %s first. If it does, refer to an attribute of the %[1]s's resource, such as gitlab_%[1]s.example.id.", s)
	case isDenied(err):
		summary = c.summaries.of("The token cannot "+readSettings+" …", called, "The token cannot "+readSettings+" more "+string(s)+"s")
	}
	diags.AddAttributeWarning(path.Root(string(s)), summary, detail+"\n\n"+explainInFull(err))
}

// isCancelled reports whether the run ended before GitLab answered.
func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !errors.As(err, new(*gitlab.Error))
}

// isDenied reports whether the token was accepted, but may not do this.
func isDenied(err error) bool {
	return errors.Is(err, gitlab.ErrForbidden) || errors.Is(err, gitlab.ErrForbiddenForReason) || errors.Is(err, gitlab.ErrHidden) ||
		errors.Is(err, gitlab.ErrInsufficientScope) || errors.Is(err, gitlab.ErrInsufficientPermission)
}

// isCertain reports whether a request that failed at plan will fail at apply.
func isCertain(err error) bool {
	return errors.Is(err, gitlab.ErrUnauthorized) || errors.Is(err, gitlab.ErrNotGitLab) || errors.Is(err, gitlab.ErrRedirected) ||
		errors.As(err, new(*noneReadableError))
}

// cannotMove reports a state of the gitlab provider that is not understood.
func cannotMove(resourceType string, err error, instead string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("project"), "The state of "+resourceType+" cannot be moved", fmt.Sprintf(
		"Its format is not recognised: %s. Remove it from the state with a removed block (lifecycle { destroy = false }) and %s.", err, instead))
}

// ofProjectOfGroup names the project at which a walk over a group ended, and the way past it.
func ofProjectOfGroup(err error) string {
	one, ok := errors.AsType[*gitlab.ProjectError](err)
	if !ok || !errors.Is(err, gitlab.ErrServer) && !errors.Is(err, gitlab.ErrNotGitLab) && !errors.Is(err, gitlab.ErrRedirected) &&
		!errors.Is(err, gitlab.ErrUnreachable) && !errors.Is(err, gitlab.ErrLocked) && !errors.Is(err, gitlab.ErrOther) {
		return ""
	}
	return "GitLab gave no usable answer for the project " + one.Project.Path + ". If it answers for the others, add this one to exclude until the cause is gone; if the group is in the state already, apply that with -refresh=false."
}

// explain says why something failed, what to do, and what GitLab answered. What
// concerns the whole run is told in full once: in hundreds of resources, nobody
// would find anything else.
func (c *connection) explain(err error) string {
	why, answer := cause(err), requestOf(err)
	if failure, ok := errors.AsType[*gitlab.Error](err); ok {
		shared := string(failure.Kind) + failure.BaseURL
		if failure.Status != 0 {
			shared += failure.Message // that of the network differs from request to request
		}
		// The request that noticed an outage first may be told last.
		outage := failure.Kind == gitlab.ErrUnreachable || failure.Kind == gitlab.ErrServer && failure.Status != http.StatusInternalServerError
		if _, told := c.told.LoadOrStore(shared, true); told && (outage || gitlab.ConcernsAll(err)) {
			why, answer = "As in another error: "+string(failure.Kind)+".", ""
		}
	}
	doubt := ""
	if e, ok := errors.AsType[*gitlab.InDoubtError](err); ok {
		doubt = keyInDoubt(e)
	}
	return paragraphs(ofProjectOfGroup(err), why, answer, doubt)
}

// explainInFull is explain for warnings: Terraform shows only one of many that
// have the same summary, whichever comes first.
func explainInFull(err error) string { return new(connection).explain(err) }

// summariesNamed is how many warnings of a kind name their project.
const summariesNamed = 10

// warningSummaries words the summaries of warnings that many projects may get
// in one run. Terraform shows one warning per summary, so the first few of each
// kind name their project, and the others share one.
type warningSummaries struct {
	mu    sync.Mutex
	given map[string]int
}

// of puts name in the place of "…" in named, or returns shared.
func (s *warningSummaries) of(named, name, shared string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[named]++
	if s.given[named] > summariesNamed {
		return shared
	}
	return strings.Replace(named, "…", name, 1)
}
