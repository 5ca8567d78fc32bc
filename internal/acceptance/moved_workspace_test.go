package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The gitlab provider's resources.
const (
	gitlabSettings = "gitlab_project_error_tracking_settings"
	gitlabKey      = "gitlab_project_error_tracking_client_key"
)

// moved is a workspace with a moved block to the resource at the address to,
// from one of type from in a state that the gitlab provider wrote.
func (g *fakeGitLab) moved(t *testing.T, from, to, attributes, private, body string) *workspace {
	t.Helper()
	w := g.newWorkspace(t, g.config("moved {\n  from = "+from+".old\n  to = "+to+"\n}\n"+body))
	w.movedFromGitLab = true
	host := "registry.terraform.io"
	if w.real && strings.Contains(filepath.Base(w.command().Path), "tofu") {
		host = "registry.opentofu.org"
	}
	state := fmt.Sprintf(`{"version":4,"terraform_version":"1.11.0","serial":1,"lineage":"00000000-0000-0000-0000-000000000001","outputs":{},"resources":[
{"mode":"managed","type":%q,"name":"old","provider":"provider[\"%s/gitlabhq/gitlab\"]",
"instances":[{"schema_version":0,"attributes":%s,"private":%q}]}],"check_results":null}`, from, host, attributes, private)
	if err := os.WriteFile(w.statePath(), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// movedSettings is moved, from settings.
func (g *fakeGitLab) movedSettings(t *testing.T, project, keep, private, body string) *workspace {
	t.Helper()
	return g.moved(t, gitlabSettings, address, fmt.Sprintf(`{"project":%s,"active":true,"integrated":false,"keep_settings_on_destroy":%s,"api_url":null,"project_name":null,"sentry_external_url":null,"id":"acme/web"}`, project, keep), private, body)
}
