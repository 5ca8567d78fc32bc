package gitlab

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestKindsOfAnswers(t *testing.T) {
	t.Parallel()
	const jsonType, html = "application/json", "text/html"
	for name, c := range map[string]struct {
		status            int
		contentType, body string
		want              Kind // "" for none
	}{
		"200":                                {200, jsonType, `{}`, ""},
		"299":                                {299, jsonType, `{}`, ""},
		"199":                                {199, jsonType, `{}`, ErrNotGitLab},
		"300":                                {300, jsonType, `{}`, ErrNotGitLab},
		"304":                                {304, "", ``, ErrNotGitLab},
		"399":                                {399, jsonType, `{}`, ErrNotGitLab},
		"400":                                {400, jsonType, `{}`, ErrOther},
		"405 of a moved project":             {405, jsonType, `{"message":"Non GET methods are not allowed for moved projects"}`, ErrOther},
		"415":                                {415, jsonType, `{"error":"The provided content-type 'x' is not supported."}`, ErrOther},
		"JSON of a problem":                  {200, "application/problem+json", `{}`, ""},
		"a page in place of a success":       {200, html, `<html>`, ErrNotGitLab},
		"a page in place of a 403":           {403, html, `<html>`, ErrNotGitLab},
		"a page in place of a 404":           {404, html, `<html>`, ErrNotGitLab},
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &exchange{client: &Client{}, status: c.status, header: http.Header{"Content-Type": {c.contentType}}, body: []byte(c.body)}
			var got Kind
			if failure := x.judge(); failure != nil {
				got = failure.Kind
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestContentTypeIsNamedOrSaidToBeMissing(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"": "no content type", ";": "no content type", "text/HTML; charset=utf-8": "text/html"} {
		x := &exchange{header: http.Header{"Content-Type": {given}}}
		if got := x.contentType(); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}

func TestAnAnswerIsLostOnlyWhereASuccessWasLikely(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{199: false, 200: true, 299: true, 300: false} {
		if got := OutcomeOf(&Error{Kind: ErrNotGitLab, Status: status}) == Unknown; got != want {
			t.Errorf("%d: got %t, want %t", status, got, want)
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
		"GET /x: GitLab cannot be reached: no route to host": {Kind: ErrUnreachable, Cause: cause},
	} {
		failure.Method, failure.Path = http.MethodGet, "/x"
		if got := failure.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if errors.Is(&failure, cause) != (failure.Cause != nil) || !errors.Is(&failure, failure.Kind) {
			t.Errorf("%q does not wrap what it should", want)
		}
	}
}

func TestAHostHeaderNamesTheHost(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{"host": "inner.example.com", "X-Host": "gitlab.example.com"} {
		c := &Client{api: "https://gitlab.example.com/api/v4", config: Config{Headers: map[string]string{header: "inner.example.com"}}}
		req, err := (&exchange{client: c, method: http.MethodGet, path: "/x"}).newRequest(t.Context())
		if err != nil || req.Host != want || req.Header.Get(header) != "inner.example.com" {
			t.Errorf("%s: got host %q, %v", header, req.Host, err)
		}
	}
}

func TestEveryWriteSaysThatItIsJSON(t *testing.T) {
	t.Parallel()
	c := &Client{api: "https://gitlab.example.com/api/v4"}
	for method, want := range map[string]string{"GET": "", "POST": "application/json", "PATCH": "application/json", "PUT": "application/json", "DELETE": "application/json"} {
		req, err := (&exchange{client: c, method: method, path: "/x"}).newRequest(t.Context())
		if err != nil || req.Header.Get("Content-Type") != want {
			t.Errorf("%s: got %q, %v", method, req.Header.Get("Content-Type"), err)
		}
	}
}

func TestAnAnswerOfTenMiBIsRead(t *testing.T) {
	t.Parallel()
	const settings = `{"active":true}`
	for more, kind := range map[int]error{0: nil, 1: ErrNotGitLab} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answers: []any{respond(http.StatusOK, settings+strings.Repeat(" ", maxBody-len(settings)+more))}}
			if _, err := s.client(0).GetSettings(t.Context(), "1"); !errors.Is(err, kind) {
				t.Errorf("%d more than 10 MiB: got error %v, want %v", more, err, kind)
			}
		})
	}
}

func TestAResetADayAheadIsObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for ahead, want := range map[time.Duration]bool{24 * time.Hour: true, 24*time.Hour + time.Second: false} {
			header := http.Header{"Ratelimit-Reset": {strconv.FormatInt(time.Now().Add(ahead).Unix(), 10)}}
			if _, ok := untilReset(header); ok != want {
				t.Errorf("%s ahead is obeyed: %t", ahead, ok)
			}
		}
	})
}

func TestProjectsThatAreNone(t *testing.T) {
	t.Parallel()
	for want, bodies := range map[bool][]projectBody{
		true:  {{ID: 1, Path: "acme/web"}},
		false: {{Path: "acme/web"}, {ID: -1, Path: "acme/web"}, {ID: 1}, {ID: 1, Path: "acme/\x1b"}},
	} {
		for _, body := range bodies {
			if body.valid() != want {
				t.Errorf("%+v is valid: %t", body, !want)
			}
		}
	}
}

func TestWhatMayStillBeUnderWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a time-out":                 {&Error{Kind: ErrUnreachable, Cause: context.DeadlineExceeded}, true},
		"a proxy that did not wait":  {&Error{Kind: ErrServer, Status: 504}, true},
		"a run that was cancelled":   {context.Canceled, true},
		"a proxy with nothing there": {&Error{Kind: ErrServer, Status: 502}, false},
		"a connection that was lost": {&Error{Kind: ErrUnreachable, Cause: errors.New("reset")}, false},
	} {
		if got := OutcomeOf(c.err) == StillRunning; got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
