package main

import "github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"

// The projects of the story, by their ids in GitLab.
const (
	shop int64 = iota + 1
	api
	docs
)

// newGitLab is the GitLab at the beginning of the story.
func newGitLab() *gitlabsim.Server {
	sim := gitlabsim.New(gitlabsim.Config{IntegratedErrorTracking: true})
	sim.AddToken(token, gitlabsim.Token{Role: gitlabsim.Maintainer, Scopes: []string{"api"}})
	sim.AddProject(gitlabsim.Project{ID: shop, Path: "acme/shop"})
	sim.AddProject(gitlabsim.Project{
		ID: api, Path: "acme/api",
		Settings: gitlabsim.SentryLink("https://sentry.example.com/api/0/projects/acme/api/"),
	})
	sim.AddProject(gitlabsim.Project{ID: docs, Path: "acme/docs"})
	return sim
}

// step is one sentence of the story, with what happens and what is seen then.
type step struct {
	sentence string
	// click is what someone does in GitLab's web UI.
	click func(*gitlabsim.Server)
	// args are those of the command, if one is run, which must end with exitCode.
	args     []string
	exitCode int
	// says is what the command must say, in this order. Its output is shown
	// from the line of the first to the line of the last.
	says []string
	// has is what GitLab must have then.
	has string
}

func story() []step {
	const (
		before  = "shop never configured, api on (Sentry), docs never configured"
		applied = "shop on (integrated), api on (Sentry), docs never configured"
		shopOff = "shop off (integrated), api on (Sentry), docs never configured"
	)
	return []step{{
		sentence: "GitLab has three projects. One of them, the API, already sends its errors to Sentry.",
		has:      before,
	}, {
		sentence: "Terraform installs the provider just built from this repository.",
		args:     []string{"init"},
		says:     []string{"- Finding", "- Installed errortracking/errortracking"},
		has:      before,
	}, {
		sentence: "A plan shows what examples/quickstart would do. It changes nothing.",
		args:     []string{"plan", "-detailed-exitcode"}, exitCode: 2,
		says: []string{"# errortracking_settings.api will be created", "# errortracking_settings.shop will be created", "Plan: 2 to add, 0 to change, 0 to destroy"},
		has:  before,
	}, {
		sentence: "Apply gives the shop its first settings, with the backend built into GitLab.",
		args:     []string{"apply", "-auto-approve"},
		says:     []string{"Creating...", "Apply complete! Resources: 2 added", `api_errors = "https://sentry.example.com/acme/api/"`},
		has:      applied,
	}, {
		sentence: "Now the plan has nothing to do.",
		args:     []string{"plan", "-detailed-exitcode"},
		says:     []string{"No changes."},
		has:      applied,
	}, {
		sentence: "Someone opens the shop in GitLab's web UI and turns error tracking off.",
		click: func(sim *gitlabsim.Server) {
			sim.SetSettings(shop, &gitlabsim.Settings{Active: false, Integrated: true})
		},
		has: shopOff,
	}, {
		sentence: "Terraform sees the drift.",
		args:     []string{"plan", "-refresh-only", "-detailed-exitcode"}, exitCode: 2,
		says: []string{"# errortracking_settings.shop has changed", "true -> false", "    }"},
		has:  shopOff,
	}, {
		sentence: "An ordinary plan shows the repair. Exit code 2 tells a pipeline that there is one.",
		args:     []string{"plan", "-detailed-exitcode"}, exitCode: 2,
		says: []string{"# errortracking_settings.shop will be updated in-place", "false -> true", "Plan: 0 to add, 1 to change, 0 to destroy"},
		has:  shopOff,
	}, {
		sentence: "Apply repairs it.",
		args:     []string{"apply", "-auto-approve"},
		says:     []string{"Modifying...", "Apply complete! Resources: 0 added, 1 changed"},
		has:      applied,
	}, {
		sentence: "Destroy turns the shop off and restores the API's original settings, as on_destroy says.",
		args:     []string{"destroy", "-auto-approve"},
		says:     []string{"Destroying...", "Destroy complete! Resources: 2 destroyed"},
		has:      shopOff,
	}}
}

// describe tells what GitLab has.
func describe(sim *gitlabsim.Server) string {
	of := func(id int64) string {
		settings, exists := sim.Settings(id)
		if !exists {
			return "never configured"
		}
		state := map[bool]string{true: "on", false: "off"}[settings.Active]
		backend := map[bool]string{true: "integrated", false: "Sentry"}[settings.Integrated]
		return state + " (" + backend + ")"
	}
	return "shop " + of(shop) + ", api " + of(api) + ", docs " + of(docs)
}
