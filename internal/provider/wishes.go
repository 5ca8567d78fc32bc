package provider

import (
	"fmt"
	"slices"
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
	of map[string][]*wish
}

// wish is what one block wants.
type wish struct {
	// block names the block in messages.
	block string
	gitlab.SettingsUpdate
	// creates says that the block has no state. With -replace, Terraform plans a
	// block twice, and ignore_changes counts only while it has one.
	creates bool
}

func newWishes() *wishes { return &wishes{of: map[string][]*wish{}} }

// agree reports whether both can be sent.
func agree(a, b gitlab.SettingsUpdate) bool {
	return a.Active == b.Active && (a.Integrated == nil || b.Integrated == nil || *a.Integrated == *b.Integrated)
}

func (w *wish) String() string {
	text := fmt.Sprintf("%s wants active = %t", w.block, w.Active)
	if w.Integrated != nil {
		text += fmt.Sprintf(", integrated = %t", *w.Integrated)
	}
	return text
}

// note notes what a block wants of a project. It returns a wish that contradicts
// it; nil if there is none.
func (w *wishes) note(mine *wish, p gitlab.Project) (other *wish) {
	var names []string
	if p.ID != 0 {
		names = append(names, gitlab.ByID(p.ID))
	}
	if p.Path != "" {
		names = append(names, strings.ToLower(p.Path))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		noted := slices.DeleteFunc(w.of[name], func(noted *wish) bool {
			return noted.String() == mine.String() || noted.block == mine.block && mine.creates && !noted.creates
		})
		if i := slices.IndexFunc(noted, func(noted *wish) bool { return !agree(noted.SettingsUpdate, mine.SettingsUpdate) }); i >= 0 {
			other = noted[i]
		}
		w.of[name] = append(noted, mine)
	}
	return other
}

// contradiction reports projects of which two blocks want different things.
func contradiction(mine, other *wish, projects []string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("active"), "Two blocks contradict each other about "+several(projects),
		fmt.Sprintf("%s, and %s. GitLab has one record for each project, so the two would undo each other's work in every apply. Let both want the same, remove one, or exclude the project from the group.", mine, other))
}
