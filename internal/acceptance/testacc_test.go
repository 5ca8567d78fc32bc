//go:build testacc

package acceptance_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	paused  = `{"active":false,"integrated":true}`
	neither = `{"active":false,"integrated":false}`
)

// TestRealGitLab needs only a GitLab and a token. No API creates a Sentry link,
// so its projects start without settings.
func TestRealGitLab(t *testing.T) {
	g := connect(t)
	g.sweep(t)
	integrated := g.offersIntegrated(t, g.newProject(t))
	mayTurn := os.Getenv("GITLAB_TEST_FLAG") != ""
	t.Logf("projects are made in %s of %s, GitLab %s; integrated backend: %t", g.namespace, g.url, g.version, integrated)

	t.Run("as it is", func(t *testing.T) {
		t.Run("a project without settings is inactive", g.testInactive)
		t.Run("a renamed project stays the same one", g.testRenamed)
		t.Run("all pages of client keys", g.testPagesOfKeys)
		t.Run("tokens that may not", g.testTokens)
		if g.namespaceID != 0 {
			t.Run("the projects of a group", func(t *testing.T) { g.testGroup(t, integrated) })
		}
		g.testBackend(t, integrated)
	})
	if mayTurn {
		// Not in a cleanup, when the test's context has ended.
		defer g.setFlag(t, integrated)
		g.setFlag(t, !integrated)
		t.Run("with the flag turned", func(t *testing.T) { g.testBackend(t, !integrated) })
		g.setFlag(t, true)
	}
	t.Run("what GitLab answers", func(t *testing.T) { g.testAnswers(t, integrated || mayTurn, mayTurn) })
}

// testBackend runs the tests of the integrated backend, or those of a GitLab
// that does not offer it.
func (g *realGitLab) testBackend(t *testing.T, integrated bool) {
	if !integrated {
		t.Run("the integrated backend is missing", g.testFlagOff)
		return
	}
	t.Run("the integrated backend, drift, import and a rename", g.testIntegrated)
	t.Run("a refusal", g.testRefused)
	t.Run("what destroy leaves", g.testOnDestroy)
	t.Run("a client key", g.testClientKey)
}

func (g *realGitLab) testInactive(t *testing.T) {
	t.Parallel()
	const gone = "/no-such-project-of-the-acceptance-tests"
	p := g.newProject(t)
	w := g.workspace(t, settings(p.FullPath, "active = false")+dataSource(p.FullPath))
	w.apply().ok()
	w.holds(address, map[string]any{"active": false, "integrated": false})
	w.holds("data."+address, map[string]any{"active": false, "integrated": false, "api_url": nil})
	w.run("plan", "-detailed-exitcode").ok()
	w.write(settings(p.id(), "active = false"))
	w.apply().ok().says("1 changed")
	g.imports(t, p, settings(p.FullPath, "active = false"))
	g.workspace(t, settings(p.FullPath, "active = true")).run("plan").fails().says("cannot be turned on yet", "Settings > Monitor > Error Tracking", "integrated = true")
	w.write(dataSource(g.namespace + gone))
	w.apply().fails().says("Cannot read", "no such project")
	w.write(settings(g.namespace+gone, "active = false"))
	w.apply().fails().says("no such project")
	g.has(t, p, "")
}

// imports imports a project, after which the plan is empty.
func (g *realGitLab) imports(t *testing.T, p realProject, config string) {
	t.Helper()
	w := g.workspace(t, config)
	w.run("import", address, p.FullPath).ok()
	w.run("plan", "-detailed-exitcode").ok()
}

// testRenamed also takes charge of a project by a former path. Newer GitLabs add
// its extension to where they redirect, so that nothing is found there.
func (g *realGitLab) testRenamed(t *testing.T) {
	t.Parallel()
	p := g.create(t, "/projects", g.namespaceID, ".io")
	w := g.workspace(t, settings(p.FullPath, "active = false"))
	w.apply().ok()
	renamed := g.rename(t, p)
	w.run("plan", "-detailed-exitcode").ok()
	w.write(settings(renamed.FullPath, "active = false"))
	w.apply().ok().says("1 changed")

	w = g.workspace(t, settings(p.FullPath, "active = false"))
	w.apply().ok()
	w.holds(address, map[string]any{"project_id": p.ID})
	w.run("plan", "-detailed-exitcode").ok()
}

func (g *realGitLab) testPagesOfKeys(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	for range 101 { // one more than fit on a page
		g.ask(t, 201, "POST", keysPath(p), nil, nil)
	}
	w := g.workspace(t, clientKeys(p.id())+"output \"found\" {\n  value = length(distinct("+keysAddress+".client_keys[*].key_id))\n}\n")
	w.apply().ok().says("found = 101")
}

func (g *realGitLab) testTokens(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	with := func(level, days int) *workspace {
		return g.workspace(t, fmt.Sprintf("provider \"errortracking\" {\n  token = %q\n}\n", g.newToken(t, p, level, days))+settings(p.id(), "active = false"))
	}
	with(30, 2).apply().fails().says("Maintainer", "403")
	with(40, 0).apply().fails().says("expired")
	with(40, 2).apply().ok()
}

// testGroup walks over a group in which some projects are archived or marked
// for deletion, which GitLab tells since 18.9.
func (g *realGitLab) testGroup(t *testing.T, integrated bool) {
	t.Parallel()
	e := g.newEstate(t)
	w := g.workspace(t, groupData(e.group.GroupPath))
	w.apply().ok()
	shown := w.run("show").ok().says(strconv.Quote(e.plain.FullPath)).saysNot(strconv.Quote(e.archived.FullPath))
	for _, hidden := range []realProject{e.below, e.doomed} {
		// With active=true, GitLab leaves out what an archived or doomed group hides.
		if g.since("18.9") && hidden.ID != 0 {
			shown.saysNot(strconv.Quote(hidden.FullPath))
		}
	}

	of := func(group string, arguments ...string) string {
		return groupSettings(group, append(arguments, "include_subgroups = false")...)
	}
	configs := []string{of(e.group.GroupPath, "active = false"), of(e.group.id(), "active = false")}
	want := ""
	if integrated {
		want = bodyBoth
		configs = append(configs, of(e.group.GroupPath, "active = true", "integrated = true"))
	}
	for _, config := range configs {
		w.write(config)
		w.apply().ok()
		w.run("plan", "-detailed-exitcode").ok()
	}
	g.has(t, e.plain, want)
	g.has(t, e.archived, "")
}

// testRefused turns on Sentry in a project that has settings, but no link.
func (g *realGitLab) testRefused(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	g.click(t, p, neither)
	g.workspace(t, settings(p.FullPath, "active = true")).apply().fails().says("Settings > Monitor > Error Tracking", "api url is a required field")
	g.has(t, p, neither)
}

func (g *realGitLab) testFlagOff(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	g.workspace(t, settings(p.FullPath, "active = true", "integrated = true")).apply().fails().says("integrated backend", "integrated_error_tracking")
	g.has(t, p, "")
}

func (g *realGitLab) testIntegrated(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	on := settings(p.FullPath, "active = true", "integrated = true")
	w := g.workspace(t, on)
	w.apply().ok()
	w.holds(address, map[string]any{"active": true, "integrated": true})
	w.run("plan", "-detailed-exitcode").ok()
	g.imports(t, p, on)
	g.click(t, p, paused)
	w.run("plan").ok().says("~ active = false -> true", "1 to change")
	w.apply().ok().says("1 changed")
	g.has(t, p, bodyBoth)
	g.rename(t, p)
	w.write(settings(p.FullPath, "active = false", "integrated = true"))
	w.apply().ok().says("1 changed")
	w.holds(address, map[string]any{"active": false})
	g.has(t, p, paused)
}

func (g *realGitLab) testOnDestroy(t *testing.T) {
	t.Parallel()
	for onDestroy, c := range map[string]struct{ active, after bool }{"keep": {false, false}, "disable": {true, false}, "restore": {false, true}} {
		t.Run(onDestroy, func(t *testing.T) {
			t.Parallel()
			p := g.newProject(t)
			g.click(t, p, bodyBoth)
			w := g.workspace(t, settings(p.FullPath, fmt.Sprintf("active = %t\n  on_destroy = %q", c.active, onDestroy)))
			w.apply().ok()
			w.run("destroy", "-auto-approve").ok()
			g.has(t, p, fmt.Sprintf(`{"active":%t,"integrated":true}`, c.after))
		})
	}
}

func (g *realGitLab) testClientKey(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	has := func(n int) {
		t.Helper()
		var keys []struct{}
		if g.ask(t, 200, "GET", keysPath(p), nil, &keys); len(keys) != n {
			t.Errorf("the project has %d keys, want %d", len(keys), n)
		}
	}
	w := g.workspace(t, settings(p.FullPath, "active = true", "integrated = true")+
		"resource \"errortracking_client_key\" \"test\" {\n  project = errortracking_settings.test.project\n}\n")
	w.apply().ok()
	w.holds(keyAddress, map[string]any{"active": true})
	w.run("plan", "-detailed-exitcode").ok()
	has(2) // GitLab itself makes one when the integrated backend is turned on.
	w.run("destroy", "-auto-approve").ok()
	has(1)
}

func TestRealGitLabLosesOnlyLeftovers(t *testing.T) {
	t.Parallel()
	now := time.Now()
	name := throwawayPrefix + strings.ToLower(rand.Text())
	path := "acme/sub/" + name
	for what, c := range map[string]struct {
		change func(*realProject)
		want   string // the path of what is deleted, "" for nothing
	}{
		"of an earlier run":            {func(*realProject) {}, path},
		"that is renamed":              {func(p *realProject) { p.FullPath += "-renamed" }, path + "-renamed"},
		"in groups of an earlier run":  {func(p *realProject) { p.FullPath += "/" + name + "/" + name }, path},
		"of a run that is still going": {func(p *realProject) { p.CreatedAt = now.Add(-leftoverAge + time.Second) }, ""},
		"of another description":       {func(p *realProject) { p.Description = "Ours" }, ""},
		"in another group":             {func(p *realProject) { p.FullPath = "acme/" + name }, ""},
		"in a group below":             {func(p *realProject) { p.FullPath = "acme/sub/below/" + name }, ""},
		"of another name":              {func(p *realProject) { p.FullPath = "acme/sub/shop" }, ""},
		"of a longer name":             {func(p *realProject) { p.FullPath += "-kept" }, ""},
		"that GitLab deletes itself":   {func(p *realProject) { p.MarkedForDelete = new("2026-01-01") }, ""},
	} {
		p := realProject{FullPath: path, Description: throwawayDescription, CreatedAt: now.Add(-leftoverAge - time.Second)}
		c.change(&p)
		got, found := leftoverOf(p, "acme/sub", now)
		if got.FullPath+got.GroupPath != c.want || found != (c.want != "") {
			t.Errorf("of a project %s, %+v is deleted (%t), want %q", what, got, found, c.want)
		}
	}
}
