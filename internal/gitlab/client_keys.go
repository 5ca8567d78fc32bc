package gitlab

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
)

// ClientKey is a key with which programs report errors to the integrated
// backend. Keys have no name, and nothing tells one from another but its id.
type ClientKey struct {
	// ID is unique in all of GitLab, and greater than that of any older key.
	ID        int64  `json:"id"`
	Active    bool   `json:"active"`
	PublicKey string `json:"public_key"`
	// SentryDSN is the URL, with the key inside, that Sentry's SDKs want.
	SentryDSN string `json:"sentry_dsn"`
}

func (k ClientKey) valid() bool { return k.ID > 0 && k.PublicKey != "" }

// ClientKeys lists a project's client keys, oldest first.
//
// GET /projects/:id/error_tracking/client_keys, GitLab 14.3.
func (c *Client) ClientKeys(ctx context.Context, project string) iter.Seq2[ClientKey, error] {
	return pages(ctx, c, clientKeysPath(project), nil, ClientKey.valid)
}

// GetClientKey reads one client key. GitLab has no call for that, so it is
// looked for in the list. [ErrClientKeyNotFound] says that it is not there.
func (c *Client) GetClientKey(ctx context.Context, project string, id int64) (ClientKey, error) {
	// While a list of several pages is read, a key that is deleted moves the
	// others up, and one of them to a page that was read before. So what is not
	// found there is looked for once more.
	for looks := 2; looks > 0; looks-- {
		listed := 0
		for key, err := range c.ClientKeys(ctx, project) {
			if err != nil || key.ID == id {
				return key, err
			}
			listed++
		}
		if listed < perPage {
			break
		}
	}
	return ClientKey{}, &Error{Kind: ErrClientKeyNotFound, Method: http.MethodGet, Path: clientKeysPath(project), Status: http.StatusOK}
}

// CreateClientKey makes a client key. Two calls make two: see [MayHaveActed]
// before a call that failed is repeated.
//
// POST /projects/:id/error_tracking/client_keys, GitLab 14.3.
func (c *Client) CreateClientKey(ctx context.Context, project string) (ClientKey, error) {
	a, err := c.call(ctx, http.MethodPost, clientKeysPath(project), nil)
	if err != nil {
		return ClientKey{}, err
	}
	var key ClientKey
	if err := a.decode(&key); err != nil {
		return ClientKey{}, err
	}
	if !key.valid() {
		return ClientKey{}, a.notGitLab("JSON that holds no client key")
	}
	return key, nil
}

// DeleteClientKey deletes a client key. [ErrClientKeyNotFound] says that the
// project has no such key.
//
// DELETE /projects/:id/error_tracking/client_keys/:key_id, GitLab 14.3.
func (c *Client) DeleteClientKey(ctx context.Context, project string, id int64) error {
	_, err := c.call(ctx, http.MethodDelete, clientKeysPath(project)+"/"+strconv.FormatInt(id, 10), nil)
	var failure *Error
	// GitLab writes the n of an absent record small, that of an endpoint that it
	// does not have capital.
	if errors.As(err, &failure) && failure.Status == http.StatusNotFound && failure.Message == "404 Not found" {
		failure.Kind = ErrClientKeyNotFound
	}
	return err
}

func clientKeysPath(project string) string {
	return projectPath(project, "/error_tracking/client_keys")
}

// MayHaveActed says of a request that failed whether GitLab may have carried
// it out all the same, because only the answer was lost.
func MayHaveActed(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	}
	switch failure.Kind {
	case ErrServer:
		return true
	case ErrUnreachable:
		return !neverArrived(failure.Cause)
	case ErrNotGitLab:
		// A proxy has put something of its own in place of a success.
		return failure.Status >= 200 && failure.Status <= 299
	default:
		return false
	}
}

// MayStillAct says of a request that failed whether GitLab may still be working
// on it: the client, or the proxy, stopped waiting before GitLab had answered.
func MayStillAct(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return MayHaveActed(err)
	}
	return errors.Is(failure.Cause, context.DeadlineExceeded) || failure.Status == http.StatusGatewayTimeout
}
