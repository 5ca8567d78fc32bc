package gitlab

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
)

// answering returns a client of a server that gives every request one answer.
func answering(status int, header http.Header, body string) *Client {
	c := clientOf(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	}), 0)
	c.secrets = secrets{"glpat-x", "more"}
	return c
}

// checkError fails the test unless err says what failed, and not the token.
func checkError(t *testing.T, err error) {
	t.Helper()
	failure, ok := errors.AsType[*Error](err)
	if !ok || failure.Kind == "" || failure.Method == "" || !strings.HasPrefix(failure.Path, "/") {
		t.Errorf("got %#v, want an *Error that is complete", err)
	}
	if text := err.Error(); strings.Contains(text, "glpat-x") || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q is not to be shown", text)
	}
}

func FuzzAnswers(f *testing.F) {
	const jsonType, html = "application/json", "text/html; charset=utf-8"
	const key = `{"id":3,"active":true,"public_key":"glet_0123456789abcdef0123456789abcdef","sentry_dsn":"https://glet_0@gitlab.example.com/api/v4/error_tracking/collector/5"}`
	for _, seed := range []struct {
		status                            uint16
		contentType, location, next, body string
	}{
		{0, jsonType, "", "", `{"active":true,"project_name":"B","sentry_external_url":"https://s/a/b/","api_url":"https://s/api/0/projects/a/b/","integrated":false}`},
		{0, jsonType, "", "", `{"active":true,"message":"api url is a required field","status":"error"}`},
		{0, jsonType, "", "", `{"Active":true}`},
		{0, "application/problem+json", "", "", `{"active":true}`},
		{102, html, "https://gitlab.example.com/users/sign_in", "", "moved"},
		{102, "text/plain", "https://gitlab.example.com/api/v4/projects/7/error_tracking/settings?x=1", "", "moved"},
		{108, "text/plain", "https://[::1", "", "moved"},
		{201, jsonType, "", "", `{"error":"invalid_token","error_description":"Token glpat-x was revoked."}`},
		{204, jsonType, "", "", `{"message":"404 Error Tracking Setting Not Found"}`},
		{222, jsonType, "", "", `{"message":{"a":[1,true,null,{"b":["c"]}]}}`},
		{229, "text/plain", "", "", "Retry later\n"},
		{302, html, "", "", "<html>502 with glpat-x</html>"},
		{0, jsonType, "", "", "[]"}, {0, jsonType, "", "", "[" + key + "]"}, {0, jsonType, "", "2", "[" + key + "]"}, {0, jsonType, "", "", key},
		{0, jsonType, "", "", "[null]"}, {0, jsonType, "", "", "null"}, {0, jsonType, "", "", `[{"id":0,"public_key":"x"}]`},
		{0, jsonType, "", "x", `[{"id":1}]`}, {0, jsonType, "", "-1", "[]"}, {0, jsonType, "", "2", ""},
	} {
		f.Add(seed.status, seed.contentType, seed.location, seed.next, seed.body)
	}
	f.Fuzz(func(t *testing.T, code uint16, contentType, location, next, body string) {
		status := 200 + int(code)%800 // that ends a request
		c := answering(status, http.Header{"Content-Type": {contentType}, "Location": {location}, "X-Next-Page": {next}}, body)
		believed := status < 300 && strings.Contains(strings.ToLower(contentType), "json")
		check := func(key ClientKey, err error) {
			if err != nil {
				checkError(t, err)
			} else if !believed || key.ID <= 0 || key.PublicKey == "" {
				t.Errorf("%d with %q: %s was believed to hold %+v", status, contentType, body, key)
			}
		}
		// A 429 is waited for.
		synctest.Test(t, func(t *testing.T) {
			for key, err := range c.ClientKeys(t.Context(), "1") {
				check(key, err)
			}
			check(c.CreateClientKey(t.Context(), "1"))
			settings, err := c.GetSettings(t.Context(), "1")
			if err != nil {
				checkError(t, err)
				return
			}
			var holds struct {
				Active *bool
				Status any
			}
			if settings == (Settings{}) && words([]byte(body)) == "404 Error Tracking Setting Not Found" {
				return
			}
			if json.Unmarshal([]byte(body), &holds) != nil || !believed || holds.Active == nil || *holds.Active != settings.Active || holds.Status == "error" {
				t.Errorf("%d with %q: %s was believed to be %+v", status, contentType, body, settings)
			}
		})
	})
}
