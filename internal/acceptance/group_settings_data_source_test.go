package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

func TestGroupSettingsDataSource(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, mixedGroup()...)
	g.sim.AddGroup(gitlabsim.Group{ID: 7, Path: "acme"})
	project := func(id int64, path string, active, integrated bool, name, sentry, api any) map[string]any {
		return map[string]any{"project_id": id, "project": path, "active": active, "integrated": integrated, "project_name": name, "sentry_external_url": sentry, "api_url": api}
	}
	api := project(3, "acme/api", false, false, nil, nil, nil)
	app := project(2, "acme/sub/deep/app", true, true, nil, nil, nil)
	old := project(4, "acme/old", false, false, nil, nil, nil)
	web := project(5, "acme/web", true, false, "Web", "https://sentry.example.com/acme/web/", sentryURL)
	for name, c := range map[string]struct {
		config string
		want   []any
	}{
		"a group with its subgroups":  {groupData("acme"), []any{api, app, web}},
		"by id":                       {groupData("7"), []any{api, app, web}},
		"without subgroups":           {groupData("acme", "include_subgroups = false"), []any{api, web}},
		"a subgroup":                  {groupData("acme/sub"), []any{app}},
		"with archived projects":      {groupData("acme", "include_archived = true"), []any{api, old, app, web}},
		"one without direct projects": {groupData("acme/sub", "include_subgroups = false"), []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := g.newWorkspace(t, g.config(c.config))
			w.apply().ok()
			w.holds(groupAddress, map[string]any{"projects": c.want, "inaccessible": []any{}})
		})
	}
	story(t, "what the token may not read", groupData("acme"), mixedGroup(), func(g *fakeGitLab, w *workspace) {
		g.sim.AddToken(maintainerToken, gitlabsim.Token{Role: gitlabsim.Maintainer, Roles: map[int64]gitlabsim.Role{5: gitlabsim.Developer}, Scopes: []string{"api"}})
		// A project that vanishes between the list and its turn.
		g.sim.AddFault(gitlabsim.Fault{Path: "/projects/2/", Effect: gitlabsim.JSON(http.StatusNotFound, `{"message":"404 Project Not Found"}`)})
		w.apply().ok().says("Warning: The token cannot read the error tracking settings of some projects in group acme", "Left out: acme/sub/deep/app, acme/web.").warns(1).reads(0, 2, 3)
		w.holds(groupAddress, map[string]any{"projects": []any{api}, "inaccessible": []any{
			map[string]any{"project": "acme/sub/deep/app", "project_id": 2, "reason": "404 Project Not Found"}, map[string]any{"project": "acme/web", "project_id": 5, "reason": "403 Forbidden"},
		}})
	})
}

func TestGroupSettingsErrors(t *testing.T) {
	t.Parallel()
	g := newGitLab(t, mixedGroup()...)
	for group, says := range map[string]string{"nothing": "no such group", "/acme": `"acme"`, "": "empty"} {
		g.newWorkspace(t, g.config(groupData(group))).run("plan").fails().says("group", says)
	}
	g.newWorkspace(t, g.block("glpat-wrong")+groupData("acme")).run("plan").fails().says("group acme", "revoked")
	g.sim.AddFault(gitlabsim.Fault{Path: "error_tracking", After: 1, Effect: gitlabsim.JSON(http.StatusInternalServerError, `{}`)})
	g.newWorkspace(t, g.config(groupData("acme"))).run("plan").fails().says("group acme", "Answer: 500")
}
