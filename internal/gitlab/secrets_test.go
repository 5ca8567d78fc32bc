package gitlab

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestHide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers    map[string]string
		text, want string
	}{
		"the token":                           {nil, "you sent glpat-x twice: glpat-x", "you sent *** twice: ***"},
		"a header's value":                    {map[string]string{"X": "swordfish"}, "swordfish and glpat-x", "*** and ***"},
		"a value that holds the token":        {map[string]string{"X": "Bearer glpat-x!"}, "got Bearer glpat-x!", "got ***"},
		"a value with spaces around it":       {map[string]string{"X": " swordfish "}, "got swordfish.", "got ***."},
		"a value of four letters is hidden":   {map[string]string{"X": "four"}, "four is not three", "*** is not three"},
		"a value that is too short is shown":  {map[string]string{"X": "1", "Y": "no"}, "no, not 1", "no, not 1"},
		"an empty value hides nothing":        {map[string]string{"X": ""}, "abc", "abc"},
		"text without a secret is unchanged":  {nil, "abc", "abc"},
		"an escape sequence loses its escape": {nil, "a\x1b[2Jb", "a [2Jb"},
		"a line break is a space":             {nil, "a\r\nb\u2028c", "a  b c"},
		"marks of direction are spaces":       {nil, "a\u202eb\u2066c\u200fd", "a b c d"},
		"bytes that are no text are replaced": {nil, "a\xffb", "a\ufffdb"},
		"letters of other scripts stay":       {nil, "ключ 鍵 é ✓", "ключ 鍵 é ✓"},
		"a secret around a line break":        {map[string]string{"X": "sword\tfish"}, "sword\tfish", "***"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Config{Token: "glpat-x", Headers: c.headers}.secrets()
			if got := s.clean(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			err := errors.Join(errors.New(c.text), context.Canceled)
			if got := s.cleanIn(err); got.Error() != c.want+" context canceled" || !errors.Is(got, context.Canceled) {
				t.Errorf("got error %q", got)
			}
		})
	}
}

func TestASecretThatIsOneOfGitLabsWordsDoesNotChangeTheKind(t *testing.T) {
	t.Parallel()
	c := answering(t, http.StatusNotFound, http.Header{"Content-Type": {"application/json"}}, `{"message":"404 Project Not Found"}`)
	c.secrets = secrets{"Project"}
	_, err := c.GetSettings(t.Context(), "1")
	var failure *Error
	if !errors.As(err, &failure) || failure.Kind != ErrProjectNotFound || failure.Message != "404 *** Not Found" {
		t.Errorf("got %#v", err)
	}
}

func TestASecretThatComesBackAsRequestIDIsHidden(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"of an error":                   `{"message":"403 Forbidden"}`,
		"of an answer over 10 MiB":      strings.Repeat(" ", maxBody+1),
		"of an answer that is not JSON": "<html>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := answering(t, http.StatusForbidden, http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"glpat-x"}}, body)
			_, err := c.GetSettings(t.Context(), "1")
			var failure *Error
			if !errors.As(err, &failure) || failure.RequestID != "***" {
				t.Errorf("got %#v", err)
			}
		})
	}
}
