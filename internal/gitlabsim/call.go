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

// call is a request as GitLab's API sees it.
type call struct {
	method string
	// segments is the decoded path after /api/v4, nil outside of the API.
	segments []string
	path     string
	// query is as it was sent, with its question mark.
	query  string
	params map[string]any
	// unreadable says that the body is not what Content-Type promises.
	unreadable bool
	header     http.Header
	body       string
	origin     string
	root       string
}

func readCall(r *http.Request, root string) (call, error) {
	c := call{
		method: r.Method,
		params: map[string]any{},
		header: r.Header.Clone(),
		origin: "http://" + r.Host,
		root:   root,
		path:   r.URL.EscapedPath(),
	}
	if r.TLS != nil {
		c.origin = "https://" + r.Host
	}
	body, err := readBody(r)
	if err != nil {
		return c, err
	}
	c.body = body
	if r.URL.RawQuery != "" {
		c.query = "?" + r.URL.RawQuery
	}
	for name, values := range r.URL.Query() {
		c.params[name] = values[0]
	}
	c.unreadable = !addBodyParams(c.params, r.Header.Get("Content-Type"), body)

	path, isAPI := strings.CutPrefix(c.path, root+"/api/v4/")
	if !isAPI {
		return c, nil
	}
	c.path = "/" + path
	for segment := range strings.SplitSeq(strings.TrimSuffix(path, "/"), "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			decoded = segment
		}
		c.segments = append(c.segments, decoded)
	}
	return c, nil
}

// matches compares the path; "*" stands for any one segment.
func (c call) matches(pattern ...string) bool {
	if len(pattern) != len(c.segments) {
		return false
	}
	for i, segment := range pattern {
		if segment != "*" && segment != c.segments[i] {
			return false
		}
	}
	return true
}

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

// text returns a parameter as text, or "" if it is not given.
func (c call) text(param string) string {
	if value, given := c.params[param]; given && value != nil {
		return fmt.Sprint(value)
	}
	return ""
}

// number returns a parameter as a number, or 0 if it is not one.
func (c call) number(param string) int {
	n, _ := strconv.Atoi(c.text(param))
	return n
}

// toBoolean accepts the words that Grape's Boolean type accepts.
func toBoolean(value any) (result, valid bool) {
	switch fmt.Sprint(value) {
	case "1", "on", "On", "ON", "t", "true", "True", "TRUE", "T", "y", "yes", "Yes", "YES", "Y":
		return true, true
	case "0", "off", "Off", "OFF", "f", "false", "False", "FALSE", "F", "n", "no", "No", "NO", "N":
		return false, true
	}
	return false, false
}
