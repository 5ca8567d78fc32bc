package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

// The gitlab provider's resource for the same settings, and the key in its
// private state that holds what a project had before.
const (
	gitlabSettingsType        = "gitlab_project_error_tracking_settings"
	gitlabSettingsOriginalKey = gitlabSettingsType + "_original"
)

// MoveState lets a moved block take over the state of the gitlab provider.
func (r *settingsResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveGitLabSettings}}
}

func moveGitLabSettings(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != gitlabSettingsType || req.SourceRawState == nil {
		return
	}
	var source struct {
		movedProject
		movedSettings
		Keep *bool `json:"keep_settings_on_destroy"`
	}
	var target settingsModel
	err := json.Unmarshal(req.SourceRawState.JSON, &source)
	if err == nil {
		target.managedProject, err = source.decode()
	}
	if err == nil && source.Active == nil {
		err = errors.New("it has no attribute active")
	}
	if err != nil {
		resp.Diagnostics.Append(cannotMove(gitlabSettingsType, err, "import the project instead"))
		return
	}
	target.Active = types.BoolPointerValue(source.Active)
	target.Integrated = types.BoolValue(source.Integrated != nil && *source.Integrated)
	target.OnDestroy, target.Original = types.StringValue(onDestroyKeep), types.ObjectNull(writableSettingsTypes())
	if source.Keep != nil && !*source.Keep {
		target.moveOriginal(ctx, req.SourcePrivate, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, target)...)
}

// movedSettings are settings in a state of the gitlab provider.
type movedSettings struct {
	Active     *bool `json:"active"`
	Integrated *bool `json:"integrated"`
}

// moveOriginal takes over what the gitlab provider would have restored.
func (m *settingsModel) moveOriginal(ctx context.Context, from privateReader, diags *diag.Diagnostics) {
	var unreadable diag.Diagnostics
	before := readNote[movedSettings](ctx, from, gitlabSettingsOriginalKey, &unreadable)
	if before == nil || before.Active == nil {
		diags.AddAttributeWarning(path.Root("on_destroy"), "The original settings of "+called(m.name())+" are not known",
			"keep_settings_on_destroy = false asked the gitlab provider to restore the original settings, but they cannot be read from its state. After this move, on_destroy is \"keep\" in the state: destroying leaves the settings as they are.")
		return
	}
	original := writableSettings{Active: types.BoolPointerValue(before.Active), Integrated: types.BoolPointerValue(before.Integrated)}
	m.OnDestroy, m.Original = types.StringValue(onDestroyRestore), original.object()
}

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

// movedProject is the project in a state of the gitlab provider: an id, as a
// number or as text, or a path, which may be percent-encoded.
type movedProject struct {
	Project json.RawMessage `json:"project"`
}

// decode leaves the id to the first read.
func (p movedProject) decode() (managedProject, error) {
	text := strings.Trim(string(p.Project), `"`)
	if text == "" || text == "null" {
		return managedProject{}, errors.New("it has no attribute project")
	}
	project, err := url.PathUnescape(text)
	if err != nil {
		return managedProject{}, fmt.Errorf("its project cannot be decoded: %w", err)
	}
	return managedProject{Project: types.StringValue(project)}, checkProject(project)
}
