package acceptance_test

import (
	"testing"
)

func TestAnIDThatEqualsProjectIDNeedsNoProviderAtPlan(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, withIntegrated())
	w := g.newWorkspace(t, g.config(settings("acme/web", "active = true")+clientKey("acme/web")))
	w.apply().ok()
	w.write("resource \"terraform_data\" \"later\" {\n  input = \"" + maintainerToken + "\"\n}\n" +
		"provider \"errortracking\" {\n  base_url = \"" + g.url + "\"\n  token = terraform_data.later.output\n}\n" +
		settings("1", "active = true") + clientKey("1"))
	w.run("plan", "-refresh=false").ok().says("1 to add, 2 to change, 0 to destroy").asked()
}
