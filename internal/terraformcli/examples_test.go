package terraformcli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExamples lets the real command read all configuration that users may
// paste: the folders under examples, and the code fences of the pages.
func TestExamples(t *testing.T) {
	t.Parallel()
	v := newValidator(t)
	configurations := exampleFolders(t)
	maps.Copy(configurations, pageFences(t))
	if len(configurations) < 30 {
		t.Errorf("found %d configurations only", len(configurations))
	}
	for name, configuration := range configurations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := v.accept(t, configuration); err != "" {
				t.Error(err)
			}
		})
	}
	// What is not accepted, with the reason in its first line.
	for name, text := range find(t, ".", "testdata/wrong/*.tf") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reason, _, _ := strings.Cut(strings.TrimPrefix(text, "# Wrong: "), "\n")
			if got := v.accept(t, files{fileName(text): text}); !strings.Contains(got, reason) {
				t.Errorf("got %q, want … %q …", got, reason)
			}
		})
	}
	checkListResourcePages(t, v)
}

// checkListResourcePages compares the schemas on handwritten pages with the
// provider's own.
func checkListResourcePages(t *testing.T, v *validator) {
	t.Helper()
	pages := find(t, root, "docs/list-resources/*.md")
	for name, schema := range v.schemas.ListResourceSchemas {
		_, text, _ := strings.Cut(pages["docs/list-resources/"+strings.TrimPrefix(name, "errortracking_")+".md"], "### Required")
		required, optional, _ := strings.Cut(text, "### Optional")
		for _, attribute := range schema.Block.Attributes {
			section := optional
			if attribute.Required {
				section = required
			}
			line := "- `" + attribute.Name + "` (TYPE) " + attribute.Description + "\n"
			if !strings.Contains(regexp.MustCompile("(- `.*` )[(][A-Z][a-z]*[)]").ReplaceAllString(section, "$1(TYPE)"), line) {
				t.Errorf("the page of %s does not say in its place: %s", name, line)
			}
		}
		if count := strings.Count(text, "\n- `"); count != len(schema.Block.Attributes) {
			t.Errorf("the page of %s has %d attributes, want %d", name, count, len(schema.Block.Attributes))
		}
	}
}

// files is a configuration, by file name.
type files map[string]string

// exampleFolders returns the configuration of each folder that has one, by the
// folder's path.
func exampleFolders(t *testing.T) map[string]files {
	t.Helper()
	folders := map[string]files{}
	for file, text := range find(t, root, "examples/*/*.tf", "examples/*/*/*.tf", "examples/*/*/*/*.tf", "examples/*/*/*.hcl") {
		folder := path.Dir(file)
		if folders[folder] == nil {
			folders[folder] = files{}
		}
		folders[folder][path.Base(file)] = text
	}
	return folders
}

// pageFences returns the code fences of the pages by page and line. Each is a
// configuration by itself.
func pageFences(t *testing.T) map[string]files {
	t.Helper()
	fences := map[string]files{}
	fence := regexp.MustCompile("(?ms)^ *```(?:terraform|hcl|tf)\n(.*?)^ *```$")
	// A fence may say what file it is, and a later one that it adds to it.
	comment := regexp.MustCompile(`\A# (Added to )?(\S+\.tf)\.?\n`)
	for page, text := range find(t, root, "*.md", "docs/*.md", "docs/*/*.md") {
		parts := map[string]string{}
		for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
			body := text[at[2]:at[3]]
			switch says := comment.FindStringSubmatch(body); {
			case says == nil:
			case says[1] == "":
				parts[says[2]] = body
			default:
				body = parts[says[2]] + "\n" + body
			}
			line := 1 + strings.Count(text[:at[2]], "\n")
			fences[fmt.Sprintf("%s:%d", page, line)] = files{fileName(body): body}
		}
	}
	return fences
}

// fileName returns a file name for the text: some blocks need a special one.
func fileName(text string) string {
	switch {
	case regexp.MustCompile(`(?m)^list "`).MatchString(text):
		return "main.tfquery.hcl"
	case regexp.MustCompile(`(?m)^(run|mock_provider) "`).MatchString(text):
		return "tests/main.tftest.hcl"
	}
	return "main.tf"
}

const root = "../.."

// find returns the texts of the files that fit patterns, of which each has one.
func find(t *testing.T, root string, patterns ...string) files {
	t.Helper()
	found := files{}
	for _, pattern := range patterns {
		paths, err := fs.Glob(os.DirFS(root), pattern)
		if err != nil || paths == nil {
			t.Fatalf("%s: found %v, %v", pattern, paths, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(filepath.Join(root, path))
			if err != nil {
				t.Fatal(err)
			}
			found[path] = string(text)
		}
	}
	return found
}

func write(t *testing.T, dir string, configuration files) {
	t.Helper()
	for name, text := range configuration {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}
