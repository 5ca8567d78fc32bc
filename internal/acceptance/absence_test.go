package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestWithoutATokenOnlyWhatNeedsGitLabFails(t *testing.T) {
	t.Parallel()
	const n = 15
	g := newGitLab(t, withSentry())
	block := fmt.Sprintf("provider \"errortracking\" {\n  base_url = %q\n}\n", g.url)
	w := g.newWorkspace(t, block+counted(0, "active = true"))
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
	w.apply().ok().asked()

	const full = "protected CI/CD variable is empty on branches that are not protected"
	for name, body := range map[string]string{
		"settings":                counted(n, "active = true"),
		"client keys":             countedKeys(n, "acme/web"),
		"groups":                  strings.Replace(groupSettings("acme", "active = true"), "group =", "count = 15\n  group =", 1),
		"data sources, of a kind": strings.Replace(dataSource("1"), "project =", "count = 15\n  project =", 1),
	} {
		w.write(block + body)
		out := w.run("plan").fails().says("Missing GitLab token", full).asked()
		text := flat(out.output)
		if once, short := strings.Count(text, full), strings.Count(text, "As in another error."); once != 1 || short != n-1 {
			t.Errorf("%s: told in full %d times, in short %d times:\n%s", name, once, short, out.output)
		}
	}
}

func TestAProviderBlockThatIsNotKnownYetIsToldOnce(t *testing.T) {
	t.Parallel()
	const n = 15
	g := newGitLab(t, linked(n)...)
	later := "resource \"terraform_data\" \"later\" {\n  input = %q\n}\n" +
		fmt.Sprintf("provider \"errortracking\" {\n  base_url = %q\n  token = terraform_data.later.output\n}\n", g.url) + counted(n, "active = true")
	w := g.newWorkspace(t, fmt.Sprintf(later, maintainerToken))
	w.apply().ok()
	g.sim.AddToken("glpat-next", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	w.write(fmt.Sprintf(later, "glpat-next"))
	out := w.run("plan").fails().says("-target", "-refresh=false").asked()
	text := flat(out.output)
	if once, short := strings.Count(text, "known only after apply: token"), strings.Count(text, "As in another error."); once != 1 || short != n-1 {
		t.Errorf("told in full %d times, in short %d times:\n%s", once, short, out.output)
	}
	w.apply("-refresh=false").ok()
	w.run("plan", "-detailed-exitcode").ok()
}
