package terraformcli_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// TestExamples lets the real command read all configuration that users may
// paste: the folders under examples, and the code fences of the pages.
func TestExamples(t *testing.T) {
	t.Parallel()
	root, err := terraformcli.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v := newValidator(t)
	configurations := exampleFolders(t, root)
	maps.Copy(configurations, pageFences(t, root))
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
	for _, name := range find(t, ".", "testdata/wrong/*.tf") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t, name)
			reason, _, _ := strings.Cut(strings.TrimPrefix(text, "# Wrong: "), "\n")
			if got := v.accept(t, files{fileName(text): text}); !strings.Contains(got, reason) {
				t.Errorf("got %q, want … %q …", got, reason)
			}
		})
	}
	checkListResourcePages(t, v, root)
}

// checkListResourcePages compares the schemas on handwritten pages with the
// provider's own.
func checkListResourcePages(t *testing.T, v *validator, root string) {
	t.Helper()
	for name, schema := range v.schemas.ListResourceSchemas {
		page := read(t, filepath.Join(root, "docs", "list-resources", strings.TrimPrefix(name, "errortracking_")+".md"))
		_, text, _ := strings.Cut(page, "### Required")
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
func exampleFolders(t *testing.T, root string) map[string]files {
	t.Helper()
	folders := map[string]files{}
	for _, file := range find(t, root, "examples/*/*.tf", "examples/*/*/*.tf", "examples/*/*/*/*.tf", "examples/*/*/*.hcl") {
		folder := path.Dir(file)
		if folders[folder] == nil {
			folders[folder] = files{}
		}
		folders[folder][path.Base(file)] = read(t, filepath.Join(root, file))
	}
	return folders
}

// pageFences returns the code fences of the pages by page and line. Each is a
// configuration by itself.
func pageFences(t *testing.T, root string) map[string]files {
	t.Helper()
	fences := map[string]files{}
	fence := regexp.MustCompile("(?ms)^ *```(?:terraform|hcl|tf)\n(.*?)^ *```$")
	// A fence may say what file it is, and a later one that it adds to it.
	comment := regexp.MustCompile(`\A# (Added to )?(\S+\.tf)\.?\n`)
	for _, page := range find(t, root, "*.md", "docs/*.md", "docs/*/*.md") {
		text := read(t, filepath.Join(root, page))
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

// find returns the files that fit a pattern, of which each has one.
func find(t *testing.T, root string, patterns ...string) (found []string) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := fs.Glob(os.DirFS(root), pattern)
		if err != nil || files == nil {
			t.Fatalf("%s: found %v, %v", pattern, files, err)
		}
		found = append(found, files...)
	}
	return found
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
