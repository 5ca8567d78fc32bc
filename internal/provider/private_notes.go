package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The notes in private state: of a project's settings, and of a group's.
const (
	seenKey = "seen"

	groupNoteKey = "note"
)

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func writeNote(ctx context.Context, private privateWriter, key string, note any, diags *diag.Diagnostics) {
	value, err := json.Marshal(note)
	if err != nil {
		diags.AddError("Cannot write the private state", err.Error())
		return
	}
	diags.Append(private.SetKey(ctx, key, value)...)
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
