package gitlab

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"testing"
)

func TestKindsOfAnswers(t *testing.T) {
	t.Parallel()
	const jsonType, html = "application/json", "text/HTML; charset=utf-8"
	for name, c := range map[string]struct {
		status            int
		contentType, body string
		want              Kind // "" for none
	}{
		"no type":                            {200, "", `{}`, ErrNotGitLab},
		"a type that does not parse":         {200, ";", `{}`, ErrNotGitLab},
		"200":                                {200, jsonType, `{}`, ""},
		"299":                                {299, jsonType, `{}`, ""},
		"199":                                {199, jsonType, `{}`, ErrNotGitLab},
		"300":                                {300, jsonType, `{}`, ErrNotGitLab},
		"399":                                {399, jsonType, `{}`, ErrNotGitLab},
		"400":                                {400, jsonType, `{}`, ErrOther},
		"JSON of a problem":                  {200, "application/problem+json", `{}`, ""},
		"a page in place of a success":       {200, html, `<html>`, ErrNotGitLab},
		"a page in place of a 403":           {403, html, `<html>`, ErrNotGitLab},
		"a page of a proxy that refuses":     {407, html, `<html>`, ErrProxy},
		"a page of a proxy that throttles":   {429, html, `<html>`, ErrRateLimited},
		"a page of a proxy without GitLab":   {502, html, `<html>`, ErrServer},
		"499":                                {499, jsonType, `{}`, ErrOther},
		"500":                                {500, jsonType, `{}`, ErrServer},
		"401":                                {401, jsonType, `{"message":"401 Unauthorized"}`, ErrUnauthorized},
		"403":                                {403, jsonType, `{"message":"403 Forbidden"}`, ErrForbidden},
		"403 without words":                  {403, jsonType, `{}`, ErrForbidden},
		"403 with a reason":                  {403, jsonType, `{"message":"403 Forbidden - Your account has been blocked."}`, ErrForbiddenForReason},
		"403 with an error of its own":       {403, jsonType, `{"error":"no"}`, ErrForbiddenForReason},
		"403 for want of a scope":            {403, jsonType, `{"error":"insufficient_scope"}`, ErrInsufficientScope},
		"403 for want of a permission":       {403, jsonType, `{"error":"insufficient_granular_scope"}`, ErrInsufficientPermission},
		"403 of a read-only instance":        {403, jsonType, `{"message":"You cannot perform write operations on a read-only instance"}`, ErrReadOnly},
		"503 of maintenance mode":            {503, jsonType, `{"message":"GitLab Maintenance: system is in maintenance mode"}`, ErrReadOnly},
		"503":                                {503, jsonType, `{"message":"Service Unavailable"}`, ErrServer},
		"409 of a lock":                      {409, jsonType, `{"message":"409 Conflict: Resource lock"}`, ErrLocked},
		"409":                                {409, jsonType, `{"message":"409 Conflict"}`, ErrOther},
		"404 of a project":                   {404, jsonType, `{"message":"404 Project Not Found"}`, ErrProjectNotFound},
		"404 of a group":                     {404, jsonType, `{"message":"404 Group Not Found"}`, ErrGroupNotFound},
		"404 of settings":                    {404, jsonType, `{"message":"404 Error Tracking Setting Not Found"}`, ErrSettingsNotFound},
		"404 of a key":                       {404, jsonType, `{"message":"404 Not found"}`, ErrClientKeyNotFound},
		"404 of a route":                     {404, jsonType, `{"error":"404 Not Found"}`, ErrNoRoute},
		"404 of something hidden":            {404, jsonType, `{"message":"404 Not Found"}`, ErrHidden},
		"404 of anything else":               {404, jsonType, `{"message":"404 User Not Found"}`, ErrOther},
		"a lock's words with another status": {400, jsonType, `{"message":"409 Conflict: Resource lock"}`, ErrOther},
	} {
		x := &exchange{client: &Client{}, status: c.status, header: http.Header{"Content-Type": {c.contentType}}, body: []byte(c.body)}
		named := map[string]string{"": "no content type", ";": "no content type", html: "text/html"}[c.contentType]
		failure := cmp.Or(x.judge(), &Error{})
		if failure.Kind != c.want || c.want == ErrNotGitLab && named != "" && failure.Message != named {
			t.Errorf("%s: got %q about %q, want %q about %q", name, failure.Kind, failure.Message, c.want, named)
		}
	}
}

func TestWordsAreGitLabsOwn(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"message":"403 Forbidden"}`:                             "403 Forbidden",
		`{"error":"insufficient_scope","error_description":"no"}`: "insufficient_scope: no",
		`{"message":{"base":["one","two"],"active":["three"]}}`:   "active three; base one, two",
		`{"message":["one",2]}`:                                   "one, 2",
		`{"error":{"code":7}}`:                                    "code 7",
		`{}`:                                                      "",
		`null`:                                                    "",
		`no JSON`:                                                 "",
	} {
		if got := words([]byte(body)); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestWhatHasBecomeOfARequestThatFailed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want Outcome
	}{
		"no request at all":                     {errors.New("no"), NotSent},
		"a page in place of no answer yet":      {&Error{Kind: ErrNotGitLab, Status: 199}, Refused},
		"a page in place of a success":          {&Error{Kind: ErrNotGitLab, Status: 200}, Unknown},
		"a page in place of another success":    {&Error{Kind: ErrNotGitLab, Status: 299}, Unknown},
		"a page in place of a redirect":         {&Error{Kind: ErrNotGitLab, Status: 300}, Refused},
		"a run that was cancelled":              {context.Canceled, StillRunning},
		"a run that was out of time":            {context.DeadlineExceeded, StillRunning},
		"403 after a try that may be under way": {&Error{Kind: ErrForbidden, Status: 403, outcome: StillRunning}, StillRunning},
	} {
		if got := OutcomeOf(c.err); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestTextsOfErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("no route to host")
	for want, failure := range map[string]Error{
		"GET /x: GitLab failed":                              {Kind: ErrServer},
		"GET /x: GitLab failed (500)":                        {Kind: ErrServer, Status: 500},
		"GET /x: GitLab failed (500): no":                    {Kind: ErrServer, Status: 500, Message: "no"},
		"GET /x: GitLab cannot be reached: no route to host": {Kind: ErrUnreachable, Message: "no route to host", cause: cause},
	} {
		failure.Method, failure.Path = http.MethodGet, "/x"
		if got := failure.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if errors.Is(&failure, cause) != (failure.cause != nil) || !errors.Is(&failure, failure.Kind) {
			t.Errorf("%q does not wrap what it should", want)
		}
	}
}

func TestARequestSaysWhatItIsForWhichHostAndWithWhichToken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, header    string
		bearer            bool
		host, contentType string
	}{
		{"GET", "host", false, "inner.example.com", ""},
		{"GET", "X-Host", true, "gitlab.example.com", ""},
		{"POST", "X-Host", false, "gitlab.example.com", "application/json"},
		{"DELETE", "X-Host", true, "gitlab.example.com", "application/json"},
	} {
		client := clientOf(nil, 0)
		client.config.Headers, client.config.Bearer = map[string]string{c.header: "inner.example.com"}, c.bearer
		req, err := (&exchange{client: client, method: c.method, path: "/x"}).newRequest(t.Context())
		if err != nil || req.Host != c.host || req.Header.Get(c.header) != "inner.example.com" || req.Header.Get("Content-Type") != c.contentType {
			t.Errorf("%+v: got host %q and headers %v, %v", c, req.Host, req.Header, err)
		}
		token := map[bool][2]string{false: {"t", ""}, true: {"", "Bearer t"}}[c.bearer]
		if got := [2]string{req.Header.Get("PRIVATE-TOKEN"), req.Header.Get("Authorization")}; got != token {
			t.Errorf("%+v: got the tokens %q", c, got)
		}
	}
}
