package gitlab

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
)

// ClientKey is a key with which programs report errors to the integrated
// backend. Keys have no name; only their ids tell them apart.
type ClientKey struct {
	// ID is unique across GitLab, and greater than that of any older key.
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

// GetClientKey reads one client key by searching the list: GitLab has no call
// for it. The error is [ErrClientKeyNotFound] if the key is not there.
func (c *Client) GetClientKey(ctx context.Context, project string, id int64) (ClientKey, error) {
	// If a key is deleted while a list of several pages is read, the later keys
	// move up, and one may move to a page that was already read. So a key that
	// is not found is looked for once more.
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
	failure := request{c, http.MethodGet, clientKeysPath(project)}.failed(ErrClientKeyNotFound)
	failure.Status = http.StatusOK
	return ClientKey{}, failure
}

// CreateClientKey creates a client key. Each call creates another one: see
// [MayHaveActed] before repeating a call that failed.
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

// DeleteClientKey deletes a client key. The error is [ErrClientKeyNotFound] if
// the project has no such key.
//
// DELETE /projects/:id/error_tracking/client_keys/:key_id, GitLab 14.3.
func (c *Client) DeleteClientKey(ctx context.Context, project string, id int64) error {
	_, err := c.call(ctx, http.MethodDelete, clientKeysPath(project)+"/"+strconv.FormatInt(id, 10), nil)
	var failure *Error
	// GitLab writes "Not found" for a missing key, but "Not Found" for an
	// endpoint that it does not have.
	if errors.As(err, &failure) && failure.Status == http.StatusNotFound && failure.Message == "404 Not found" {
		failure.Kind = ErrClientKeyNotFound
	}
	return err
}

func clientKeysPath(project string) string {
	return projectPath(project, "/error_tracking/client_keys")
}

// MayHaveActed reports whether GitLab may have carried out a request that
// failed: perhaps only the answer was lost.
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
		// The status is a success, but the body is not GitLab's.
		return failure.Status >= 200 && failure.Status <= 299
	default:
		return false
	}
}

// MayStillAct reports whether GitLab may still be working on a request that
// failed: the client, or a proxy, stopped waiting before GitLab had answered.
func MayStillAct(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return MayHaveActed(err)
	}
	return errors.Is(failure.Cause, context.DeadlineExceeded) || failure.Status == http.StatusGatewayTimeout
}
