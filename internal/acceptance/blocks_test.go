package acceptance_test

import (
	"fmt"
	"strings"
)

// The addresses of the blocks below.
const (
	address       = "errortracking_settings.test"
	keyAddress    = "errortracking_client_key.test"
	groupResource = "errortracking_group_settings.test"
	keysAddress   = "data.errortracking_client_keys.test"
	groupAddress  = "data.errortracking_group_settings.test"
)

// settings writes a resource block named "test".
func settings(project string, arguments ...string) string {
	return settingsNamed("test", project, arguments...)
}

func settingsNamed(name, project string, arguments ...string) string {
	return fmt.Sprintf("resource \"errortracking_settings\" %q {\n  project = %q\n  %s\n}\n",
		name, project, strings.Join(arguments, "\n  "))
}

// counted manages projects 1 to n with one resource.
func counted(n int, arguments ...string) string {
	return fmt.Sprintf("resource \"errortracking_settings\" \"test\" {\n  count = %d\n  project = count.index + 1\n  %s\n}\n", n, strings.Join(arguments, "\n  "))
}

func clientKey(project string) string { return clientKeyNamed("test", project) }

func clientKeyNamed(name, project string) string {
	return fmt.Sprintf("resource \"errortracking_client_key\" %q {\n  project = %q\n}\n", name, project)
}

// countedKeys makes n keys of one project.
func countedKeys(n int, project string) string {
	return fmt.Sprintf("resource \"errortracking_client_key\" \"test\" {\n  count = %d\n  project = %q\n}\n", n, project)
}

func groupSettings(group string, arguments ...string) string {
	return fmt.Sprintf("resource \"errortracking_group_settings\" \"test\" {\n  group = %q\n  %s\n}\n", group, strings.Join(arguments, "\n  "))
}

func clientKeys(project string) string {
	return fmt.Sprintf("data \"errortracking_client_keys\" \"test\" {\n  project = %q\n}\n", project)
}

func dataSource(project string) string {
	return fmt.Sprintf("data \"errortracking_settings\" \"test\" {\n  project = %q\n}\n", project)
}

func groupData(group string, arguments ...string) string {
	return fmt.Sprintf("data \"errortracking_group_settings\" \"test\" {\n  group = %q\n  %s\n}\n", group, strings.Join(arguments, "\n  "))
}
