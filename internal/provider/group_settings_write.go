package provider

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// writeSurveyed makes the projects that a walk finds as configured. The plan
// within this apply has walked over the group already. before are those that the
// state has. On an error before the first write, the projects stay unknown.
func (r *groupSettingsResource) writeSurveyed(ctx context.Context, plan *groupSettingsModel, before groupProjects, diags *diag.Diagnostics) groupNote {
	kept, _ := r.surveys.LoadAndDelete(plan.key())
	found, walked := kept.(groupSurvey)
	if walked {
		plan.GroupID = types.Int64Value(found.groupID)
	} else {
		var err error
		if found, err = r.survey(ctx, &plan.groupScope); err != nil {
			diags.Append(r.cannotRead(ofGroup, plan.name(), err))
			return groupNote{}
		}
		found.warn(plan.name(), diags)
	}
	if plan.IncludeSubgroups.ValueBool() {
		stay, _ := plan.applied(plan.scope(), before, groupNote{})
		if left := found.missing(stay); left != nil {
			diags.Append(projectsLeft(plan.name(), left))
		}
	}
	after, o := plan.applied(plan.scope(), found.projects, found.note)
	r.write(ctx, *plan, found.projects, after, o.differing, diags)
	plan.set(ctx, after, o.withoutBackend(), diags)
	return found.note
}

// writePlanned writes what the plan has found to differ, except in projects that
// have left the scope since: they keep what was planned in the state, as
// Terraform wants, until the next refresh.
func (r *groupSettingsResource) writePlanned(ctx context.Context, plan *groupSettingsModel, before, after groupProjects, diags *diag.Diagnostics) {
	var changes []string
	for path, p := range after {
		if p != before[path] {
			changes = append(changes, path)
		}
	}
	slices.Sort(changes)
	if len(changes) == 0 {
		return
	}
	inScope, err := r.stillInScope(ctx, *plan, after, changes)
	if err != nil {
		diags.Append(r.cannotRead(ofGroup, plan.name(), err))
		for _, path := range changes {
			after[path] = before[path]
		}
		changes = nil
	}
	var left, here []string
	for _, path := range changes {
		if inScope[after[path].ProjectID] {
			here = append(here, path)
		} else {
			left = append(left, path)
		}
	}
	if left != nil {
		diags.Append(projectsLeftSincePlan(plan.name(), left))
	}
	r.write(ctx, *plan, before, after, here, diags)
	var d diag.Diagnostics
	plan.Projects, d = types.MapValueFrom(ctx, groupProjectType(), after)
	diags.Append(d...)
}

// stillInScope lists the group again, and once more if one of the changes seems
// to be missing: a page that begins later must not be taken for that.
func (r *groupSettingsResource) stillInScope(ctx context.Context, plan groupSettingsModel, after groupProjects, changes []string) (map[int64]bool, error) {
	listed := map[int64]bool{}
	for range 2 {
		for p, err := range r.client.ListProjects(ctx, plan.scope()) {
			if err != nil {
				return nil, err
			}
			listed[p.ID] = true
		}
		complete := true
		for _, path := range changes {
			complete = complete && listed[after[path].ProjectID]
		}
		if complete {
			break
		}
	}
	return listed, nil
}

// groupWrites are the writes of a group, of which several are made at a time.
type groupWrites struct {
	mu sync.Mutex
	// has holds what the projects have that could not be set, failed why.
	has    groupProjects
	failed map[string]error
	// end is the first failure that concerns all writes. Those that failed in
	// the same way, and those that were not begun, are not done.
	end     error
	endedAt string
	notDone []string
}

// fail notes why a project has not been set.
func (w *groupWrites) fail(path string, has groupProject, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.has[path] = has
	switch {
	case !gitlab.ConcernsAll(err):
		w.failed[path] = err
		return
	case w.end == nil:
		w.end, w.endedAt = err, path
	}
	w.notDone = append(w.notDone, path)
}

// ended returns the failure after which no write is begun; nil if there is none.
func (w *groupWrites) ended() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.end
}

// write writes some projects. Afterwards, after holds what they have, and one
// error says what failed.
func (r *groupSettingsResource) write(ctx context.Context, plan groupSettingsModel, before, after groupProjects, paths []string, diags *diag.Diagnostics) {
	update := plan.settingsUpdate(plan.writableSettings)
	w := &groupWrites{has: groupProjects{}, failed: map[string]error{}}
	var writes sync.WaitGroup
	for _, path := range paths {
		id := after[path].ProjectID
		free, err := r.client.TakeSlot(ctx)
		if end := cmp.Or(err, w.ended()); end != nil {
			w.fail(path, before[path], end)
			if err == nil {
				free()
			}
			continue
		}
		writes.Go(func() {
			defer free()
			now, err := r.set(ctx, managedProject{types.StringValue(path), types.Int64Value(id)}, update)
			switch {
			case isNotTaken(err):
				w.fail(path, newGroupProject(id, now.Settings), err)
			case err != nil:
				w.fail(path, before[path], err)
			}
		})
	}
	writes.Wait()
	maps.Copy(after, w.has)
	if len(w.has) > 0 {
		diags.Append(r.projectsFailed(plan.name(), len(paths), w))
	}
}
