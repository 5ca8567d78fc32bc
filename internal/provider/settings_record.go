package provider

import (
	"context"
	"errors"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// record is the row that GitLab stores of a project's settings. The zero record
// stands for none, which counts as inactive.
type record struct {
	gitlab.Settings
	exists bool
}

// newRecord returns what an answer about settings shows.
func newRecord(settings gitlab.Settings, err error) (record, error) {
	if errors.Is(err, gitlab.ErrSettingsNotFound) {
		return record{}, nil
	}
	return record{settings, err == nil}, err
}

// read returns the record of a project.
func (c *connection) read(ctx context.Context, project string) (record, error) {
	return newRecord(c.client.GetSettings(ctx, project))
}

// seen is what GitLab had besides the attributes in the state. From it, a plan
// can tell without a request whether error tracking can be turned on.
type seen struct {
	// Configured says that the project has a record.
	Configured bool `json:"configured"`
	// Linked says that it has a Sentry link.
	Linked bool `json:"linked"`
	// Had says that it has no record any more.
	Had bool `json:"had,omitempty"`
}

func (r record) seen() seen { return seen{Configured: r.exists, Linked: r.APIURL != nil} }
