package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

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
		Project   string `json:"project"`
		KeyID     int64  `json:"key_id"`
		Active    bool   `json:"active"`
		PublicKey string `json:"public_key"`
		SentryDSN string `json:"sentry_dsn"`
	}
	err := json.Unmarshal(req.SourceRawState.JSON, &source)
	if err == nil {
		source.Project, err = decodeProject(source.Project)
	}
	if err == nil && (source.KeyID <= 0 || source.PublicKey == "") {
		err = fmt.Errorf("it has no key_id or no public_key")
	}
	if err != nil {
		resp.Diagnostics.Append(cannotMove(gitlabClientKeyType, err, "import the key instead, as PROJECT:KEY_ID"))
		return
	}
	target := clientKeyModel{
		Project:             types.StringValue(source.Project),
		clientKeyAttributes: newClientKeyAttributes(gitlab.ClientKey{ID: source.KeyID, Active: source.Active, PublicKey: source.PublicKey, SentryDSN: source.SentryDSN}),
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, target)...)
	resp.Diagnostics.Append(resp.TargetIdentity.Set(ctx, target.identity())...)
}
