package provider

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// walkRequests is how many requests a walk makes at a time: one for the list of
// projects, the others for settings.
const walkRequests = 10

// walkedProject is a project of a group with its settings.
type walkedProject struct {
	gitlab.Project
	settings gitlab.Settings
	// configured is false if the project never had settings.
	configured bool
	// unreadable is set if the token may not see this project's settings; the
	// walk goes on.
	unreadable error
}

// walkGroup yields the projects of a group in the order of their ids, and reads
// the settings of the next ones ahead. It ends with the first error that
// concerns more than one project. Breaking out of it ends the requests.
func walkGroup(ctx context.Context, client *gitlab.Client, group string, subgroups, archived bool) iter.Seq2[walkedProject, error] {
	return func(yield func(walkedProject, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()

		type result struct {
			project walkedProject
			err     error
		}
		// One channel per project, in the order of the list, for its result.
		results := make(chan chan result, walkRequests)
		reading := make(chan struct{}, walkRequests-1)
		go func() {
			defer close(results)
			for project, err := range client.GroupProjects(ctx, group, subgroups, archived) {
				one := make(chan result, 1)
				select {
				case results <- one:
				case <-ctx.Done():
					return
				}
				if err != nil {
					one <- result{err: err}
					return
				}
				// Held until the settings are read, to limit the requests.
				select {
				case reading <- struct{}{}:
				case <-ctx.Done():
					one <- result{err: context.Cause(ctx)}
					return
				}
				go func() {
					defer func() { <-reading }()
					walked, err := readWalked(ctx, client, project)
					one <- result{walked, err}
				}()
			}
		}()
		for one := range results {
			r := <-one
			if !yield(r.project, r.err) || r.err != nil {
				return
			}
		}
		// The list ends early, and without an error, if ctx does.
		if ctx.Err() != nil {
			yield(walkedProject{}, context.Cause(ctx))
		}
	}
}

func readWalked(ctx context.Context, client *gitlab.Client, project gitlab.Project) (walkedProject, error) {
	walked := walkedProject{Project: project}
	settings, err := client.GetSettings(ctx, strconv.FormatInt(project.ID, 10))
	switch {
	case err == nil:
		walked.settings, walked.configured = settings, true
	case errors.Is(err, gitlab.ErrSettingsNotFound):
	case errors.Is(err, gitlab.ErrForbidden), errors.Is(err, gitlab.ErrProjectNotFound):
		walked.unreadable = err
	default:
		return walked, err
	}
	return walked, nil
}

// groupFailed reports that a walk ended early.
func groupFailed(group string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("group"), "Cannot read the error tracking settings of group "+group, explain(err))
}

// inaccessibleProjects is one warning for all projects left out by a walk.
func inaccessibleProjects(group string, paths []string) diag.Diagnostic {
	const named = 20
	text := strings.Join(paths[:min(named, len(paths))], ", ")
	if len(paths) > named {
		text += fmt.Sprintf(", and %d more", len(paths)-named)
	}
	return diag.NewAttributeWarningDiagnostic(path.Root("group"),
		"The token cannot read the error tracking settings of some projects in group "+group,
		"Error Tracking settings need the Maintainer role, or higher, in each project. Left out: "+text+".")
}
