package gitlab

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// shortestSecret keeps a header such as "X-Replica: 1" from making every
// message unreadable.
const shortestSecret = 4

// secrets are the values that must never be shown: the token and the values of
// the configured headers. GitLab does not repeat them, but a proxy in front of
// it might: in an error, in a redirect, as the request id.
type secrets []string

// secrets returns the secrets of c, longest first, so that none is hidden only
// in part.
func (c Config) secrets() secrets {
	found := secrets{c.Token}
	for _, value := range c.Headers {
		found = append(found, strings.TrimSpace(value))
	}
	found = slices.DeleteFunc(found, func(secret string) bool { return len(secret) < shortestSecret })
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return found
}

// clean returns text that a terminal can show, without the secrets.
func (s secrets) clean(text string) string { return s.hide(printable(s.hide(text))) }

// printable puts a space in the place of whatever does not print, such as line
// breaks, escape sequences and marks that reverse the direction of writing.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

func (s secrets) hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// cleanIn returns an error whose text is clean; errors.Is and errors.As still
// find what err wraps.
func (s secrets) cleanIn(err error) error {
	shown := s.clean(err.Error())
	if shown == err.Error() {
		return err
	}
	return &cleaned{err, shown}
}

type cleaned struct {
	err   error
	shown string
}

// Error implements error.
func (c *cleaned) Error() string { return c.shown }

// Unwrap gives errors.Is and errors.As the original error.
func (c *cleaned) Unwrap() error { return c.err }
