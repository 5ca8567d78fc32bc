package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// movedFrom is a workspace whose state was written by the gitlab provider.
func (g *fakeGitLab) movedFrom(t *testing.T, attributes, private, config string) *workspace {
	t.Helper()
	return g.moved(t, "gitlab_project_error_tracking_settings", address, attributes, private, config)
}

// moved is a workspace with a moved block to the resource at the address to,
// from one of type from in a state that the gitlab provider wrote.
func (g *fakeGitLab) moved(t *testing.T, from, to, attributes, private, config string) *workspace {
	t.Helper()
	w := g.newWorkspace(t, strings.Replace(config, "provider \"errortracking\"", "moved {\n  from = "+from+".old\n  to = "+to+"\n}\nprovider \"errortracking\"", 1))
	w.movedFromGitLab = true
	host := "registry.terraform.io"
	if w.real && strings.Contains(filepath.Base(w.command().Path), "tofu") {
		host = "registry.opentofu.org"
	}
	state := fmt.Sprintf(`{"version":4,"terraform_version":"1.11.0","serial":1,"lineage":"00000000-0000-0000-0000-000000000001","outputs":{},"resources":[
{"mode":"managed","type":%q,"name":"old","provider":"provider[\"%s/gitlabhq/gitlab\"]",
"instances":[{"schema_version":0,"attributes":%s,"private":%q}]}],"check_results":null}`, from, host, attributes, private)
	if err := os.WriteFile(filepath.Join(w.dir, "terraform.tfstate"), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}
