package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func paths(want ...string) statecheck.StateCheck {
	checks := make([]knownvalue.Check, len(want))
	for i, path := range want {
		checks[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"project": knownvalue.StringExact(path)})
	}
	return statecheck.ExpectKnownValue(groupAddress, tfjsonpath.New("projects"), knownvalue.ListExact(checks))
}

func TestGroupSettingsDataSource(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, mixedGroup()...)
	g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
	for name, c := range map[string]struct {
		config string
		want   []string
	}{
		"a group with its subgroups":  {groupData("acme"), []string{"acme/api", "acme/sub/deep/app", "acme/web"}},
		"by id":                       {groupData("7"), []string{"acme/api", "acme/sub/deep/app", "acme/web"}},
		"without subgroups":           {groupData("acme", "include_subgroups = false"), []string{"acme/api", "acme/web"}},
		"a subgroup":                  {groupData("acme/sub"), []string{"acme/sub/deep/app"}},
		"with archived projects":      {groupData("acme", "include_archived = true"), []string{"acme/api", "acme/old", "acme/sub/deep/app", "acme/web"}},
		"one without direct projects": {groupData("acme/sub", "include_subgroups = false"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			accept(t, resource.TestStep{Config: g.config(c.config), ConfigStateChecks: []statecheck.StateCheck{
				paths(c.want...), statecheck.ExpectKnownValue(groupAddress, tfjsonpath.New("inaccessible"), knownvalue.ListSizeExact(0)),
			}})
		})
	}
	accept(t, resource.TestStep{Config: g.config(groupData("acme")), ConfigStateChecks: []statecheck.StateCheck{
		statecheck.ExpectKnownValue(groupAddress, tfjsonpath.New("projects"), knownvalue.ListExact([]knownvalue.Check{
			knownvalue.ObjectExact(map[string]knownvalue.Check{
				"project_id": knownvalue.Int64Exact(3), "project": knownvalue.StringExact("acme/api"),
				"active": knownvalue.Bool(false), "integrated": knownvalue.Bool(false),
				"project_name": knownvalue.Null(), "sentry_external_url": knownvalue.Null(), "api_url": knownvalue.Null(),
			}),
			knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"project_id": knownvalue.Int64Exact(2), "active": knownvalue.Bool(true), "integrated": knownvalue.Bool(true),
			}),
			knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"project_id": knownvalue.Int64Exact(5), "active": knownvalue.Bool(true), "integrated": knownvalue.Bool(false),
				"project_name": knownvalue.StringExact("Web"), "api_url": knownvalue.StringExact(sentryURL),
				"sentry_external_url": knownvalue.StringExact("https://sentry.example.com/acme/web/"),
			}),
		})),
	}})
}

func TestGroupSettingsErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		group  string
		token  string
		effect gitlabsim.Effect
		says   []string
	}{
		"a group that is not found": {"nothing", maintainerToken, nil, []string{"group nothing", "no such group"}},
		"a malformed group":         {"/acme", maintainerToken, nil, []string{"Invalid group", `"acme"`}},
		"an empty group":            {"", maintainerToken, nil, []string{"Invalid group", "empty"}},
		"a rejected token":          {"acme", "glpat-wrong", nil, []string{"group acme", "revoked"}},
		"500 among the projects":    {"acme", maintainerToken, gitlabsim.JSON(http.StatusInternalServerError, `{}`), []string{"group acme", "Answer: 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitLab(t, mixedGroup()...)
			if c.effect != nil {
				g.sim.AddFault(gitlabsim.Fault{Path: "error_tracking", After: 1, Effect: c.effect})
			}
			accept(t, resource.TestStep{Config: g.block(c.token) + groupData(c.group), ExpectError: words(c.says...)})
		})
	}
}

func TestGroupSettingsOfSeveralHundredProjects(t *testing.T) {
	t.Parallel()
	const n = 350
	var projects []gitlabsim.Project
	hidden := map[int64]gitlabsim.Role{}
	for id := int64(1); id <= n; id++ {
		projects = append(projects, gitlabsim.Project{ID: id, Path: fmt.Sprintf("acme/team%d/p%03d", id%7, id), Settings: gitlabsim.SentryLink(sentryURL)})
		if id%50 == 0 {
			hidden[id] = gitlabsim.Developer
		}
	}
	g := newGitLab(t, projects...)
	g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: hidden, Scopes: []string{"api"}})
	// A project that vanishes between the list and its turn.
	g.sim.AddFault(gitlabsim.Fault{Path: "/projects/33/", Effect: gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Project Not Found"}`)})
	var underWay, most atomic.Int32
	g.sim.AddFault(gitlabsim.Fault{Effect: func(w http.ResponseWriter, r *http.Request, answer func() gitlabsim.Answer) {
		now := underWay.Add(1)
		defer underWay.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		gitlabsim.Delay(5*time.Millisecond)(w, r, answer)
	}})

	w := g.newWorkspace(t, g.config(groupData("acme")+`
output "counts" {
  value = "${length(data.errortracking_group_settings.test.projects)} of ${length(data.errortracking_group_settings.test.projects) + length(data.errortracking_group_settings.test.inaccessible)}"
}
output "reasons" {
  value = distinct(data.errortracking_group_settings.test.inaccessible[*].reason)
}
`))
	out := w.run("plan").ok().says("342 of 350", `"403 Forbidden"`, `"404 Project Not Found"`,
		"Warning: The token cannot read the error tracking settings of some projects in group acme")
	if count := strings.Count(out.output, "Warning"); count != 1 {
		t.Errorf("%d warnings, want 1", count)
	}
	if len(out.requests) != n+8 {
		t.Errorf("%d requests, want one a project and 4 pages twice", len(out.requests))
	}
	if got := most.Load(); got > 10 || got < 5 {
		t.Errorf("%d requests at a time, want 10 at most, and several", got)
	}
}

func TestACheckBlockReportsAProjectWithTrackingOff(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, mixedGroup()...)
	w := g.newWorkspace(t, g.config(groupData("acme")+`
check "error_tracking_is_on" {
  assert {
    condition     = alltrue(data.errortracking_group_settings.test.projects[*].active)
    error_message = "Off in: ${join(", ", [for p in data.errortracking_group_settings.test.projects : p.project if !p.active])}"
  }
}
`))
	w.run("plan").ok().says("Off in: acme/api")
}
