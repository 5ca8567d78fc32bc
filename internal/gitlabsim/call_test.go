package gitlabsim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestParametersMayComeInThreeForms(t *testing.T) {
	t.Parallel()
	const form = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct{ query, contentType, body string }{
		"as JSON":                                 {"", "application/json", `{"active":false,"integrated":true}`},
		"as JSON with a charset":                  {"", "application/json; charset=utf-8", `{"active":false,"integrated":true}`},
		"as a form":                               {"", form, "active=false&integrated=true"},
		"in the query":                            {"?active=false&integrated=true", "", ""},
		"in the query and as JSON":                {"?active=false", "application/json", `{"integrated":true}`},
		"in the query and as a form":              {"?integrated=true", form, "active=false"},
		"in both, and the body prevails":          {"?active=zz&integrated=zz", form, "active=false&integrated=true"},
		"among others that the API does not have": {"?per_page=1", "application/json", `{"active":false,"integrated":true,"x":[{}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
			got := g.ask(t, request{
				method: "PATCH", path: linkedSettings + test.query,
				contentType: test.contentType, body: test.body,
			})
			expectJSON(t, got, 200, `{"active":false,`+link+`,"integrated":true}`)
		})
	}
}

func TestParametersInAnotherFormAreIgnored(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ contentType, body string }{
		"an empty body":              {"application/json", ""},
		"a JSON null":                {"application/json", "null"},
		"JSON that is not an object": {"application/json", `[{"active":false}]`},
		"an empty form":              {"application/x-www-form-urlencoded", "&"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := start(t, gitlabsim.Config{}).ask(t, request{
				method: "PATCH", path: linkedSettings, contentType: test.contentType, body: test.body,
			})
			expectJSON(t, got, 400, activeMissing)
		})
	}
}

func TestABodyOfAnotherTypeIsRefused(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]http.Header{
		"with a token":                {"Private-Token": {"maintainer"}, "Content-Type": {"text/plain"}},
		"before the token is checked": {"Content-Type": {"text/plain; charset=utf-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := start(t, gitlabsim.Config{}).ask(t, request{
				method: "PATCH", path: linkedSettings, header: header, contentType: header.Get("Content-Type"), body: "active=false",
			})
			expectJSON(t, got, 415, `{"error":"The provided content-type 'text/plain' is not supported."}`)
		})
	}
}

func TestABodyThatIsNotWhatItSaysIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ contentType, body string }{
		"JSON that breaks off":            {"application/json", `{"active":fal`},
		"a form called JSON":              {"application/json", "active=false"},
		"JSON that goes on":               {"application/json", `{"active":false}{}`},
		"a form with a broken escape":     {"application/x-www-form-urlencoded", "active=%zz"},
		"a form separated by a semicolon": {"application/x-www-form-urlencoded", "active=false;integrated=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			got := g.ask(t, request{
				method: "PATCH", path: linkedSettings + "?active=false",
				contentType: test.contentType, body: test.body,
			})
			expectJSON(t, got, 400, strings.ReplaceAll(`{"error":"\nProblem:\n  message body does not match declared format\n`+
				`Resolution:\n  when specifying TYPE as content-type, you must pass valid TYPE in the request's 'body' "}`,
				"TYPE", test.contentType))
			if stored, _ := g.Settings(linkedID); stored != *linked(true, false) {
				t.Errorf("GitLab has stored %+v", stored)
			}
		})
	}
}

func TestWordsThatCountAsBooleans(t *testing.T) {
	t.Parallel()
	for active, words := range map[bool][]string{
		true:  {"1", "on", "On", "ON", "t", "T", "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES"},
		false: {"0", "off", "Off", "OFF", "f", "F", "false", "False", "FALSE", "n", "N", "no", "No", "NO"},
	} {
		t.Run(fmt.Sprintf("for %t", active), func(t *testing.T) {
			t.Parallel()
			g := start(t, gitlabsim.Config{})
			for _, word := range words {
				g.SetSettings(linkedID, linked(!active, false))
				got := g.ask(t, request{method: "PATCH", path: linkedSettings + "?active=" + word})
				expectJSON(t, got, 200, shown(active, link, false))
			}
		})
	}
}

func TestValuesThatDoNotCountAsBooleans(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`"zz"`, `"tRUE"`, `"00"`, `2`, `-1`, `1.5`, `[true]`, `{"active":true}`, `" "`} {
		t.Run(value, func(t *testing.T) {
			t.Parallel()
			got := start(t, gitlabsim.Config{}).ask(t, request{
				method: "PATCH", path: linkedSettings, body: `{"active":` + value + `}`,
			})
			expectJSON(t, got, 400, activeInvalid)
		})
	}
}
