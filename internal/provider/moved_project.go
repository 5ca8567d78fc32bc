package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// movedProject is the project in a state of the gitlab provider: an id, as a
// number or as text, or a path, which may be percent-encoded.
type movedProject struct {
	Project json.RawMessage `json:"project"`
}

// decode leaves the id to the first read.
func (p movedProject) decode() (managedProject, error) {
	text := strings.Trim(string(p.Project), `"`)
	if text == "" || text == "null" {
		return managedProject{}, errors.New("it has no attribute project")
	}
	project, err := url.PathUnescape(text)
	if err != nil {
		return managedProject{}, fmt.Errorf("its project cannot be decoded: %w", err)
	}
	return managedProject{Project: types.StringValue(project)}, checkProject(project)
}
