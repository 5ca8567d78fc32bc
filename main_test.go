package main

import (
	"os"
	"testing"
)

func TestLogsAreOffUnlessTerraformShowsThem(t *testing.T) {
	for _, c := range []struct{ variable, level, others string }{
		{"TF_LOG", "", "OFF"},
		{"TF_LOG", "TRACE", ""},
		{"TF_LOG_PROVIDER", "DEBUG", ""},
		{"TF_LOG_SDK_PROTO", "WARN", "OFF"},
		{"TF_LOG_CORE", "TRACE", "OFF"}, // shows only Terraform's own
	} {
		t.Run(c.variable+"="+c.level, func(t *testing.T) {
			loggers := map[string]string{"TF_LOG_SDK": c.others, "TF_LOG_SDK_PROTO": c.others, "TF_LOG_SDK_FRAMEWORK": c.others, "TF_LOG_PROVIDER_ERRORTRACKING": c.others}
			for variable := range loggers {
				t.Setenv(variable, "")
			}
			t.Setenv("TF_LOG", "")
			t.Setenv("TF_LOG_PROVIDER", "")
			t.Setenv(c.variable, c.level)
			silenceUnseenLogs()
			for variable, want := range loggers {
				if got := os.Getenv(variable); got != want && variable != c.variable || os.Getenv(c.variable) != c.level {
					t.Errorf("%s is %q, want %q", variable, got, want)
				}
			}
		})
	}
}
