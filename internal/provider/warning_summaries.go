package provider

import (
	"strings"
	"sync"
)

// summariesNamed is how many warnings of a kind name their project.
const summariesNamed = 10

// warningSummaries words the summaries of warnings that many projects may get
// in one run. Terraform shows one warning per summary, so the first few of each
// kind name their project, and the others share one.
type warningSummaries struct {
	mu    sync.Mutex
	given map[string]int
}

func newWarningSummaries() *warningSummaries { return &warningSummaries{given: map[string]int{}} }

// of puts name in the place of "…" in named, or returns shared.
func (s *warningSummaries) of(named, name, shared string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[named]++
	if s.given[named] > summariesNamed {
		return shared
	}
	return strings.Replace(named, "…", name, 1)
}
