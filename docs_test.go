package main_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestMessagesInTheDocs compares the messages that pages quote with the source,
// so that no page quotes outdated words. The page of errors and warnings has all
// that the provider may say, but for what only a defect of it can cause.
func TestMessagesInTheDocs(t *testing.T) {
	t.Parallel()
	const errorsPage = "templates/guides/errors-and-warnings.md.tmpl"
	defects := []string{"Cannot read the private state", "Cannot write the private state"}
	source := strings.Join(slices.Collect(maps.Values(read(t, "internal/provider/*.go"))), "")
	quoted := map[string][]string{}
	for page, text := range read(t, "README.md", "templates/*.tmpl", "templates/*/*.tmpl") {
		quoted[page] = messages(text)
		for _, message := range quoted[page] {
			// Many summaries are built from "Cannot", what, and the kind of subject.
			for _, part := range regexp.MustCompile(`…|\b(?:project|group)\b`).Split(strings.TrimPrefix(message, "Cannot "), -1) {
				if !strings.Contains(source, strings.TrimSpace(part)) {
					t.Errorf("%s quotes %q, but the provider has no words %q", page, message, part)
				}
			}
		}
	}
	summaries, advice := spoken(t)
	if n := len(quoted[errorsPage]); n < 60 || len(summaries) < 50 || len(advice) < 15 {
		t.Fatalf("%s quotes %d messages, and there are %d summaries and %d pieces of advice only", errorsPage, n, len(summaries), len(advice))
	}
	explained := strings.Join(quoted[errorsPage], "\n")
	for _, words := range append(summaries, advice...) {
		if !slices.Contains(defects, words) && !strings.Contains(explained, words) {
			t.Errorf("%s does not explain %q", errorsPage, words)
		}
	}
}

// messages returns the code spans of a page that are sentences, as messages
// are; "…" stands for what they are about.
func messages(page string) (messages []string) {
	page = regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(page, "")
	for _, span := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(page, -1) {
		if text := strings.Join(strings.Fields(span[1]), " "); regexp.MustCompile(`^[A-Z][a-z][^=()]* [^=()]*$`).MatchString(text) {
			messages = append(messages, text)
		}
	}
	return messages
}

// spoken returns the constant words of all summaries in the provider, and how
// each advice begins.
func spoken(t *testing.T) (summaries, advice []string) {
	t.Helper()
	advising := regexp.MustCompile(`^(tell|cause|advice|(server|refused|proxy|unreachable)Advice)$`)
	// The position of the summary among the arguments.
	position := map[string]int{
		"AddError": 0, "AddWarning": 0, "NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "of": 0,
		"AddAttributeError": 1, "AddAttributeWarning": 1, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
		"newProblem": 1,
		"failed":     0, "clientKeyFailed": 0, // without "Cannot"
	}
	for file, text := range read(t, "internal/provider/*.go") {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for node := range ast.Preorder(parsed) {
			switch node := node.(type) {
			case *ast.CallExpr:
				if i, known := position[called(node)]; known && i < len(node.Args) {
					summaries = append(summaries, constants(node.Args[i])...)
				}
			case *ast.KeyValueExpr:
				if types.ExprString(node.Key) == "summary" {
					summaries = append(summaries, constants(node.Value)...)
				}
			case *ast.FuncDecl:
				if !advising.MatchString(node.Name.Name) {
					continue
				}
				for node := range ast.Preorder(node.Body) {
					if result, ok := node.(*ast.ReturnStmt); ok {
						if words := constants(result.Results[0]); words != nil {
							advice = append(advice, regexp.MustCompile(`[.:,;(]| and `).Split(words[0], 2)[0])
						}
					}
				}
			}
		}
	}
	return summaries, advice
}

// called returns the name of the function or method that is called.
func called(call *ast.CallExpr) string {
	of := types.ExprString(call.Fun)
	return of[strings.LastIndex(of, ".")+1:]
}

// constants returns the constant parts of a text that is put together.
func constants(expression ast.Expr) (parts []string) {
	ast.Inspect(expression, func(node ast.Node) bool {
		if call, ok := node.(*ast.CallExpr); ok && called(call) == "of" {
			return false // looked into by itself
		}
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, _ := strconv.Unquote(literal.Value) // it is one: it was parsed
			for _, part := range regexp.MustCompile(`…|%[sdq]`).Split(text, -1) {
				if part = strings.TrimSpace(part); part != "" {
					parts = append(parts, part)
				}
			}
		}
		return true
	})
	return parts
}

// read returns the texts of the files that fit patterns, but for tests.
func read(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range patterns {
		files, err := filepath.Glob(pattern)
		for _, file := range files {
			text, readErr := os.ReadFile(file)
			if err = errors.Join(err, readErr); !strings.HasSuffix(file, "_test.go") {
				texts[file] = string(text)
			}
		}
		if err != nil || files == nil {
			t.Fatalf("%s: found %v, %v", pattern, files, err)
		}
	}
	return texts
}
