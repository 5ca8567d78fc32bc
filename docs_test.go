package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMessagesInTheDocs compares the messages that the pages explain with the
// source, so that no page explains a message in outdated words.
func TestMessagesInTheDocs(t *testing.T) {
	t.Parallel()
	source := providerSource(t)
	sections := map[string]string{"README.md": "## When it complains"}
	for _, pattern := range []string{"templates/*.tmpl", "templates/*/*.tmpl"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || pages == nil {
			t.Fatalf("%s: found %v, %v", pattern, pages, err)
		}
		for _, page := range pages {
			if section := "## Errors and warnings"; strings.Contains(read(t, page), "\n"+section+"\n") {
				sections[filepath.ToSlash(page)] = section
			}
		}
	}
	if len(sections) < 4 {
		t.Errorf("%d pages only explain messages", len(sections))
	}
	for page, section := range sections {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			found := messages(t, page, section)
			if len(found) < 3 {
				t.Fatalf("%s explains %d messages only", page, len(found))
			}
			for _, message := range found {
				// Many summaries are built from "Cannot" and what.
				for part := range strings.SplitSeq(strings.TrimPrefix(message, "Cannot "), "…") {
					if !strings.Contains(source, strings.TrimSpace(part)) {
						t.Errorf("%s explains %q, but the provider has no words %q", page, message, part)
					}
				}
			}
		})
	}
}

// messages returns the code in the first column of the tables in a page's
// section.
func messages(t *testing.T, page, section string) []string {
	t.Helper()
	_, text, found := strings.Cut(read(t, page), "\n"+section+"\n")
	if !found {
		t.Fatalf("%s has no %s", page, section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	var messages []string
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]*) \|`).FindAllStringSubmatch(text, -1) {
		for _, code := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			messages = append(messages, code[1])
		}
	}
	return messages
}

// providerSource returns the source that diagnostics come from.
func providerSource(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("internal/provider/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			source.WriteString(read(t, file))
		}
	}
	return source.String()
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
