package gitlab

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
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
	return pages(ctx, c.get, clientKeysPath(project), url.Values{}, ClientKey.valid)
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
	return askForOne(ctx, c, http.MethodPost, clientKeysPath(project), "client key", ClientKey.valid)
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

const (
	// mostPosts is how often a key is asked for while none appears.
	mostPosts = 3
	// lookTime is how long to look for a key if the request's answer is lost.
	lookTime = 4 * time.Second
	// lateTime is how long GitLab may still work on a request that timed out.
	// GitLab gives a request one minute, half of which has passed at the
	// default time-out.
	lateTime = 30 * time.Second

	firstLookPause = 250 * time.Millisecond
	maxLookPause   = 4 * time.Second
)

// InDoubtError reports that GitLab may have made a key that is in no state.
type InDoubtError struct {
	// Post is why the request for a key failed.
	Post error
	// Look is why the keys could not be listed afterwards; nil if they could,
	// and none had appeared.
	Look error
}

func (e *InDoubtError) Error() string { return e.Post.Error() }

// Unwrap gives errors.Is and errors.As the reason of the first failure.
func (e *InDoubtError) Unwrap() error { return e.Post }

// MakeClientKey makes a key in a project, however often answers are lost. GitLab
// makes a key for every POST, and does not say who asked for it. But keys are
// interchangeable, and those of one project must be made one after the other. So
// if an answer is lost, a key that has appeared meanwhile is the one; only if
// there is none does it ask again. Once it has asked, it goes on for a while even
// if ctx ends. The error is an [*InDoubtError] if GitLab may have made a key
// nevertheless.
func (c *Client) MakeClientKey(ctx context.Context, project string) (ClientKey, error) {
	var newest int64 // any key made later has a greater id
	for key, err := range c.ClientKeys(ctx, project) {
		if err != nil {
			return ClientKey{}, err
		}
		newest = max(newest, key.ID)
	}
	longer, cancel := Outlive(ctx)
	defer cancel()
	var lost error
	for range mostPosts {
		if ctx.Err() != nil {
			break
		}
		var key ClientKey
		key, lost = c.CreateClientKey(longer, project)
		if lost == nil || OutcomeOf(lost) < Unknown {
			return key, lost
		}
		key, err := c.lookForClientKey(ctx, project, newest, OutcomeOf(lost))
		switch {
		case err != nil:
			return ClientKey{}, &InDoubtError{lost, err}
		case key.ID != 0:
			return key, nil
		}
	}
	switch {
	case lost != nil && OutcomeOf(lost) == StillRunning:
		return ClientKey{}, &InDoubtError{Post: lost}
	case ctx.Err() != nil:
		return ClientKey{}, context.Cause(ctx)
	}
	return ClientKey{}, lost
}

// lookForClientKey waits for a key that is newer than newest, the longer if
// GitLab may still be making it. The key is zero if none appears.
func (c *Client) lookForClientKey(ctx context.Context, project string, newest int64, outcome Outcome) (ClientKey, error) {
	ctx, cancel := Outlive(ctx)
	defer cancel()
	end := time.Now().Add(lookTime)
	if outcome == StillRunning {
		end = time.Now().Add(lateTime)
	}
	for pause := firstLookPause; ; pause = min(2*pause, maxLookPause) {
		left := time.Until(end)
		key, err := c.newerClientKey(ctx, project, newest)
		passes := errors.Is(err, ErrServer) || errors.Is(err, ErrUnreachable)
		if key.ID != 0 || left <= 0 || err != nil && !passes {
			return key, err
		}
		if err := sleep(ctx, min(pause, left)); err != nil {
			return ClientKey{}, err
		}
	}
}

// newerClientKey returns the oldest key after newest; zero if there is none.
func (c *Client) newerClientKey(ctx context.Context, project string, newest int64) (ClientKey, error) {
	for key, err := range c.ClientKeys(ctx, project) {
		if err != nil || key.ID > newest {
			return key, err
		}
	}
	return ClientKey{}, nil
}
