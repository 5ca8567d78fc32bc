package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// survey is what a walk over a group has found.
type survey struct {
	projects groupProjects
	lacking  lacking
	// inaccessible lists the projects that the token may not read.
	inaccessible []string
}

// lacking lists the projects that cannot be turned on as they are.
type lacking struct {
	// Settings lists those that never had settings.
	Settings []string `json:"settings"`
	// Link lists those that have settings, but no Sentry link.
	Link []string `json:"link"`
}

func takeSurvey(ctx context.Context, client *gitlab.Client, scope gitlab.Scope) (survey, error) {
	s := survey{projects: groupProjects{}}
	for p, err := range client.Walk(ctx, scope) {
		switch {
		case err != nil:
			return survey{}, err
		case p.Unreadable != nil:
			s.inaccessible = append(s.inaccessible, p.Path)
			continue
		case !p.Configured:
			s.lacking.Settings = append(s.lacking.Settings, p.Path)
		case p.Settings.APIURL == nil:
			s.lacking.Link = append(s.lacking.Link, p.Path)
		}
		s.projects[p.Path] = groupProject{p.ID, p.Settings.Active, p.Settings.Integrated}
	}
	return s, nil
}

// surveys keeps surveys for the call of Terraform that follows, so that a group
// is walked over once: the plan of a replacement, which Terraform plans as an
// update first, and the create after the plan within an apply.
type surveys struct {
	mu   sync.Mutex
	kept map[string]survey
}

func newSurveys() *surveys { return &surveys{kept: map[string]survey{}} }

// The calls that surveys are kept for.
const (
	forPlan   = "plan"
	forCreate = "create"
)

func (s *surveys) keep(call string, scope gitlab.Scope, found survey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[fmt.Sprint(call, scope)] = found
}

// take returns the survey that was kept, or else a new one.
func (s *surveys) take(ctx context.Context, call string, client *gitlab.Client, scope gitlab.Scope) (survey, error) {
	s.mu.Lock()
	found, ok := s.kept[fmt.Sprint(call, scope)]
	delete(s.kept, fmt.Sprint(call, scope))
	s.mu.Unlock()
	if ok {
		return found, nil
	}
	return takeSurvey(ctx, client, scope)
}
