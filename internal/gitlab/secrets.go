package gitlab

import (
	"cmp"
	"slices"
	"strings"
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

// hide returns text without the secrets.
func (s secrets) hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// hideIn returns an error whose text shows no secret; errors.Is and errors.As
// still find what err wraps.
func (s secrets) hideIn(err error) error {
	shown := s.hide(err.Error())
	if shown == err.Error() {
		return err
	}
	return &hiding{err, shown}
}

type hiding struct {
	err   error
	shown string
}

// Error implements error.
func (h *hiding) Error() string { return h.shown }

// Unwrap gives errors.Is and errors.As the original error.
func (h *hiding) Unwrap() error { return h.err }
