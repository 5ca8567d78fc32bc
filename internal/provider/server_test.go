package provider

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
	"weak"
)

type ballastKey struct{}

func TestNoContextOutlivesItsCall(t *testing.T) {
	t.Parallel()
	s := NewServer("test")
	// The server does not know the type, but it has taken the context by then.
	for name, call := range map[string]func(context.Context) error{
		"ValidateResourceConfig":  empty(s.ValidateResourceConfig),
		"UpgradeResourceIdentity": empty(s.UpgradeResourceIdentity),
		"UpgradeResourceState":    empty(s.UpgradeResourceState),
		"ReadResource":            empty(s.ReadResource),
		"PlanResourceChange":      empty(s.PlanResourceChange),
		"ApplyResourceChange":     empty(s.ApplyResourceChange),
	} {
		alive := callWithBallast(t, name, call)
		runtime.GC()
		if alive.Value() != nil {
			t.Errorf("%s has kept its context", name)
		}
	}
	runtime.KeepAlive(s)
}

// empty makes a call with an empty request.
func empty[Req, Resp any](call func(context.Context, *Req) (*Resp, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx, new(Req))
		return err
	}
}

// callWithBallast returns a pointer to a value in the context of a call.
func callWithBallast(t *testing.T, name string, call func(context.Context) error) weak.Pointer[[1 << 10]byte] {
	t.Helper()
	ballast := new([1 << 10]byte)
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), ballastKey{}, ballast))
	defer cancel() // as gRPC does when it has answered
	if err := call(ctx); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return weak.Make(ballast)
}

func TestALentContextIsItsOwnersWhileTheCallLasts(t *testing.T) {
	t.Parallel()
	deadline := time.Now().Add(time.Hour)
	owner, cancel := context.WithDeadline(context.WithValue(t.Context(), ballastKey{}, "value"), deadline)
	defer cancel()
	var kept context.Context
	_, err := lend(owner, 7, func(ctx context.Context, req int) (int, error) {
		kept = ctx
		child, stop := context.WithCancel(ctx)
		defer stop()
		if got, ok := child.Deadline(); !ok || !got.Equal(deadline) || child.Value(ballastKey{}) != "value" || ctx.Err() != nil {
			t.Errorf("got deadline %s, %t, value %v, error %v", got, ok, child.Value(ballastKey{}), ctx.Err())
		}
		cancel()
		select {
		case <-child.Done():
		case <-time.After(time.Minute):
			t.Error("cancelling the owner does not cancel a child")
		}
		return req, child.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	if _, ok := kept.Deadline(); ok || kept.Value(ballastKey{}) != nil || !errors.Is(kept.Err(), context.Canceled) {
		t.Errorf("after the call it still has deadline %t, value %v, error %v", ok, kept.Value(ballastKey{}), kept.Err())
	}
}
