package provider

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// outlook is what a plan foresees, as the names of projects.
type outlook struct {
	// differing will be changed.
	differing []string
	// turnedOff and switched were in use before: their error tracking is turned
	// off, or gets another backend.
	turnedOff, switched []string
	// unconfigured and unlinked cannot be turned on: they have no record, which
	// GitLab's API can create for the integrated backend only, or no Sentry link.
	unconfigured, unlinked []string
}

// foresee tells what sending update to these projects will do.
func foresee(update gitlab.SettingsUpdate, projects iter.Seq2[string, gitlab.Settings]) (o outlook) {
	for name, now := range projects {
		after := update.ApplyTo(now)
		switch {
		case update.TakenBy(now):
		case after.Active && !after.Integrated && !now.Configured:
			o.unconfigured = append(o.unconfigured, name)
		case after.Active && !after.Integrated && !now.Linked:
			o.unlinked = append(o.unlinked, name)
		default:
			o.differing = append(o.differing, name)
			switch {
			case !now.Active:
			case !after.Active:
				o.turnedOff = append(o.turnedOff, name)
			case after.Integrated != now.Integrated:
				o.switched = append(o.switched, name)
			}
		}
	}
	for _, names := range [][]string{o.differing, o.turnedOff, o.switched, o.unconfigured, o.unlinked} {
		slices.Sort(names)
	}
	return o
}

// overwrites says what a configuration does to a project that is in use; "" if
// it leaves that alone.
func (o outlook) overwrites(update gitlab.SettingsUpdate) string {
	switch {
	case o.turnedOff != nil:
		return "turns it off"
	case o.switched != nil && *update.Integrated:
		return "switches it to the integrated backend"
	case o.switched != nil:
		return "switches it to Sentry"
	}
	return ""
}

func (o outlook) withoutBackend() []string {
	names := slices.Concat(o.unconfigured, o.unlinked)
	slices.Sort(names)
	return names
}

// noteKey is the key of the note in private state: of a project, the settings that
// GitLab had, from which a plan can tell without a request whether error tracking
// can be turned on; of a group, a groupNote.
const noteKey = "note"

// noted keeps the state small, which Terraform writes over and over.
func noted(now gitlab.Settings) gitlab.Settings {
	now.ProjectName, now.SentryExternalURL, now.APIURL = nil, nil, nil
	return now
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func writeNote(ctx context.Context, private privateWriter, note any, diags *diag.Diagnostics) {
	value, err := json.Marshal(note)
	if err != nil {
		diags.AddError("Cannot write the private state", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, noteKey, value)...)
}

// readNote returns nil if there is no such note.
func readNote[T any](ctx context.Context, private privateReader, key string, diags *diag.Diagnostics) *T {
	value, d := private.GetKey(ctx, key)
	diags.Append(d...)
	if value == nil {
		return nil
	}
	var note T
	if err := json.Unmarshal(value, &note); err != nil {
		diags.AddError("Cannot read the private state", err.Error())
		return nil
	}
	return &note
}
