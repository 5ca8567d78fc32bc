package acceptance_test

import (
	"fmt"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

// linked returns projects 1 to n, active with Sentry.
func linked(n int64) []gitlabsim.Project {
	var projects []gitlabsim.Project
	for id := range n {
		projects = append(projects, gitlabsim.Project{ID: id + 1, Path: fmt.Sprintf("acme/p%d", id+1), Settings: gitlabsim.SentryLink(sentryURL)})
	}
	return projects
}

// withSentry is a project that sends its errors to Sentry.
func withSentry() gitlabsim.Project {
	return gitlabsim.Project{ID: 1, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)}
}

// withIntegrated is a project with the integrated backend and no Sentry link.
func withIntegrated() gitlabsim.Project {
	return gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &gitlabsim.Settings{Active: true, Integrated: true}}
}

// app is another project that sends its errors to Sentry.
func app() gitlabsim.Project {
	return gitlabsim.Project{ID: 2, Path: "acme/app", Settings: gitlabsim.SentryLink(sentryURL)}
}

// withBoth is a project with the integrated backend and a Sentry link.
func withBoth() gitlabsim.Project {
	p := withSentry()
	p.Settings.Integrated = true
	return p
}

// withOff is a project whose error tracking is off, and that has no backend.
func withOff() gitlabsim.Project {
	return gitlabsim.Project{ID: 1, Path: "acme/web", Settings: &gitlabsim.Settings{}}
}

// neverConfigured is a project without a record of settings.
func neverConfigured() gitlabsim.Project { return gitlabsim.Project{ID: 1, Path: "acme/web"} }

// turnedOff returns the settings of a project with Sentry, off.
func turnedOff() *gitlabsim.Settings {
	s := gitlabsim.SentryLink(sentryURL)
	s.Active = false
	return s
}

// mixedGroup has projects of every kind, and one of another group.
func mixedGroup() []gitlabsim.Project {
	return []gitlabsim.Project{
		{ID: 5, Path: "acme/web", Settings: gitlabsim.SentryLink(sentryURL)},
		{ID: 2, Path: "acme/sub/deep/app", Settings: &gitlabsim.Settings{Active: true, Integrated: true}},
		{ID: 3, Path: "acme/api"},
		{ID: 4, Path: "acme/old", Archived: true, Settings: &gitlabsim.Settings{}},
		{ID: 1, Path: "acmeother/x", Settings: &gitlabsim.Settings{}},
	}
}

// p21 is a project without anything.
func p21() gitlabsim.Project { return gitlabsim.Project{ID: 21, Path: "acme/p21"} }
