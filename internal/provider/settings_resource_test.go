package provider

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

func TestEveryWritableSettingIsSent(t *testing.T) {
	t.Parallel()
	settings := newWritableSettings(gitlab.Settings{Active: true, Integrated: true})
	sent, err := json.Marshal(settings.settingsUpdate(settings))
	of := reflect.TypeFor[writableSettings]()
	for i := range of.NumField() {
		if name := of.Field(i).Tag.Get("tfsdk"); !strings.Contains(string(sent), `"`+name+`":true`) {
			t.Errorf("%s is not in %s, %v", name, sent, err)
		}
	}
}
