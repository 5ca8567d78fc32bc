package provider

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// original is what a project had when Terraform took charge, for "restore".
type original struct {
	Active     bool `json:"active"`
	Integrated bool `json:"integrated"`
	// Managed says that Terraform has set integrated since.
	Managed bool `json:"managed"`
}

// originalKey is where original is kept in the resource's private state.
const originalKey = "original"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func (o original) save(ctx context.Context, private privateWriter) diag.Diagnostics {
	value, err := json.Marshal(o)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot record the original settings", err.Error())}
	}
	return private.SetKey(ctx, originalKey, value)
}

// readOriginal returns nil if nothing was recorded.
func readOriginal(ctx context.Context, private privateReader) (*original, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, originalKey)
	if value == nil || diags.HasError() {
		return nil, diags
	}
	var o original
	if err := json.Unmarshal(value, &o); err != nil {
		diags.AddError("Cannot read the recorded original settings", err.Error())
		return nil, diags
	}
	return &o, diags
}

// update returns the change that puts it back.
func (o original) update() gitlab.SettingsUpdate {
	update := gitlab.SettingsUpdate{Active: o.Active}
	if o.Managed {
		update.Integrated = &o.Integrated
	}
	return update
}

// noteManaged notes that Terraform has set integrated, so that restore puts it
// back.
func noteManaged(ctx context.Context, from privateReader, to privateWriter) diag.Diagnostics {
	o, diags := readOriginal(ctx, from)
	if o == nil || o.Managed {
		return diags
	}
	o.Managed = true
	return append(diags, o.save(ctx, to)...)
}

// restore puts back what was recorded. It returns false if the project must be
// disabled instead: a refusal by GitLab must not block the destroy.
func (r *settingsResource) restore(ctx context.Context, project string, private privateReader, diags *diag.Diagnostics) bool {
	o, read := readOriginal(ctx, private)
	diags.Append(read...)
	if o == nil {
		diags.Append(nothingToRestore(project))
		return false
	}
	update := o.update()
	settings, err := r.patch(ctx, project, update, false, diags)
	switch {
	case errors.Is(err, gitlab.ErrRefused):
		diags.Append(cannotRestore(project, explain(err)))
		return false
	case err != nil && !isNothingToDestroy(err):
		diags.Append(cannotDestroy(project, err))
	case err == nil && !update.TakenBy(settings):
		diags.Append(cannotRestore(project, "GitLab applied something else: "+describe(settings)+"."))
		return false
	}
	return true
}
