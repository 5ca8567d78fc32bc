package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// original is what a project had when Terraform took charge, for "restore".
type original struct {
	Active     bool `json:"active"`
	Integrated bool `json:"integrated"`
	// Managed says that Terraform has set integrated since.
	Managed bool `json:"managed"`
	// Held says that the attributes hold it, too, and not what GitLab has.
	Held bool `json:"held,omitempty"`
}

func newOriginal(settings gitlab.Settings, managed bool) *original {
	return &original{Active: settings.Active, Integrated: settings.Integrated, Managed: managed}
}

// settingsUpdate returns the change that puts it back.
func (o original) settingsUpdate() gitlab.SettingsUpdate {
	update := gitlab.SettingsUpdate{Active: o.Active}
	if o.Managed {
		update.Integrated = &o.Integrated
	}
	return update
}

// undo reports whether GitLab surely has the original settings after a create
// that failed. If it took the change, but otherwise than it was sent, undo puts
// them back.
func (r *settingsResource) undo(ctx context.Context, project string, before original, err error) bool {
	if !isNotTaken(err) {
		return !gitlab.MayHaveActed(err)
	}
	_, err = r.client.UpdateSettings(ctx, project, before.settingsUpdate())
	return err == nil
}

// hold makes the state hold the original until the resource is destroyed: to
// the destroy of a tainted resource Terraform hands no private state.
func (m *settingsModel) hold(ctx context.Context, before original, private privateWriter, diags *diag.Diagnostics) {
	before.Held = true
	change := before.settingsUpdate()
	m.Active, m.Integrated = types.BoolValue(change.Active), types.BoolPointerValue(change.Integrated)
	writeNote(ctx, private, originalKey, before, diags)
}

// noteManaged notes that the attributes follow GitLab again, and whether restore
// has to put back integrated.
func noteManaged(ctx context.Context, managed bool, from privateReader, to privateWriter, diags *diag.Diagnostics) {
	if o := readNote[original](ctx, from, originalKey, diags); o != nil {
		o.Managed, o.Held = o.Managed || managed, false
		writeNote(ctx, to, originalKey, o, diags)
	}
}

// restoringUpdate returns the change that puts back the original settings; nil
// if they were not recorded.
func (m settingsModel) restoringUpdate(ctx context.Context, private privateReader, diags *diag.Diagnostics) *gitlab.SettingsUpdate {
	if before := readNote[original](ctx, private, originalKey, diags); before != nil {
		return new(before.settingsUpdate())
	}
	if readNote[seen](ctx, private, seenKey, diags) != nil {
		return nil
	}
	// A tainted resource, whose state holds the original, see hold. One that
	// somebody tainted by hand holds what GitLab has.
	return new(m.settingsUpdate(m.writableSettings))
}
