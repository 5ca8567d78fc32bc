package main

import (
	"os"
	"testing"
)

func TestLogsAreOffUnlessTerraformShowsThem(t *testing.T) {
	off := map[string]string{
		"TF_LOG_SDK": "OFF", "TF_LOG_SDK_PROTO": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_PROVIDER_ERRORTRACKING": "OFF",
	}
	for name, c := range map[string]struct {
		given, want map[string]string
	}{
		"no variable asks for logs":        {nil, off},
		"TF_LOG asks for all":              {map[string]string{"TF_LOG": "TRACE"}, nil},
		"TF_LOG_PROVIDER asks":             {map[string]string{"TF_LOG_PROVIDER": "DEBUG"}, nil},
		"a single logger has a level":      {map[string]string{"TF_LOG_SDK_PROTO": "WARN"}, map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_SDK_PROTO": "WARN", "TF_LOG_SDK_FRAMEWORK": "OFF", "TF_LOG_PROVIDER_ERRORTRACKING": "OFF"}},
		"only Terraform's own logs are on": {map[string]string{"TF_LOG_CORE": "TRACE"}, off},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_ERRORTRACKING"} {
				t.Setenv(variable, c.given[variable])
			}
			silenceUnseenLogs()
			for variable := range off {
				if got := os.Getenv(variable); got != c.want[variable] {
					t.Errorf("%s is %q, want %q", variable, got, c.want[variable])
				}
			}
		})
	}
}
