package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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

// TestPagesExplainAllMessages compares the other way round: what the provider
// may say is on a page.
func TestPagesExplainAllMessages(t *testing.T) {
	t.Parallel()
	var pages strings.Builder
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || files == nil {
			t.Fatalf("%s: found %v, %v", pattern, files, err)
		}
		for _, file := range files {
			pages.WriteString(read(t, file))
		}
	}
	summaries, advice := spoken(t)
	if len(summaries) < 20 || len(advice) < 15 {
		t.Fatalf("found %d summaries and %d pieces of advice only", len(summaries), len(advice))
	}
	for _, words := range append(summaries, advice...) {
		if !strings.Contains(pages.String(), words) {
			t.Errorf("no page explains %q", words)
		}
	}
}

// spoken returns the constant words of all summaries in the provider, and how
// each advice begins.
func spoken(t *testing.T) (summaries, advice []string) {
	t.Helper()
	// The position of the summary among the arguments.
	position := map[string]int{
		"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "of": 0,
		"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
	}
	inspect := func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			name, ok := node.Fun.(*ast.SelectorExpr)
			if i, known := 0, false; ok {
				if i, known = position[name.Sel.Name]; known && i < len(node.Args) {
					summaries = append(summaries, constants(node.Args[i])...)
				}
			}
		case *ast.FuncDecl:
			if node.Name.Name == "advice" && node.Recv == nil || node.Name.Name == "unreachableAdvice" {
				ast.Inspect(node.Body, func(node ast.Node) bool {
					if result, ok := node.(*ast.ReturnStmt); ok {
						if words := constants(result.Results[0]); words != nil {
							advice = append(advice, regexp.MustCompile(`[.:,;(]| and `).Split(words[0], 2)[0])
						}
					}
					return true
				})
			}
		}
		return true
	}
	for _, file := range providerFiles(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, inspect)
	}
	return summaries, advice
}

// constants returns the constant parts of a text that is put together.
func constants(expression ast.Expr) (parts []string) {
	ast.Inspect(expression, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok {
			if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "of" {
				return false // looked into by itself
			}
		}
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			return true
		}
		for _, part := range regexp.MustCompile(`…|%[sdq]`).Split(text, -1) {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		return true
	})
	return parts
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
	var source strings.Builder
	for _, file := range providerFiles(t) {
		source.WriteString(read(t, file))
	}
	return source.String()
}

func providerFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("internal/provider/*.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
