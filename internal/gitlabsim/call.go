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
	// segments is the escaped path after /api/v4, nil outside of the API.
	segments []string
	path     string
	// query is as it was sent, with its question mark.
	query  string
	params map[string]any
	// unreadable is the answer to a body that GitLab does not understand.
	unreadable *Answer
	header     http.Header
	body       string
	// base is GitLab's URL.
	base string
	// What the router finds: the token, and the project or group that the path names.
	token   Token
	project *project
	group   *Group
}

// api is the URL of the API.
func (c call) api() string { return c.base + "/api/v4" }

func readCall(r *http.Request, root string) (call, error) {
	c := call{
		method: r.Method,
		params: map[string]any{},
		header: r.Header.Clone(),
		base:   origin(r) + root,
		path:   r.URL.EscapedPath(),
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return c, fmt.Errorf("reading the body of %s %s: %w", r.Method, r.URL, err)
	}
	c.body = string(body)
	if r.URL.RawQuery != "" {
		c.query = "?" + r.URL.RawQuery
	}
	c.addParams(r.URL.Query())
	c.unreadable = c.addBodyParams(r.Header.Get("Content-Type"))

	path, isAPI := strings.CutPrefix(c.path, root+"/api/v4/")
	if !isAPI {
		return c, nil
	}
	c.path = "/" + path
	c.segments = strings.Split(strings.TrimSuffix(path, "/"), "/")
	if len(c.segments) > 1 {
		// An error means a broken escape, which no id has.
		c.params["id"], _ = url.PathUnescape(c.segments[1])
	}
	return c, nil
}

func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (c call) addParams(values url.Values) {
	for name, all := range values {
		c.params[name] = all[len(all)-1]
	}
}

// addBodyParams adds the parameters of a JSON or form-encoded body. It returns
// GitLab's answer to a body of another type, or that is not what it says it is.
func (c call) addBodyParams(contentType string) *Answer {
	if c.body == "" || c.method == http.MethodGet {
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	switch mediaType {
	case "application/json":
		if !json.Valid([]byte(c.body)) {
			return malformed(mediaType)
		}
		decoder := json.NewDecoder(strings.NewReader(c.body))
		decoder.UseNumber()
		var object map[string]any
		// JSON that is no object has no parameters.
		_ = decoder.Decode(&object)
		maps.Copy(c.params, object)
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(c.body)
		if err != nil {
			return malformed(mediaType)
		}
		c.addParams(form)
	default:
		words := fmt.Sprintf("The provided content-type '%s' is not supported.", mediaType)
		return new(invalid(http.StatusUnsupportedMediaType, words))
	}
	return nil
}

func malformed(mediaType string) *Answer {
	return new(invalid(http.StatusBadRequest, fmt.Sprintf("\nProblem:\n  message body does not match declared format\n"+
		"Resolution:\n  when specifying %s as content-type, you must pass valid %[1]s in the request's 'body' ", mediaType)))
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
