package gitlabsim

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// call is a request as GitLab's API sees it.
type call struct {
	*http.Request
	body string
	// base is GitLab's URL.
	base string
	// path is escaped: what follows /api/v4, or the whole one outside of the API, where
	// it has no segments.
	path     string
	segments []string
	// query is as it was sent, with its question mark.
	query string
	// What the router finds; the path names a project, a group, or neither.
	params  map[string]string
	token   Token
	project *Project
	group   *Group
}

func readCall(r *http.Request, root string) call {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		// The client went away while it sent the request.
		panic(http.ErrAbortHandler)
	}
	c := call{Request: r, body: string(body), base: origin(r) + root, path: r.URL.EscapedPath()}
	c.query = strings.TrimPrefix(r.URL.RequestURI(), c.path)
	if path, isAPI := strings.CutPrefix(c.path, root+"/api/v4/"); isAPI {
		c.path = "/" + path
		c.segments = strings.Split(strings.TrimSuffix(path, "/"), "/")
	}
	return c
}

func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// readParams reads the parameters: those of the query, of a JSON or form-encoded
// body, and the id in the path. Null counts as empty. It returns GitLab's answer to
// a body of another type, or that is not what it says it is.
func (c *call) readParams() *Answer {
	c.params = map[string]string{}
	c.addParams(c.URL.Query())
	mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case c.body == "" || c.Method == http.MethodGet:
	case mediaType == "application/json":
		if !json.Valid([]byte(c.body)) {
			return malformed(mediaType)
		}
		var object map[string]json.RawMessage
		// JSON that is no object has no parameters.
		_ = json.Unmarshal([]byte(c.body), &object)
		for name, value := range object {
			var text string
			if json.Unmarshal(value, &text) != nil {
				text = string(value)
			}
			c.params[name] = text
		}
	case mediaType == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(c.body)
		if err != nil {
			return malformed(mediaType)
		}
		c.addParams(form)
	default:
		words := fmt.Sprintf("The provided content-type '%s' is not supported.", mediaType)
		return new(invalid(http.StatusUnsupportedMediaType, words))
	}
	if len(c.segments) > 1 {
		// An error means a broken escape, which no id has.
		c.params["id"], _ = url.PathUnescape(c.segments[1])
	}
	return nil
}

func (c *call) addParams(values url.Values) {
	for name, all := range values {
		c.params[name] = all[len(all)-1]
	}
}

func malformed(mediaType string) *Answer {
	return new(invalid(http.StatusBadRequest, fmt.Sprintf("\nProblem:\n  message body does not match declared format\n"+
		"Resolution:\n  when specifying %s as content-type, you must pass valid %[1]s in the request's 'body' ", mediaType)))
}

// number returns a parameter as a number, or 0 if it is not one.
func (c call) number(param string) int {
	n, _ := strconv.Atoi(c.params[param])
	return n
}

// toBoolean accepts the words that Grape's Boolean type accepts.
func toBoolean(text string) (result, valid bool) {
	result = slices.Contains(strings.Fields("1 on On ON t true True TRUE T y yes Yes YES Y"), text)
	return result, result || slices.Contains(strings.Fields("0 off Off OFF f false False FALSE F n no No NO N"), text)
}
