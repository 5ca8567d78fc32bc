package acceptance_test

import "sync/atomic"

// counter counts what several goroutines do.
type counter struct{ n atomic.Int64 }

func (c *counter) add(delta int64) int64 { return c.n.Add(delta) }

// atLeast raises the counter to n.
func (c *counter) atLeast(n int64) {
	for seen := c.n.Load(); n > seen && !c.n.CompareAndSwap(seen, n); seen = c.n.Load() {
	}
}
