package main

import (
	"os"
	"testing"
)

func TestLogsAreOffUnlessTerraformShowsThem(t *testing.T) {
	loggers := []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_ERRORTRACKING"}
	for _, c := range []struct{ variable, level, others string }{
		{"TF_LOG", "", "OFF"},
		{"TF_LOG", "TRACE", ""},
		{"TF_LOG_PROVIDER", "DEBUG", ""},
		{"TF_LOG_SDK_PROTO", "WARN", "OFF"},
		{"TF_LOG_CORE", "TRACE", "OFF"}, // shows only Terraform's own
	} {
		for _, variable := range append(loggers, "TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_CORE") {
			t.Setenv(variable, "")
		}
		t.Setenv(c.variable, c.level)
		silenceUnseenLogs()
		for _, logger := range loggers {
			want := map[bool]string{true: c.level, false: c.others}[logger == c.variable]
			if got := os.Getenv(logger); got != want {
				t.Errorf("with %s=%s: %s is %q, want %q", c.variable, c.level, logger, got, want)
			}
		}
	}
}
