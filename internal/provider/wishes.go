package provider

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// wishes knows what the blocks of one run want of each project, so that a plan
// can refuse two that contradict each other: they would undo each other's work
// in every apply. Blocks that agree may share a project.
type wishes struct {
	mu sync.Mutex
	// of holds wishes by the id and by the path of the project, in lower case.
	of map[string][]wish
}

// wish is what one block wants of a project.
type wish struct {
	// block names the block in messages.
	block string
	gitlab.SettingsUpdate
	// single says that it is the block of one project, which the user has named;
	// leaves that it is a group's, which leaves the project as it is for now.
	single, leaves bool
	// project has an id or a path, or both. The path of a block that has an id may
	// be a former one.
	project gitlab.Project
}

// String says what is wanted, in words.
func (w wish) String() string {
	text := fmt.Sprintf("%s wants active = %t", w.block, w.Active)
	if w.Integrated != nil {
		text += fmt.Sprintf(", integrated = %t", *w.Integrated)
	}
	return text
}

// note notes what a block wants of a project. It returns a wish that contradicts
// it, if there is one.
func (w *wishes) note(mine wish) (other wish, found bool) {
	var names []string
	if mine.project.ID != 0 {
		names = append(names, gitlab.ByID(mine.project.ID))
	}
	if mine.project.Path != "" {
		names = append(names, strings.ToLower(mine.project.Path))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		known := false
		for _, noted := range w.of[name] {
			unnamed := (noted.leaves || mine.leaves) && !noted.single && !mine.single
			another := noted.project.ID != 0 && mine.project.ID != 0 && noted.project.ID != mine.project.ID
			if !another && !unnamed && !noted.Agrees(mine.SettingsUpdate) {
				other, found = noted, true
			}
			known = known || noted.String() == mine.String()
		}
		if !known { // Terraform plans most blocks twice.
			w.of[name] = append(w.of[name], mine)
		}
	}
	return other, found
}

func contradiction(mine, other string, projects []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("active"), "Two blocks contradict each other about "+several(projects),
		fmt.Sprintf("%s, and %s. GitLab has one record for each project, so the two would undo each other's work in every apply. Let both want the same, remove one, or exclude the project from the group. (Until then, terraform destroy needs -refresh=false.)", mine, other))
}
