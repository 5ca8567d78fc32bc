package provider

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// server keeps the framework's server from growing with every request. The
// framework keeps the context of each until the process ends, to cancel it when
// Terraform says stop. A context holds the loggers of its request, some 11 kB.
// With 1,000 resources that is four fifths of the memory in use, which the
// garbage collector goes through over and over. Here the context is only lent.
//
// Only calls that come once for each resource need that; the others pass.
type server struct {
	protocol
}

// protocol is what Terraform may ask of this provider.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
}

// NewServer returns the given version of the provider as a server of plugin
// protocol 6.
func NewServer(version string) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(&errorTracking{version})()
	if complete, ok := framework.(protocol); ok {
		return server{complete}
	}
	return framework
}

func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, req, s.protocol.ValidateResourceConfig)
}

func (s server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, req, s.protocol.UpgradeResourceState)
}

func (s server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lend(ctx, req, s.protocol.UpgradeResourceIdentity)
}

func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, req, s.protocol.ReadResource)
}

func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lend(ctx, req, s.protocol.PlanResourceChange)
}

func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lend(gitlab.Patiently(ctx), req, s.protocol.ApplyResourceChange)
}

// lend makes a call with a context that releases ctx when the call returns.
func lend[Req, Resp any](ctx context.Context, req Req, call func(context.Context, Req) (Resp, error)) (Resp, error) {
	lent := &lentContext{done: ctx.Done()}
	lent.owner.Store(&ctx)
	defer lent.owner.Store(nil)
	return call(lent, req)
}

// lentContext is its owner's context during the call. Afterwards it has no
// values and no deadline, and is cancelled when the owner is.
type lentContext struct {
	owner atomic.Pointer[context.Context]
	// done is kept because a context always has the same channel.
	done <-chan struct{}
}

func (c *lentContext) Deadline() (time.Time, bool) {
	if owner := c.owner.Load(); owner != nil {
		return (*owner).Deadline()
	}
	return time.Time{}, false
}

func (c *lentContext) Done() <-chan struct{} { return c.done }

func (c *lentContext) Err() error {
	if owner := c.owner.Load(); owner != nil {
		return (*owner).Err()
	}
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

func (c *lentContext) Value(key any) any {
	if owner := c.owner.Load(); owner != nil {
		return (*owner).Value(key)
	}
	return nil
}
