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
	// Unreadable says why the token may not see the settings; nil if it may.
	Unreadable error
}

// ProjectError says at which project a walk ended.
type ProjectError struct {
	Project Project
	Err     error
}

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
	// listed is the last complete reading, by id.
	listed map[int64]Project
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
func (c *Client) Survey(ctx context.Context, scope Scope) (s Survey, err error) {
	w := &walk{Client: c, scope: scope}
	var visited []ProjectSettings
	for p, err := range w.visits(ctx) {
		if err != nil {
			return Survey{}, err
		}
		visited = append(visited, p)
	}
	for _, p := range visited {
		// What left meanwhile goes; what was renamed has its last path.
		if last, listed := w.listed[p.ID]; listed && scope.Includes(last) {
			p.Project = last
			s.Projects = append(s.Projects, p)
		}
	}
	for _, p := range w.listed {
		if scope.Exclude.Exclude(p) {
			s.Excluded = append(s.Excluded, p)
		}
	}
	slices.SortFunc(s.Projects, func(a, b ProjectSettings) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(s.Excluded, func(a, b Project) int { return cmp.Compare(a.ID, b.ID) })
	return s, nil
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
func (w *walk) list(ctx context.Context, to chan<- *visit) {
	defer close(to)
	sent := map[int64]bool{}
	for range mostReadings {
		reading := map[int64]Project{}
		for p, err := range w.ListProjects(ctx, w.scope) {
			if err != nil {
				send(ctx, to, &visit{err: err})
				return
			}
			reading[p.ID] = p
			if !sent[p.ID] && w.scope.Includes(p) {
				sent[p.ID] = true
				send(ctx, to, &visit{ProjectSettings: ProjectSettings{Project: p}})
			}
		}
		settled := w.listed != nil
		for id := range w.listed {
			_, still := reading[id]
			settled = settled && still
		}
		if w.listed = reading; settled {
			return
		}
	}
	x := &exchange{client: w.Client, method: http.MethodGet, path: groupPath(w.scope.Group, "/projects")}
	send(ctx, to, &visit{err: x.fail(ErrUnsettled, "")})
}

// begin has settings read, of a few more projects than there are slots.
func (w *walk) begin(ctx context.Context, listed <-chan *visit, begun chan<- *visit) {
	defer close(begun)
	for v := range listed {
		v.done = make(chan struct{})
		if !send(ctx, begun, v) {
			return
		}
		go w.read(ctx, v)
	}
}

// send returns false if ctx ends first.
func send(ctx context.Context, to chan<- *visit, v *visit) bool {
	select {
	case to <- v:
		return true
	case <-ctx.Done():
		return false
	}
}

func (w *walk) read(ctx context.Context, v *visit) {
	defer close(v.done)
	if v.err != nil {
		return
	}
	free, err := w.TakeSlot(ctx)
	if err != nil {
		v.err = err
		return
	}
	defer free()
	v.Settings, err = w.GetSettings(ctx, ByID(v.ID))
	switch {
	case err == nil:
	case errors.Is(err, ErrForbidden), errors.Is(err, ErrProjectNotFound), errors.Is(err, ErrHidden):
		v.Unreadable = err
	default:
		v.err = &ProjectError{v.Project, err}
	}
}
