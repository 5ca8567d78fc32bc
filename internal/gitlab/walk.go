package gitlab

import (
	"context"
	"errors"
	"iter"
	"strings"
)

// walkRequests is how many requests a walk makes at a time, pages of the list
// included.
const walkRequests = 10

// Scope says which projects of a group a walk visits.
type Scope struct {
	// Group is the id or the full path of the group.
	Group string
	// Subgroups includes the projects of subgroups.
	Subgroups bool
	// Archived includes archived projects.
	Archived bool
	// Exclude lists full paths of projects and of subgroups, which stand for
	// everything below them, in any letter case.
	Exclude []string
}

// Excludes reports whether the project with this full path is excluded.
func (s Scope) Excludes(path string) bool {
	path = strings.ToLower(path) + "/"
	for _, excluded := range s.Exclude {
		if strings.HasPrefix(path, strings.ToLower(excluded)+"/") {
			return true
		}
	}
	return false
}

// ProjectSettings is a project of a group with its settings.
type ProjectSettings struct {
	Project
	Settings Settings
	// Configured is false if the project never had settings.
	Configured bool
	// Unreadable says why the token may not see this project's settings; nil if
	// it may.
	Unreadable error
}

// visit is a project whose settings are on their way, or the error that ends
// the walk.
type visit struct {
	ProjectSettings
	err  error
	done chan struct{}
}

// Walk yields the projects in scope, in the order of their ids, with their
// settings; those that are being deleted are left out. It reads ahead. It ends
// with the first error that concerns more than one project; breaking out of it
// ends its requests.
//
// GET /groups/:id/projects, and GET /projects/:id/error_tracking/settings for
// each project that is not excluded.
func (c *Client) Walk(ctx context.Context, scope Scope) iter.Seq2[ProjectSettings, error] {
	return func(yield func(ProjectSettings, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		slots := make(chan struct{}, walkRequests)
		for v := range c.visits(ctx, slots, c.listed(ctx, slots, scope)) {
			<-v.done
			if !yield(v.ProjectSettings, v.err) || v.err != nil {
				return
			}
		}
		// The visits end early, and without an error, if ctx does.
		if ctx.Err() != nil {
			yield(ProjectSettings{}, context.Cause(ctx))
		}
	}
}

// listed sends the projects in scope. It asks for the next page of the list as
// soon as all of the last one are sent, of which a page may still wait.
func (c *Client) listed(ctx context.Context, slots chan struct{}, scope Scope) <-chan *visit {
	projects := make(chan *visit, perPage)
	send := func(v *visit) bool {
		select {
		case projects <- v:
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		defer close(projects)
		for number := 1; number > 0; {
			if !take(ctx, slots) {
				return
			}
			page, next, err := c.groupProjects(ctx, scope, number)
			<-slots
			if err != nil {
				send(&visit{err: err})
				return
			}
			for _, p := range page {
				project := Project(p)
				if scope.Excludes(p.Path) || project.IsBeingDeleted() {
					continue
				}
				if !send(&visit{ProjectSettings: ProjectSettings{Project: project}}) {
					return
				}
			}
			number = next
		}
	}()
	return projects
}

// visits reads the settings of the projects.
func (c *Client) visits(ctx context.Context, slots chan struct{}, projects <-chan *visit) <-chan *visit {
	visits := make(chan *visit, walkRequests)
	go func() {
		defer close(visits)
		for v := range projects {
			v.done = make(chan struct{})
			select {
			case visits <- v:
			case <-ctx.Done():
				return
			}
			if v.err == nil && !take(ctx, slots) {
				v.err = context.Cause(ctx)
			}
			if v.err != nil {
				close(v.done)
				continue
			}
			go func() {
				defer close(v.done)
				v.read(ctx, c)
				<-slots
			}()
		}
	}()
	return visits
}

// take waits for a slot; it returns false if ctx ends.
func take(ctx context.Context, slots chan<- struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// read reads the project's settings.
func (v *visit) read(ctx context.Context, c *Client) {
	settings, err := c.GetSettings(ctx, ByID(v.ID))
	switch {
	case err == nil:
		v.Settings, v.Configured = settings, true
	case errors.Is(err, ErrSettingsNotFound):
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrProjectNotFound), errors.Is(err, ErrHidden):
		v.Unreadable = err
	default:
		v.err = err
	}
}
