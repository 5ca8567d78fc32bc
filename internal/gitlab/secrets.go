package gitlab

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// secrets are the values that must never be shown: the token, and the values of
// the configured headers but for ordinary words, such as the tenant's name, which
// may be part of every URL. GitLab does not repeat secrets, but a proxy in front
// of it might: in an error, in a redirect, as the request id.
type secrets []string

// shortestSecret keeps a header such as "X-Key: 1" from making every message
// unreadable.
const shortestSecret = 4

// secrets returns the secrets of c, longest first, so that none is hidden only
// in part.
func (c Config) secrets() secrets {
	found := secrets{c.Token}
	for name, value := range c.Headers {
		if value = strings.TrimSpace(value); namesSecret(name) || !isOrdinary(value) {
			found = append(found, value)
		}
	}
	found = slices.DeleteFunc(found, func(secret string) bool { return len(secret) < shortestSecret })
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return found
}

func namesSecret(header string) bool {
	return regexp.MustCompile(`(?i)auth|bearer|cookie|credential|hmac|jwt|key|pass|pwd|secret|session|signature|token`).MatchString(header)
}

// isOrdinary reports whether a value consists of words in small or in capital
// letters, perhaps with a capital at the beginning, and of small numbers. Tokens,
// passwords and base64 do not.
func isOrdinary(value string) bool {
	const word, between = `([A-Z]?[a-z]{1,15}|[A-Z]{1,15}|[0-9]{1,3})`, `[-_./: ]`
	return regexp.MustCompile("^" + between + "*" + word + "(" + between + "+" + word + ")*" + between + "*$").MatchString(value)
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
