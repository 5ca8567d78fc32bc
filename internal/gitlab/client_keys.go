package gitlab

import (
	"context"
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
	return pages(ctx, c.get, clientKeysPath(project), nil, ClientKey.valid)
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
	x := &exchange{client: c, method: http.MethodGet, path: clientKeysPath(project)}
	return ClientKey{}, x.fail(ErrClientKeyNotFound, "")
}

// CreateClientKey creates a client key. Each call creates another one: see
// [OutcomeOf] before repeating a call that failed.
//
// POST /projects/:id/error_tracking/client_keys, GitLab 14.3.
func (c *Client) CreateClientKey(ctx context.Context, project string) (ClientKey, error) {
	x, err := c.call(ctx, http.MethodPost, clientKeysPath(project), nil)
	if err != nil {
		return ClientKey{}, err
	}
	var key ClientKey
	if err := x.decode(&key); err != nil {
		return ClientKey{}, err
	}
	if !key.valid() {
		return ClientKey{}, x.notGitLab("JSON that holds no client key")
	}
	return key, nil
}

// DeleteClientKey deletes a client key. The error is [ErrClientKeyNotFound] if
// the project has no such key.
//
// DELETE /projects/:id/error_tracking/client_keys/:key_id, GitLab 14.3.
func (c *Client) DeleteClientKey(ctx context.Context, project string, id int64) error {
	_, err := c.call(ctx, http.MethodDelete, clientKeysPath(project)+"/"+strconv.FormatInt(id, 10), nil)
	return err
}

func clientKeysPath(project string) string {
	return projectPath(project, "/error_tracking/client_keys")
}
