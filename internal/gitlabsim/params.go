package gitlabsim

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

func readBody(r *http.Request) (string, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", fmt.Errorf("reading the body of %s %s: %w", r.Method, r.URL, err)
	}
	return string(body), nil
}

// addBodyParams adds the parameters of a JSON or form-encoded body and returns
// false when the body is not in the form that its content type names.
func addBodyParams(params map[string]any, contentType, body string) bool {
	if body == "" {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch mediaType {
	case "application/json":
		decoder := json.NewDecoder(strings.NewReader(body))
		decoder.UseNumber()
		var object map[string]any
		if decoder.Decode(&object) != nil {
			return false
		}
		maps.Copy(params, object)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(body)
		if err != nil {
			return false
		}
		for name, values := range form {
			params[name] = values[0]
		}
	}
	return true
}

// toBoolean knows the words that Grape's Boolean type knows.
func toBoolean(value any) (result, valid bool) {
	switch fmt.Sprint(value) {
	case "1", "on", "On", "ON", "t", "true", "True", "TRUE", "T", "y", "yes", "Yes", "YES", "Y":
		return true, true
	case "0", "off", "Off", "OFF", "f", "false", "False", "FALSE", "F", "n", "no", "No", "NO", "N":
		return false, true
	}
	return false, false
}

// version is GitLab's; the zero value is newer than any.
type version struct{ major, minor int }

func parseVersion(s string) version {
	major, rest, _ := strings.Cut(s, ".")
	minor, _, _ := strings.Cut(rest, ".")
	var v version
	// What is not a number leaves zero, which reads as current.
	v.major, _ = strconv.Atoi(major)
	v.minor, _ = strconv.Atoi(minor)
	return v
}

func (v version) before(major, minor int) bool {
	if v == (version{}) {
		return false
	}
	return v.major < major || v.major == major && v.minor < minor
}
