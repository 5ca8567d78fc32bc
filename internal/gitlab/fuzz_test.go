package gitlab

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
)

// answering returns a client of a server that gives every request one answer.
func answering(status int, header http.Header, body string) *Client {
	c := (&script{}).client(0)
	c.secrets = secrets{"glpat-x", "more"}
	c.transport = roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	return c
}

// final maps any number to a status that ends a request.
func final(status uint16) int { return 200 + int(status)%800 }

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

// object returns the body with lower-case keys. ok is false if it is not an
// object, or has a key in several cases, which encoding/json takes for one.
func object(body string) (fields map[string]any, ok bool) {
	var raw map[string]any
	if json.Unmarshal([]byte(body), &raw) != nil {
		return nil, false
	}
	fields = map[string]any{}
	for key, value := range raw {
		folded := strings.ToLower(key)
		if _, twice := fields[folded]; twice {
			return nil, false
		}
		fields[folded] = value
	}
	return fields, true
}

func FuzzSettingsAnswers(f *testing.F) {
	const jsonType, html = "application/json", "text/html; charset=utf-8"
	for _, seed := range []struct {
		status                      uint16
		contentType, location, body string
	}{
		{0, jsonType, "", `{"active":true,"project_name":"B","sentry_external_url":"https://s/a/b/","api_url":"https://s/api/0/projects/a/b/","integrated":false}`},
		{0, jsonType, "", `{"active":true,"message":"api url is a required field","status":"error"}`},
		{0, jsonType, "", `{"Active":true}`},
		{0, "application/problem+json", "", `{"active":true}`},
		{0, "", "", `{"active":true}`},
		{102, html, "https://gitlab.example.com/users/sign_in", "moved"},
		{102, "text/plain", "https://gitlab.example.com/api/v4/projects/7/error_tracking/settings?x=1", "moved"},
		{108, "text/plain", "https://[::1", "moved"},
		{201, jsonType, "", `{"error":"invalid_token","error_description":"Token glpat-x was revoked."}`},
		{204, jsonType, "", `{"message":"404 Error Tracking Setting Not Found"}`},
		{222, jsonType, "", `{"message":{"a":[1,true,null,{"b":["c"]}]}}`},
		{229, "text/plain", "", "Retry later\n"},
		{302, html, "", "<html>502 with glpat-x</html>"},
	} {
		f.Add(seed.status, seed.contentType, seed.location, seed.body)
	}
	f.Fuzz(func(t *testing.T, code uint16, contentType, location, body string) {
		header := http.Header{"Content-Type": {contentType}, "Location": {location}}
		c := answering(final(code), header, body)
		var settings Settings
		var err error
		// A 429 is waited for.
		synctest.Test(t, func(t *testing.T) { settings, err = c.GetSettings(t.Context(), "1") })
		if err != nil {
			checkError(t, err)
			return
		}
		fields, ok := object(body)
		if none := fields["message"] == "404 Error Tracking Setting Not Found"; settings == (Settings{}) && none {
			return
		}
		if status := final(code); status > 299 || !strings.Contains(contentType, "json") ||
			ok && (fields["active"] != settings.Active || fields["status"] == "error") {
			t.Errorf("%d with %q: %s was believed to be %+v", status, contentType, body, settings)
		}
	})
}

func FuzzClientKeyAnswers(f *testing.F) {
	key := `{"id":3,"active":true,"public_key":"glet_0123456789abcdef0123456789abcdef","sentry_dsn":"https://glet_0@gitlab.example.com/api/v4/error_tracking/collector/5"}`
	for _, seed := range []struct{ body, next string }{
		{"[]", ""}, {"[" + key + "]", ""}, {"[" + key + "]", "2"}, {key, ""}, {"[null]", ""}, {"null", ""},
		{`[{"id":0,"public_key":"x"}]`, ""}, {`[{"id":1}]`, "x"}, {"[]", "-1"}, {"", "2"}, {`{"message":"403 Forbidden"}`, ""},
	} {
		f.Add(uint16(0), seed.next, seed.body)
	}
	f.Fuzz(func(t *testing.T, code uint16, next, body string) {
		if final(code) == http.StatusTooManyRequests {
			return // It is waited for, and never a key.
		}
		c := answering(final(code), http.Header{"Content-Type": {"application/json"}, "X-Next-Page": {next}}, body)
		check := func(key ClientKey, err error) {
			if err != nil {
				checkError(t, err)
			} else if key.ID <= 0 || key.PublicKey == "" {
				t.Errorf("%s was believed to hold %+v", body, key)
			}
		}
		for key, err := range c.ClientKeys(t.Context(), "1") {
			check(key, err)
		}
		check(c.CreateClientKey(t.Context(), "1"))
	})
}

func FuzzWaits(f *testing.F) {
	const now = "Mon, 02 Nov 2026 10:00:00 GMT"
	for _, seed := range [][3]string{
		{"60", "", now}, {"0", "", now}, {"-5", "", now}, {"99999999999", "", now}, {"Mon, 02 Nov 2026 10:01:00 GMT", "", now},
		{"", "1793613660", now}, {"", "9223372036854775807", now}, {"", "999999999999", now}, {"", "-9223372036854775808", now}, {"", "soon", ""}, {"", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], int64(time.Second))
	}
	f.Fuzz(func(t *testing.T, retryAfter, reset, date string, waited int64) {
		header := http.Header{"Retry-After": {retryAfter}, "Ratelimit-Reset": {reset}, "Date": {date}, "Ratelimit-Remaining": {"0"}}
		new(rateLimit).observe(header)
		wait := askedToWait(http.StatusTooManyRequests, header)
		if wait < 0 {
			t.Errorf("asked to wait %s", wait)
		}
		before := time.Duration(waited).Abs() % (maxWait + 1)
		request := &tries{waited: before}
		if _, may := request.wait(wait); may && before+wait > maxWait || request.waited < before || request.waited > maxWait {
			t.Errorf("after %s it may wait %s, and has waited %s then", before, wait, request.waited)
		}
	})
}
