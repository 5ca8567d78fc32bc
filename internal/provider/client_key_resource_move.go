package provider

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// gitlabClientKeyType is the gitlab provider's resource for the same keys.
const gitlabClientKeyType = "gitlab_project_error_tracking_client_key"

// MoveState lets a moved block take over the state of the gitlab provider.
func (r *clientKeyResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveGitLabClientKey}}
}

func moveGitLabClientKey(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != gitlabClientKeyType || req.SourceRawState == nil {
		return
	}
	var source struct {
		movedProject
		KeyID     int64  `json:"key_id"`
		Active    bool   `json:"active"`
		PublicKey string `json:"public_key"`
		SentryDSN string `json:"sentry_dsn"`
	}
	var target clientKeyModel
	err := json.Unmarshal(req.SourceRawState.JSON, &source)
	if err == nil {
		target.managedProject, err = source.decode()
	}
	if err == nil && (source.KeyID <= 0 || source.PublicKey == "") {
		err = errors.New("it has no key_id or no public_key")
	}
	if err != nil {
		resp.Diagnostics.Append(cannotMove(gitlabClientKeyType, err, "import the key instead, as PROJECT:KEY_ID"))
		return
	}
	target.clientKeyAttributes = newClientKeyAttributes(gitlab.ClientKey{ID: source.KeyID, Active: source.Active, PublicKey: source.PublicKey, SentryDSN: source.SentryDSN})
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, target)...)
}
