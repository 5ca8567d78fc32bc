package provider

import (
	"strings"
)

const groupForm = `a numeric group id such as "42", or a full path such as "group" or "group/subgroup"`

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
