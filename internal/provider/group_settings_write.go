package provider

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

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
		warnOfInaccessible(plan.name(), found.note.Inaccessible, diags)
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
	scope, inScope := plan.scope(), map[int64]bool{}
	for range 2 {
		for p, err := range r.client.ListProjects(ctx, scope) {
			if err != nil {
				return nil, err
			}
			inScope[p.ID] = scope.Includes(p)
		}
		complete := true
		for _, path := range changes {
			complete = complete && inScope[after[path].ProjectID]
		}
		if complete {
			break
		}
	}
	return inScope, nil
}

type groupWrite struct {
	path string
	has  groupProject
	err  error
}

// write writes some projects, several at a time, until a failure concerns them
// all. Afterwards, after holds what they have, and one error says what failed.
func (r *groupSettingsResource) write(ctx context.Context, plan groupSettingsModel, before, after groupProjects, paths []string, diags *diag.Diagnostics) {
	update := plan.settingsUpdate(plan.writableSettings)
	made := make([]groupWrite, len(paths))
	var end atomic.Pointer[groupWrite]
	var writes sync.WaitGroup
	for i, path := range paths {
		id, w := after[path].ProjectID, &made[i]
		w.path, w.has = path, before[path]
		free, err := r.client.TakeSlot(ctx)
		if err != nil {
			w.err = err
			end.CompareAndSwap(nil, new(*w))
			continue
		}
		writes.Go(func() {
			defer free()
			if first := end.Load(); first != nil {
				w.err = first.err
				return
			}
			now, err := r.set(ctx, managedProject{types.StringValue(path), types.Int64Value(id)}, update)
			if w.err = err; isNotTaken(err) {
				w.has = groupProject{id, newWritableSettings(now)}
			}
			if gitlab.ConcernsAll(err) {
				end.CompareAndSwap(nil, new(*w))
			}
		})
	}
	writes.Wait()
	failed := slices.DeleteFunc(made, func(w groupWrite) bool { return w.err == nil })
	for _, w := range failed {
		after[w.path] = w.has
	}
	if len(failed) > 0 {
		diags.Append(r.projectsFailed(plan.name(), len(paths), failed, end.Load()))
	}
}
