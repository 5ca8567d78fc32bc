package provider

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/gitlab"
)

func TestEveryWritableSettingIsSent(t *testing.T) {
	t.Parallel()
	settings := newWritableSettings(gitlab.Settings{Active: true, Integrated: true})
	text, err := json.Marshal(settings.settingsUpdate(settings))
	if err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	of := reflect.TypeFor[writableSettings]()
	for i := range of.NumField() {
		if name := of.Field(i).Tag.Get("tfsdk"); sent[name] == nil {
			t.Errorf("%s is not in %s", name, text)
		}
	}
}
