package gitlab

import (
	"context"
	"time"
)

// grace is how long work that must not be left half done may go on after its
// run was cancelled.
const grace = time.Minute

// Outlive returns a context that ends a minute after ctx does: a write whose
// answer nobody waits for may change GitLab without a trace in any state.
func Outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel()
	}
}
