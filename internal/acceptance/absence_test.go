package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// later is a block whose output is known only after apply; there is no other
// resource like it that needs no other provider.
func later(value string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"later\" {\n  input = %q\n}\n", value)
}

// blockLater is a provider block whose token is known only after apply.
func (g *fakeGitLab) blockLater(token string) string {
	return later(token) + strings.Replace(g.block(""), `""`, "terraform_data.later.output", 1)
}

func TestWithoutATokenOnlyWhatNeedsGitLabFails(t *testing.T) {
	t.Parallel()
	const n = 15
	g := newGitLab(t, withSentry())
	block := fmt.Sprintf("provider \"errortracking\" {\n  base_url = %q\n}\n", g.url)
	w := g.newWorkspace(t, block+counted(0, "active = true"))
	w.run("plan", "-detailed-exitcode").ok().says("No changes")
	w.apply().ok().asked()
	for _, body := range []string{
		counted(n, "active = true"), countedKeys(n, "acme/web"),
		strings.Replace(groupSettings("acme", "active = true"), "group =", "count = 15\n  group =", 1),
		strings.Replace(dataSource("1"), "project =", "count = 15\n  project =", 1),
	} {
		w.write(block + body)
		// Newer Terraforms merge equal errors.
		w.run("plan").fails().says("Missing GitLab token", "As in another error.").asked().
			repeats("protected CI/CD variable is empty on branches that are not protected", 1)
	}
}

func TestAProviderBlockThatIsNotKnownYetIsToldOnce(t *testing.T) {
	t.Parallel()
	const n = 15
	g := newGitLab(t, linked(n)...)
	w := g.newWorkspace(t, g.blockLater(maintainerToken)+counted(n, "active = true"))
	w.run("plan").ok().says("16 to add").asked()
	w.apply().ok().says("16 added")
	g.sim.AddToken("glpat-next", gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	w.write(g.blockLater("glpat-next") + counted(n, "active = true"))
	w.run("plan").fails().says("The provider is not configured yet", "-target", "-refresh=false", "As in another error.").asked().
		repeats("known only after apply: token", 1)
	w.settles("-refresh=false")
}

func TestAnIDThatEqualsProjectIDNeedsNoGitLab(t *testing.T) {
	t.Parallel()
	g, w := applied(t, settings("acme/web", "active = true")+clientKey("acme/web"), withIntegrated())
	byID := settings("1", "active = true") + clientKey("1")
	w.write(g.blockLater(maintainerToken) + byID)
	w.run("plan", "-refresh=false").ok().says("1 to add, 2 to change, 0 to destroy").asked()
	w.with(byID).settles("-refresh=false").says("2 changed").asked()
}
