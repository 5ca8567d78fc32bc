package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// The forms of references, for error messages.
const (
	projectForm = `a numeric project id such as "42", or a full path such as "group/project"`
	groupForm   = `a numeric group id such as "42", or a full path such as "group" or "group/subgroup"`
	excludeForm = `the full path of a project or a subgroup such as "group/project", the numeric id of a project, or a pattern of paths such as "group/*/sandbox"`
)

func projectValidator() validator.String {
	return textValidator{summary: "Invalid project", form: projectForm, check: checkProject}
}

func groupValidator() validator.String {
	return textValidator{summary: "Invalid group", form: groupForm, check: checkGroup}
}

func excludeValidator() validator.String {
	return textValidator{summary: "Invalid exclude", form: excludeForm, check: checkExclude}
}

// checkExclude returns nil for an id, a full path of a project or a subgroup, and
// a pattern that such a path can fit.
func checkExclude(entry string) error {
	switch {
	case !gitlab.IsPattern(entry):
		return checkProject(entry)
	case !doublestar.ValidatePattern(entry):
		return errors.New("its brackets or braces are not closed, or it ends in a backslash")
	case !strings.Contains(entry, "/"):
		return fmt.Errorf("a pattern is compared with full paths; write %q", "**/"+entry)
	}
	return checkProject(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`*?[]{}!^,\`, r) {
			return 'x'
		}
		return r
	}, entry))
}

// checkProject returns nil if project can name one: a positive id in its
// shortest form, or a full path as GitLab allows it.
func checkProject(project string) error {
	if path, pasted := pastedPath(project); pasted {
		return urlError(path, checkProject)
	}
	switch {
	case project == "":
		return errors.New("it is empty")
	case strings.ContainsAny(project, " \t\r\n"):
		return errors.New("it contains a space or a line break")
	case strings.Contains(project, "%"):
		return errors.New("it is percent-encoded; write a slash as /")
	case strings.HasPrefix(project, "/") || strings.HasSuffix(project, "/"):
		return fmt.Errorf("it begins or ends with a slash; write %q", strings.Trim(project, "/"))
	case strings.Contains(project, "//"):
		return errors.New("it contains a double slash")
	case !strings.Contains(project, "/"):
		return checkProjectID(project)
	case strings.HasSuffix(project, ".git"):
		return fmt.Errorf("it ends in .git, which belongs to the clone URL; write %q", strings.TrimSuffix(project, ".git"))
	}
	for segment := range strings.SplitSeq(project, "/") {
		if err := checkPathSegment(segment); err != nil {
			return err
		}
	}
	return nil
}

// checkGroup is checkProject for groups, whose path may be one segment.
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

// pastedPath returns the path of a URL from a browser or a clone command; false
// if s is neither.
func pastedPath(s string) (path string, pasted bool) {
	switch {
	case strings.Contains(s, "://"):
		// With a host, the path is shorter than s, so it may be checked in turn.
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			path = u.Path
		}
	case strings.HasPrefix(s, "git@"):
		_, path, _ = strings.Cut(s, ":")
	default:
		return "", false
	}
	path, _, _ = strings.Cut(path, "/-/")
	return strings.TrimSuffix(strings.Trim(path, "/"), ".git"), true
}

// urlError reports a URL, and suggests its path if that passes the check.
func urlError(path string, check func(string) error) error {
	if check(path) != nil {
		return errors.New("it is a URL")
	}
	return fmt.Errorf("it is a URL; try its path: %q", path)
}

func checkProjectID(project string) error {
	id, err := strconv.ParseInt(project, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return errors.New("it is too large for an id")
	case err != nil:
		return errors.New("it is neither a whole number nor a full path; a full path begins with the group or the user and contains a slash")
	case id <= 0:
		return errors.New("an id must be greater than zero")
	case project != strconv.FormatInt(id, 10):
		return fmt.Errorf("write it as %q", strconv.FormatInt(id, 10))
	}
	return nil
}

// checkPathSegment allows the characters that GitLab allows in a path.
func checkPathSegment(s string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	if s == "" || s == "." || s == ".." || strings.HasPrefix(s, "-") || strings.Trim(s, allowed) != "" {
		return fmt.Errorf(`%q is not valid in a GitLab path: use only letters, digits, "_", "-" and ".", and do not begin with "-"`, s)
	}
	return nil
}

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

func (v textValidator) Description(context.Context) string { return v.form }

func (v textValidator) MarkdownDescription(context.Context) string { return v.form }

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
