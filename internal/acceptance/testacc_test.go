//go:build testacc

package acceptance_test

import (
	"crypto/rand"
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
	integrated := g.hasIntegrated(t)
	t.Logf("projects are made in %s of %s; integrated backend: %t", g.namespace, g.api, integrated)

	t.Run("a project without settings is inactive", g.testInactive)
	t.Run("the data source shows a project without settings", g.testDataSource)
	t.Run("turning on Sentry without a link fails at plan", g.testMissingLink)
	t.Run("a renamed project stays the same one", g.testRenamed)
	t.Run("a project that is gone", g.testGone)
	if g.namespaceID != 0 {
		t.Run("the group's projects are listed", g.testGroup)
	}
	if !integrated {
		t.Run("the integrated backend is missing", g.testFlagOff)
		return
	}
	t.Run("the integrated backend, drift and import", g.testIntegrated)
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
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "project",
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
	g.must(t, 200, "PUT", "/projects/"+p.id(), map[string]string{"path": p.Path + "-renamed"}, nil)
}

func (g *realGitLab) testGone(t *testing.T) {
	t.Parallel()
	const gone = "/no-such-project-of-the-acceptance-tests"
	accept(t,
		resource.TestStep{Config: dataSource(g.namespace + gone), ExpectError: words("Cannot read", "no such project")},
		resource.TestStep{Config: settings(g.namespace+gone, "active = false"), ExpectError: words("no such project")},
	)
}

func (g *realGitLab) testGroup(t *testing.T) {
	t.Parallel()
	p := g.newProject(t)
	accept(t, resource.TestStep{
		Config: "data \"errortracking_group_settings\" \"test\" {\n  group = \"" + g.namespace + "\"\n  include_subgroups = false\n}\n" +
			"output \"found\" {\n  value = one([for p in data.errortracking_group_settings.test.projects : p.active if p.project == \"" + p.FullPath + "\"])\n}\n",
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("found", knownvalue.Bool(false))},
	})
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
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "project",
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
		g.must(t, 200, "GET", "/projects/"+p.id()+"/error_tracking/client_keys", nil, &list)
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
	if !isLeftover(leftover, "acme/sub", now) || !isLeftover(renamed, "acme/sub", now) {
		t.Error("a leftover is not found")
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
		if isLeftover(p, "acme/sub", now) {
			t.Errorf("a project %s would be deleted", name)
		}
	}
}
