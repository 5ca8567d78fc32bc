package gitlab

import "context"

// inFlight is how many requests all walks and writes of groups have in flight
// at a time, as many as Terraform has for single resources by default.
const inFlight = 10

// TakeSlot waits until one of the ten requests that groups may have in flight
// can be made; free must be called at its end.
func (c *Client) TakeSlot(ctx context.Context) (free func(), err error) {
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// getInSlot is get for walks.
func (c *Client) getInSlot(ctx context.Context, path string) (*exchange, error) {
	free, err := c.TakeSlot(ctx)
	if err != nil {
		return nil, err
	}
	defer free()
	return c.get(ctx, path)
}
