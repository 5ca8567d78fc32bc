package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// Project 42 was renamed from formerPath, whose extension GitLab appends to the
// redirect of a look-up.
const (
	formerPath = "acme/web.example.io"
	newPath    = "acme/site.example.io"
)

// renamedWithExtension is a GitLab in which the look-up of formerPath leads to
// /projects/42.io, which does not exist.
func renamedWithExtension(t *testing.T) *fakeGitLab {
	t.Helper()
	g := newGitLab(t, gitlabsim.Project{ID: 42, Path: formerPath, Settings: gitlabsim.SentryLink(sentryURL)})
	g.sim.MoveProject(42, newPath)
	g.redirectLookUps("/projects/42.io")
	return g
}

// redirectLookUps answers the look-up of formerPath with a redirect to target.
func (g *fakeGitLab) redirectLookUps(target string) {
	g.onLookUp("acme%2Fweb.example.io", gitlabsim.Status(http.StatusMovedPermanently,
		http.Header{"Location": {g.url + "/api/v4" + target}}, "This resource has been moved permanently to "+g.url+"/api/v4"+target))
}

// onLookUp strikes GET /projects/:id, and nothing below it.
func (g *fakeGitLab) onLookUp(project string, effect gitlabsim.Effect) {
	path := "/projects/" + project
	g.sim.AddFault(gitlabsim.Fault{Method: http.MethodGet, Path: path, Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		if strings.HasSuffix(r.URL.EscapedPath(), path) {
			effect(w, r, answer)
			return
		}
		gitlabsim.Delay(0)(w, r, answer)
	}})
}

func TestALookUpTakesTheIDFromARedirectWithAnExtension(t *testing.T) {
	t.Parallel()
	off := `on_destroy = "disable"`
	t.Run("on create and destroy", func(t *testing.T) {
		t.Parallel()
		g := renamedWithExtension(t)
		w := g.newWorkspace(t, g.config(settings(formerPath, "active = true", off)))
		w.apply().ok().says("1 added")
		w.run("show").ok().says("project_id = 42")
		w.run("plan", "-detailed-exitcode").ok().asked(get("42"))
		w.run("destroy", "-auto-approve").ok().writes(patch("42", bodyOff))
	})
	t.Run("on create and destroy of a key", func(t *testing.T) {
		t.Parallel()
		g := renamedWithExtension(t)
		w := g.newWorkspace(t, g.config(clientKey(formerPath)))
		w.apply().ok().says("1 added")
		w.run("plan", "-detailed-exitcode").ok().asked(listKeys("42"))
		w.run("destroy", "-auto-approve").ok().writes(deleteKey("42", 1))
	})
	t.Run("on import", func(t *testing.T) {
		t.Parallel()
		g := renamedWithExtension(t)
		w := g.newWorkspace(t, g.config(settings(formerPath, "active = true")+clientKey(formerPath)))
		g.sim.AddClientKey(42)
		w.run("import", address, formerPath).ok()
		w.run("import", keyAddress, formerPath+":1").ok()
		w.run("plan", "-detailed-exitcode").ok().says("No changes")
	})
	t.Run("where the former path is configured again", func(t *testing.T) {
		t.Parallel()
		g := renamedWithExtension(t)
		w := g.newWorkspace(t, g.config(settings(newPath, "active = true")+clientKey(newPath)))
		w.apply().ok().says("2 added")
		w.write(g.config(settings(formerPath, "active = true") + clientKey(formerPath)))
		w.run("plan").ok().says("0 to add, 2 to change, 0 to destroy").saysNot("Warning")
		w.apply().ok().says("0 added, 2 changed, 0 destroyed").writes()
	})
	t.Run("in a state of the gitlab provider", func(t *testing.T) {
		t.Parallel()
		g := renamedWithExtension(t)
		old := strings.ReplaceAll(fmt.Sprintf(oldState, "true"), "acme/web", formerPath)
		w := g.movedFrom(t, old, "", g.config(settings(newPath, "active = true")))
		w.run("plan").ok().says("0 to add, 1 to change, 0 to destroy").saysNot("is gone")
		w.apply().ok()
		w.run("show").ok().says("project_id = 42")
	})
	t.Run("in such a state that is destroyed without a refresh", func(t *testing.T) {
		t.Parallel()
		g := renamedWithExtension(t)
		old := strings.ReplaceAll(fmt.Sprintf(oldState, "true"), "acme/web", formerPath)
		w := g.movedFrom(t, old, "", g.config(settings(formerPath, "active = true", off)))
		w.apply("-refresh=false").ok()
		w.run("destroy", "-auto-approve", "-refresh=false").ok().says("1 destroyed").writes(patch("42", bodyOff))
	})
}

// The redirect says that there is a project, and its id.
func TestALookUpThatFailsAfterARedirectIsNoMissingProject(t *testing.T) {
	t.Parallel()
	managed := func(t *testing.T) (*fakeGitLab, *workspace) {
		t.Helper()
		g := newGitLab(t, gitlabsim.Project{ID: 42, Path: formerPath, Settings: gitlabsim.SentryLink(sentryURL)})
		g.sim.MoveProject(42, newPath)
		w := g.newWorkspace(t, g.config(settings(newPath, "active = true")+clientKey(newPath)))
		w.apply().ok()
		w.write(g.config(settings(formerPath, "active = true") + clientKey(formerPath)))
		return g, w
	}
	notFound := gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Project Not Found"}`)
	for name, effect := range map[string]gitlabsim.Effect{
		"404": notFound,
		"403": gitlabsim.JSON(http.StatusForbidden, `{"message":"403 Forbidden"}`),
		"500": gitlabsim.JSON(http.StatusInternalServerError, `{"message":"500 Internal Server Error"}`),
	} {
		t.Run(name+" at its end replaces nothing", func(t *testing.T) {
			t.Parallel()
			g, w := managed(t)
			g.redirectLookUps("/projects/42")
			g.onLookUp("42", effect)
			w.run("plan").saysNot("replaced", "to add, 0 to change, 1 to destroy", "2 to destroy", "There is no such project", "cannot find project")
		})
	}
	t.Run("nor does a redirect to another project's id with an extension", func(t *testing.T) {
		t.Parallel()
		g, w := managed(t)
		g.sim.AddProject(gitlabsim.Project{ID: 7, Path: "acme/other", Settings: gitlabsim.SentryLink(sentryURL)})
		g.redirectLookUps("/projects/7.io")
		// It really is another project, so here a replacement is right.
		w.run("plan").ok().says("2 to add, 0 to change, 2 to destroy")
	})
}
