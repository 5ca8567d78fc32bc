package gitlab

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
)

const (
	// readAhead is how many projects the list may be ahead of their settings.
	readAhead = 10_000
	// mostReadings is how often a list that keeps changing is read.
	mostReadings = 10
)

// ProjectSettings is a project of a group with its settings.
type ProjectSettings struct {
	Project
	Settings
	// Unreadable says why the token may not see this project's settings; nil if
	// it may.
	Unreadable error
}

// ProjectError says at which project a walk ended.
type ProjectError struct {
	Project Project
	Err     error
}

// Error implements error.
func (e *ProjectError) Error() string { return e.Project.Path + ": " + e.Err.Error() }

// Unwrap gives errors.Is and errors.As the error itself.
func (e *ProjectError) Unwrap() error { return e.Err }

// walk reads the settings of all projects in scope. GitLab's list has offset
// pages only: if a project leaves it between two of them, the next page begins
// one later, and a project is missed. So the list is read until nothing of a
// reading is missing in the next one, which is made while settings are still read.
type walk struct {
	*Client
	scope Scope
	// last is the last complete reading, ordered by id.
	last []Project
}

// visit is a project whose settings are on their way, or the error that ends
// the walk.
type visit struct {
	ProjectSettings
	err  error
	done chan struct{}
}

// Walk yields the projects in scope with their settings, in the order in which
// GitLab lists them. It reads ahead, with ten requests in flight over all walks
// of the client. It ends with the first error, which is a [*ProjectError] unless
// the list itself failed; breaking out of it ends its requests.
//
// GET /groups/:id/projects, at least twice, and GET
// /projects/:id/error_tracking/settings for each project in scope.
func (c *Client) Walk(ctx context.Context, scope Scope) iter.Seq2[ProjectSettings, error] {
	return (&walk{Client: c, scope: scope}).visits(ctx)
}

// Survey is what a walk over a group has found.
type Survey struct {
	// Projects are those in scope, sorted by path.
	Projects []ProjectSettings
	// Excluded are the listed projects that Exclude leaves out, sorted by id.
	Excluded []Project
}

// Survey walks over a group to the end. What left the group meanwhile is not
// among the projects. See [Client.Walk].
func (c *Client) Survey(ctx context.Context, scope Scope) (Survey, error) {
	w := &walk{Client: c, scope: scope}
	var s Survey
	for p, err := range w.visits(ctx) {
		if err != nil {
			return Survey{}, err
		}
		s.Projects = append(s.Projects, p)
	}
	// What left meanwhile goes; what was renamed has its last path.
	s.Projects = slices.DeleteFunc(s.Projects, func(p ProjectSettings) bool {
		last := find(w.last, p.ID)
		return last == nil || !scope.includes(*last)
	})
	for i, p := range s.Projects {
		s.Projects[i].Project = *find(w.last, p.ID)
	}
	slices.SortFunc(s.Projects, func(a, b ProjectSettings) int { return cmp.Compare(a.Path, b.Path) })
	s.Excluded = slices.DeleteFunc(w.last, func(p Project) bool { return !scope.Exclude.Exclude(p) })
	return s, nil
}

// find returns the project with an id from a list that is ordered by id; nil if
// it is not there.
func find(projects []Project, id int64) *Project {
	i, found := slices.BinarySearchFunc(projects, id, func(p Project, id int64) int { return cmp.Compare(p.ID, id) })
	if !found {
		return nil
	}
	return &projects[i]
}

func (w *walk) visits(ctx context.Context) iter.Seq2[ProjectSettings, error] {
	return func(yield func(ProjectSettings, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		listed, begun := make(chan *visit, readAhead), make(chan *visit, inFlight)
		go w.list(ctx, listed)
		go w.begin(ctx, listed, begun)
		for v := range begun {
			<-v.done
			if !yield(v.ProjectSettings, v.err) || v.err != nil {
				return
			}
		}
		// They end early, and without an error, if ctx does.
		if ctx.Err() != nil {
			yield(ProjectSettings{}, context.Cause(ctx))
		}
	}
}

// list sends each project in scope once, however often it is listed.
func (w *walk) list(ctx context.Context, listed chan<- *visit) {
	defer close(listed)
	send := func(v *visit) {
		select {
		case listed <- v:
		case <-ctx.Done():
		}
	}
	sent := map[int64]bool{}
	for range mostReadings {
		reading := []Project{}
		for p, err := range w.listed(ctx, w.scope) {
			if err != nil {
				send(&visit{err: err})
				return
			}
			reading = append(reading, p)
			if !sent[p.ID] && w.scope.includes(p) {
				sent[p.ID] = true
				send(&visit{ProjectSettings: ProjectSettings{Project: p}})
			}
		}
		slices.SortFunc(reading, func(a, b Project) int { return cmp.Compare(a.ID, b.ID) })
		reading = slices.CompactFunc(reading, func(a, b Project) bool { return a.ID == b.ID })
		settled := w.last != nil && !slices.ContainsFunc(w.last, func(p Project) bool { return find(reading, p.ID) == nil })
		if w.last = reading; settled {
			return
		}
	}
	send(&visit{err: (&exchange{client: w.Client, method: http.MethodGet, path: groupPath(w.scope.Group, "/projects")}).fail(ErrUnsettled, "")})
}

// begin has the settings of the projects read.
func (w *walk) begin(ctx context.Context, listed <-chan *visit, begun chan<- *visit) {
	defer close(begun)
	for v := range listed {
		v.done = make(chan struct{})
		select {
		case begun <- v:
		case <-ctx.Done():
			return
		}
		var free func()
		if v.err == nil {
			free, v.err = w.TakeSlot(ctx)
		}
		if v.err != nil {
			close(v.done)
			continue
		}
		go func() {
			defer close(v.done)
			defer free()
			v.read(ctx, w.Client)
		}()
	}
}

// read reads the project's settings.
func (v *visit) read(ctx context.Context, c *Client) {
	settings, err := c.GetSettings(ctx, ByID(v.ID))
	switch {
	case err == nil:
		v.Settings = settings
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrProjectNotFound), errors.Is(err, ErrHidden):
		v.Unreadable = err
	default:
		v.err = &ProjectError{v.Project, err}
	}
}
