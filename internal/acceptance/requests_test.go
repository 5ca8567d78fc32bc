package acceptance_test

import (
	"fmt"
	"strings"
)

const (
	bodyOn  = `{"active":true}`
	bodyOff = `{"active":false}`

	bodyBoth = `{"active":true,"integrated":true}`
)

func get(project string) string { return settingsRequest("GET", project) }

func patch(project, body string) string { return settingsRequest("PATCH", project) + " " + body }

func put(project, body string) string { return settingsRequest("PUT", project) + " " + body }

func settingsRequest(method, project string) string {
	return fmt.Sprintf("%s /projects/%s/error_tracking/settings", method, strings.ReplaceAll(project, "/", "%2F"))
}

// lookUp is the request that finds the id of a path.
func lookUp(path string) string {
	get := get(path)
	return get[:len(get)-len("/error_tracking/settings")]
}

// lookingUp are the requests that follow a look-up, which a project's id needs not.
func lookingUp(project string, then ...string) []string {
	if project == "1" {
		return then
	}
	return append([]string{lookUp(project)}, then...)
}

func keysRequest(method, project string) string {
	return fmt.Sprintf("%s /projects/%s/error_tracking/client_keys", method, strings.ReplaceAll(project, "/", "%2F"))
}

func listKeys(project string) string { return keysRequest("GET", project) + "?page=1&per_page=100" }

func postKey(project string) string { return keysRequest("POST", project) }

func deleteKey(project string, id int64) string {
	return fmt.Sprintf("%s/%d", keysRequest("DELETE", project), id)
}
