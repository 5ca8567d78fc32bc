//go:build testacc

package acceptance_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

const dataAddress = "data.errortracking_settings.test"

// TestRealGitLab needs only a GitLab and a token. No API creates a Sentry link,
// so its projects start without settings.
func TestRealGitLab(t *testing.T) {
	g := connect(t)
	g.sweep(t)
	integrated := g.offersIntegrated(t, g.newProject(t))
	mayTurn := os.Getenv("GITLAB_TEST_FLAG") != ""
	t.Logf("projects are made in %s of %s, GitLab %s; integrated backend: %t", g.namespace, g.api, g.version, integrated)

	t.Run("as it is", func(t *testing.T) {
		t.Run("a project without settings is inactive", g.testInactive)
		t.Run("the data source shows a project without settings", g.testDataSource)
		t.Run("turning on Sentry without a link fails at plan", g.testMissingLink)
		t.Run("a renamed project stays the same one", g.testRenamed)
		t.Run("a former path with an extension is found", g.testFormerPath)
		t.Run("a project that is gone", g.testGone)
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
	t.Run("the integrated backend, drift and import", g.testIntegrated)
	t.Run("a refusal", g.testRefused)
	t.Run("what destroy leaves", g.testOnDestroy)
	t.Run("a write after the project was renamed", g.testRenamedWrite)
	t.Run("a client key", g.testClientKey)
}

func (g *realGitLab) testInactive(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	byPath := settings(p.FullPath, "active = false")
	accept(t,
		resource.TestStep{Config: byPath, ConfigStateChecks: []statecheck.StateCheck{isBool("active", false), isBool("integrated", false)}},
		unchanged(byPath),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: p.FullPath,
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "project", ImportStateVerifyIgnore: []string{"original"},
		},
		resource.TestStep{Config: settings(p.id(), "active = false"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
	)
	g.has(t, p, nil)
}

func (g *realGitLab) testDataSource(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	accept(t, resource.TestStep{Config: dataSource(p.FullPath), ConfigStateChecks: []statecheck.StateCheck{
		statecheck.ExpectKnownValue(dataAddress, tfjsonpath.New("active"), knownvalue.Bool(false)),
		statecheck.ExpectKnownValue(dataAddress, tfjsonpath.New("integrated"), knownvalue.Bool(false)),
		statecheck.ExpectKnownValue(dataAddress, tfjsonpath.New("api_url"), knownvalue.Null()),
	}})
}

func (g *realGitLab) testMissingLink(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	accept(t, resource.TestStep{
		Config: settings(p.FullPath, "active = true"), PlanOnly: true,
		ExpectError: words("cannot be turned on yet", "Settings > Monitor > Error Tracking", "integrated = true"),
	})
	g.has(t, p, nil)
}

func (g *realGitLab) testRenamed(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	old := settings(p.FullPath, "active = false")
	accept(t,
		resource.TestStep{Config: old},
		resource.TestStep{PreConfig: func() { g.rename(t, p) }, Config: old, PlanOnly: true},
		resource.TestStep{Config: settings(p.FullPath+"-renamed", "active = false"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
	)
}

func (g *realGitLab) rename(t *testing.T, p realProject) {
	t.Helper()
	g.must(t, 200, "PUT", p.at(), map[string]string{"path": p.Path + "-renamed"}, nil)
}

func (g *realGitLab) testGone(t *testing.T) {
	t.Parallel()
	const gone = "/no-such-project-of-the-acceptance-tests"
	accept(t,
		resource.TestStep{Config: dataSource(g.namespace + gone), ExpectError: words("Cannot read", "no such project")},
		resource.TestStep{Config: settings(g.namespace+gone, "active = false"), ExpectError: words("no such project")},
	)
}

// testFormerPath takes charge of a project by a former path. Newer GitLabs add
// its extension to where they redirect, so that nothing is found there.
func (g *realGitLab) testFormerPath(t *testing.T) {
	t.Parallel()
	p := g.create(t, "/projects", ".io", map[string]any{"namespace_id": g.namespaceID})
	t.Cleanup(func() { g.delete(t, p) })
	g.must(t, 200, "PUT", p.at(), map[string]string{"path": strings.TrimSuffix(p.Path, ".io") + "-renamed"}, nil)
	accept(t,
		resource.TestStep{Config: settings(p.FullPath, "active = false"), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("project_id"), knownvalue.Int64Exact(p.ID)),
		}},
		unchanged(settings(p.FullPath, "active = false")),
	)
}

func (g *realGitLab) testPagesOfKeys(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	for range 101 { // one more than fit on a page
		g.must(t, 201, "POST", keysPath(p), nil, nil)
	}
	accept(t, resource.TestStep{
		Config: "data \"errortracking_client_keys\" \"test\" {\n  project = " + p.id() + "\n}\n" +
			"output \"found\" {\n  value = length(distinct(data.errortracking_client_keys.test.client_keys[*].key_id))\n}\n",
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("found", knownvalue.Int64Exact(101))},
	})
}

func (g *realGitLab) testTokens(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	with := func(level, days int) string {
		return fmt.Sprintf("provider \"errortracking\" {\n  token = %q\n}\n", g.newToken(t, p, level, days)) + settings(p.id(), "active = false")
	}
	accept(t,
		resource.TestStep{Config: with(30, 2), ExpectError: words("Maintainer", "403")},
		resource.TestStep{Config: with(40, 0), ExpectError: words("expired")},
		resource.TestStep{Config: with(40, 2)},
	)
}

// testGroup walks over a group in which some projects are archived or marked
// for deletion, which GitLab tells since 18.9.
func (g *realGitLab) testGroup(t *testing.T, integrated bool) {
	t.Parallel()
	e := g.newEstate(t)
	data := fmt.Sprintf("data \"errortracking_group_settings\" \"test\" {\n  group = %q\n}\n", e.group.GroupPath)
	listed := func(name string, ids ...int64) string {
		return fmt.Sprintf("output %q {\n  value = [for id in %s : contains(data.errortracking_group_settings.test.projects[*].project_id, id)]\n}\n",
			name, strings.ReplaceAll(fmt.Sprint(ids), " ", ", "))
	}
	list := func(found ...bool) knownvalue.Check {
		var checks []knownvalue.Check
		for _, b := range found {
			checks = append(checks, knownvalue.Bool(b))
		}
		return knownvalue.ListExact(checks)
	}
	checks := []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("own", list(true, false))}
	if g.since(18, 9) {
		// With active=true, GitLab leaves out what an archived or doomed group hides.
		checks = append(checks, statecheck.ExpectKnownOutputValue("hidden", list(false, false)))
	}
	accept(t, resource.TestStep{Config: data + listed("own", e.plain.ID, e.archived.ID) + listed("hidden", e.below.ID, e.doomed.ID), ConfigStateChecks: checks})

	group := func(group string, arguments string) string {
		return fmt.Sprintf("resource \"errortracking_group_settings\" \"test\" {\n  group = %q\n  include_subgroups = false\n  %s\n}\n", group, arguments)
	}
	steps := []resource.TestStep{
		{Config: group(e.group.GroupPath, "active = false")}, unchanged(group(e.group.GroupPath, "active = false")),
		{Config: group(e.group.id(), "active = false")}, unchanged(group(e.group.id(), "active = false")),
	}
	want := (*realSettings)(nil)
	if integrated {
		want = &realSettings{Active: true, Integrated: true}
		on := group(e.group.GroupPath, "active = true\n  integrated = true")
		steps = append(steps, resource.TestStep{Config: on}, unchanged(on))
	}
	accept(t, steps...)
	g.has(t, e.plain, want)
	g.has(t, e.archived, nil)
}

// testRefused turns on Sentry in a project that has settings, but no link.
func (g *realGitLab) testRefused(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	g.click(t, p, realSettings{})
	accept(t, resource.TestStep{
		Config:      settings(p.FullPath, "active = true"),
		ExpectError: words("Settings > Monitor > Error Tracking", "api url is a required field"),
	})
	g.has(t, p, &realSettings{})
}

func (g *realGitLab) testFlagOff(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	accept(t, resource.TestStep{
		Config:      settings(p.FullPath, "active = true", "integrated = true"),
		ExpectError: words("integrated backend", "integrated_error_tracking"),
	})
	g.has(t, p, nil)
}

func (g *realGitLab) testIntegrated(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	on := realSettings{Active: true, Integrated: true}
	config := settings(p.FullPath, "active = true", "integrated = true")
	accept(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{isBool("active", true), isBool("integrated", true)}},
		unchanged(config),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: p.FullPath,
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "project", ImportStateVerifyIgnore: []string{"original"},
		},
		resource.TestStep{
			PreConfig:          func() { g.click(t, p, realSettings{Integrated: true}) },
			RefreshState:       true,
			ExpectNonEmptyPlan: true,
			RefreshPlanChecks:  resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
		},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
		resource.TestStep{PreConfig: func() { g.has(t, p, &on) }, Config: config, PlanOnly: true},
	)
	g.has(t, p, &on)
}

func (g *realGitLab) testOnDestroy(t *testing.T) {
	t.Parallel()
	on := realSettings{Active: true, Integrated: true}
	for onDestroy, c := range map[string]struct {
		active string
		want   realSettings
	}{"keep": {"false", realSettings{Integrated: true}}, "disable": {"true", realSettings{Integrated: true}}, "restore": {"false", on}} {
		t.Run(onDestroy, func(t *testing.T) {
			t.Parallel()
			p := g.newProject(t)
			g.click(t, p, on)
			accept(t, resource.TestStep{Config: settings(p.FullPath, "active = "+c.active, `on_destroy = "`+onDestroy+`"`)})
			g.has(t, p, &c.want)
		})
	}
}

func (g *realGitLab) testRenamedWrite(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	accept(t,
		resource.TestStep{Config: settings(p.FullPath, "active = true", "integrated = true")},
		resource.TestStep{
			PreConfig:         func() { g.rename(t, p) },
			Config:            settings(p.FullPath, "active = false", "integrated = true"),
			ConfigStateChecks: []statecheck.StateCheck{isBool("active", false)},
		},
	)
	g.has(t, p, &realSettings{Integrated: true})
}

func (g *realGitLab) testClientKey(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	config := settings(p.FullPath, "active = true", "integrated = true") +
		"resource \"errortracking_client_key\" \"test\" {\n  project = errortracking_settings.test.project\n}\n"
	keys := func() (n int) {
		var list []struct{}
		g.must(t, 200, "GET", keysPath(p), nil, &list)
		return len(list)
	}
	accept(t,
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("errortracking_client_key.test", tfjsonpath.New("active"), knownvalue.Bool(true)),
		}},
		unchanged(config),
		// GitLab itself makes a key when the integrated backend is turned on.
		resource.TestStep{PreConfig: func() {
			if n := keys(); n != 2 {
				t.Errorf("the project has %d keys, want GitLab's own and Terraform's", n)
			}
		}, Config: config, PlanOnly: true},
	)
	if n := keys(); n != 1 {
		t.Errorf("the project has %d keys after destroy, want GitLab's own", n)
	}
}

func TestRealGitLabLosesOnlyLeftovers(t *testing.T) {
	t.Parallel()
	now := time.Now()
	path := throwawayPrefix + strings.ToLower(rand.Text())
	leftover := realProject{
		Path: path, FullPath: "acme/sub/" + path,
		Description: throwawayDescription, CreatedAt: now.Add(-leftoverAge - time.Second),
	}
	renamed := leftover
	renamed.Path += "-renamed"
	renamed.FullPath += "-renamed"
	within := leftover
	within.FullPath = "acme/sub/" + path + "/" + path + "/" + path
	for _, test := range []struct{ is, of realProject }{
		{leftover, leftover}, {renamed, renamed}, {within, realProject{Path: path, GroupPath: "acme/sub/" + path}},
	} {
		if got, found := leftoverOf(test.is, "acme/sub", now); !found || got != test.of {
			t.Errorf("%s is a leftover of %+v, %t, want %+v", test.is.FullPath, got, found, test.of)
		}
	}
	for name, change := range map[string]func(*realProject){
		"of a run that is still going": func(p *realProject) { p.CreatedAt = now.Add(-leftoverAge + time.Second) },
		"of another description":       func(p *realProject) { p.Description = "Ours" },
		"in another group":             func(p *realProject) { p.FullPath = "acme/" + p.Path },
		"in a group below":             func(p *realProject) { p.FullPath = "acme/sub/below/" + p.Path },
		"of another name":              func(p *realProject) { p.Path, p.FullPath = "shop", "acme/sub/shop" },
		"of a longer name":             func(p *realProject) { p.Path += "-kept"; p.FullPath += "-kept" },
		"that GitLab deletes itself":   func(p *realProject) { p.MarkedForDelete = new("2026-01-01") },
	} {
		p := leftover
		change(&p)
		if _, found := leftoverOf(p, "acme/sub", now); found {
			t.Errorf("a project %s would be deleted", name)
		}
	}
}
