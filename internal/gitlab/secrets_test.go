package gitlab

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestSecretsAndWhatDoesNotPrintAreHidden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers    map[string]string
		text, want string
	}{
		"the token":                            {nil, "you sent glpat-x twice: glpat-x", "you sent *** twice: ***"},
		"a secret of plain words, by its name": {map[string]string{"X-Proxy-Secret": "swordfish"}, "swordfish and glpat-x", "*** and ***"},
		"a password, by its name":              {map[string]string{"X-Gate-Password": "open"}, "open it", "*** it"},
		"credentials":                          {map[string]string{"authorization": "Basic swordfish"}, "got Basic swordfish", "got ***"},
		"a cookie":                             {map[string]string{"Cookie": "sesame"}, "got sesame", "got ***"},
		"a key, in any letters":                {map[string]string{"X-API-KEY": "sesame"}, "got sesame", "got ***"},
		"a value that holds the token":         {map[string]string{"X": "Bearer glpat-x!"}, "got Bearer glpat-x!", "got ***"},
		"a value with spaces around it":        {map[string]string{"X-Secret": " swordfish "}, "got swordfish.", "got ***."},
		"letters with digits":                  {map[string]string{"X-Gate": "hunter2"}, "got hunter2", "got ***"},
		"small and capital letters":            {map[string]string{"X-Gate": "dGhpc0lz"}, "got dGhpc0lz", "got ***"},
		"letters that are too many for a word": {map[string]string{"X-Gate": "qwertyuiopasdfghjklz"}, "got qwertyuiopasdfghjklz", "got ***"},
		"a long number":                        {map[string]string{"X-Gate": "314159"}, "got 314159", "got ***"},
		"characters that words do not have":    {map[string]string{"X-Gate": "open!"}, "got open!", "got ***"},
		"a scheme is no secret":                {map[string]string{"X-Forwarded-Proto": "https"}, "https://gitlab.example.com", "https://gitlab.example.com"},
		"a tenant is no secret":                {map[string]string{"X-Tenant": "acme"}, "https://gitlab.acme.com/projects/acme%2Fnope", "https://gitlab.acme.com/projects/acme%2Fnope"},
		"a region is no secret":                {map[string]string{"X-Region": "eu-west-1"}, "gitlab.eu-west-1.example.com", "gitlab.eu-west-1.example.com"},
		"an address is no secret":              {map[string]string{"X-Forwarded-For": "10.0.0.17"}, "10.0.0.17", "10.0.0.17"},
		"a name is no secret":                  {map[string]string{"X-Team": "Shop Backend"}, "Shop Backend", "Shop Backend"},
		"a secret of four letters is hidden":   {map[string]string{"X-Key": "four"}, "four is not three", "*** is not three"},
		"a secret that is too short is shown":  {map[string]string{"X-Key": "1", "Y-Key": "no"}, "no, not 1", "no, not 1"},
		"an empty value hides nothing":         {map[string]string{"X": ""}, "abc", "abc"},
		"an escape sequence loses its escape":  {nil, "a\x1b[2Jb", "a [2Jb"},
		"a line break is a space":              {nil, "a\r\nb\u2028c", "a  b c"},
		"marks of direction are spaces":        {nil, "a\u202eb\u2066c\u200fd", "a b c d"},
		"bytes that are no text are replaced":  {nil, "a\xffb", "a\ufffdb"},
		"letters of other scripts stay":        {nil, "ключ 鍵 é ✓", "ключ 鍵 é ✓"},
		"a secret around a line break":         {map[string]string{"X-Key": "sword\tfish"}, "sword\tfish", "***"},
	} {
		s := Config{Token: "glpat-x", Headers: c.headers}.secrets()
		if got := s.clean(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestASecretInAnAnswerIsHiddenAndChangesNoKind(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Error{
		`{"message":"404 Project Not Found"}`: {Kind: ErrProjectNotFound, Message: "404 *** Not Found"},
		strings.Repeat(" ", maxBody+1):        {Kind: ErrNotGitLab, Message: "more than 10 MiB"},
		"<html>":                              {Kind: ErrOther},
	} {
		c := answering(http.StatusNotFound, http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"glpat-x"}}, body)
		c.secrets = secrets{"Project", "glpat-x"}
		_, err := c.GetSettings(t.Context(), "1")
		failure, ok := errors.AsType[*Error](err)
		if !ok || failure.Kind != want.Kind || failure.Message != want.Message || failure.RequestID != "***" {
			t.Errorf("%.40s: got %#v", body, err)
		}
	}
}
