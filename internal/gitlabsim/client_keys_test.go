package gitlabsim_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlabsim"
)

const newKeys = "/projects/2/error_tracking/client_keys"

func TestGitLabMakesAClientKeyIfNoneIsActive(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{IntegratedErrorTracking: true})
	g.DeactivateClientKey(newID, g.AddClientKey(newID).ID)
	for range 2 {
		for _, path := range []string{linkedSettings, newSettings} {
			g.says(t, "PUT "+path+` {"active":true,"integrated":true}`, "200 …")
		}
		keys, others := g.ClientKeys(newID), g.ClientKeys(linkedID)
		if len(keys) != 2 || keys[0].Active || !keys[1].Active || len(others) != 1 || !others[0].Active || keys[1].PublicKey == others[0].PublicKey || keys[1].ID <= others[0].ID {
			t.Errorf("got %+v and %+v", keys, others)
		}
		others[0].Active = false // which changes the caller's copy only
	}
}

func TestClientKeysComeAndGo(t *testing.T) {
	t.Parallel()
	g := start(t, gitlabsim.Config{Version: "14.3"})
	g.says(t, "GET "+newKeys, "200 []")
	key, other := g.AddClientKey(newID), g.AddClientKey(newID)
	g.says(t, fmt.Sprintf("DELETE %s/%d", newKeys, key.ID), "200 …")

	// What is not there is left alone.
	g.RemoveClientKey(9, other.ID)
	g.DeactivateClientKey(9, other.ID)
	g.DeactivateClientKey(newID, 9)
	if keys := g.ClientKeys(newID); !slices.Equal(keys, []gitlabsim.ClientKey{other}) || g.ClientKeys(9) != nil || g.AddClientKey(9) != (gitlabsim.ClientKey{}) {
		t.Errorf("GitLab has %+v", keys)
	}
	g.RemoveClientKey(newID, other.ID)
	if third := g.AddClientKey(newID); third.ID <= other.ID || !slices.Equal(g.ClientKeys(newID), []gitlabsim.ClientKey{third}) {
		t.Errorf("the id %d follows %d; GitLab has %+v", third.ID, other.ID, g.ClientKeys(newID))
	}
}
