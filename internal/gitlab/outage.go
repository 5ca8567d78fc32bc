package gitlab

import (
	"context"
	"sync"
	"time"
)

// patience is how long requests keep trying while GitLab is down. A restart
// takes less.
const patience = time.Minute

type patientKey struct{}

// Patiently returns a context for calls that outlast a restart of GitLab even if
// it has not answered in this process yet: those of an apply, whose plan was made
// in another process.
func Patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

// outage is a time in which nobody gets an answer from GitLab. It is one event
// for the whole run, with one clock: without it, each of hundreds of requests
// would find out for itself that GitLab is down, one after the other.
type outage struct {
	mu sync.Mutex
	// since is the time of the first failure; zero if there is no outage.
	since time.Time
	// by are the tries that got the first failure.
	by *tries
	// answered says that GitLab has answered in this process.
	answered bool
	// hopeless says that a request has used up its tries although GitLab has
	// never answered: until it does, others get one try each.
	hopeless bool
}

// begin notes a failure, and returns whether it is the first of the outage.
func (o *outage) begin(t *tries) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := o.since.IsZero()
	if first {
		o.since, o.by = time.Now(), t
	}
	return first
}

// end notes that GitLab has answered.
func (o *outage) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since, o.answered, o.hopeless = time.Time{}, true, false
}

// concernsOthers reports whether t is not the only call without an answer.
func (o *outage) concernsOthers(t *tries) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.hopeless || !o.since.IsZero() && o.by != t
}

// grace is how long work that must not be left half done may go on after its
// run was cancelled.
const grace = time.Minute

// Outlive returns a context that ends a minute after ctx does: a write whose
// answer nobody waits for may change GitLab without a trace in any state.
func Outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}
