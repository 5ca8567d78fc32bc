package gitlab

import (
	"testing"
	"testing/synctest"
)

// inBubble runs a subtest by a clock of its own, which jumps ahead while all
// wait.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}
