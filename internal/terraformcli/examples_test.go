package terraformcli_test

import (
	"fmt"
	"io/fs"
	"os"
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
	t.Run("examples", func(t *testing.T) {
		t.Parallel()
		folders := exampleFolders(t, filepath.Join(root, "examples"))
		for _, name := range []string{"quickstart", "provider", "resources/errortracking_settings", "data-sources/errortracking_settings"} {
			if folders[name] == nil {
				t.Errorf("examples/%s has no configuration", name)
			}
		}
		v.acceptAll(t, folders)
	})
	t.Run("pages", func(t *testing.T) {
		t.Parallel()
		fences := pageFences(t, root)
		if len(fences) < 20 {
			t.Errorf("found %d fences only", len(fences))
		}
		v.acceptAll(t, fences)
	})
	t.Run("the page of the list resource", func(t *testing.T) {
		t.Parallel()
		checkListResourcePages(t, v, root)
	})
	t.Run("what is wrong is not accepted", func(t *testing.T) {
		t.Parallel()
		rejectsWhatIsWrong(t, v)
	})
}

func (v *validator) acceptAll(t *testing.T, configurations map[string]files) {
	t.Helper()
	for name, configuration := range configurations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := v.accept(t, configuration); err != "" {
				t.Error(err)
			}
		})
	}
}

// rejectsWhatIsWrong tests the validator itself.
func rejectsWhatIsWrong(t *testing.T, v *validator) {
	t.Helper()
	const good = "resource \"errortracking_settings\" \"a\" {\n  project = \"acme/a\"\n  active  = true\n}\n"
	if err := v.accept(t, files{"main.tf": good}); err != "" {
		t.Error(err)
	}
	for name, c := range map[string]struct{ file, text, want string }{
		"bad format":                     {"main.tf", strings.Replace(good, "active  ", "active ", 1), "fmt"},
		"an attribute that is not there": {"main.tf", strings.Replace(good, "active  = true", "active  = true\n  enabled = true", 1), "Unsupported arg"},
		"a value of the wrong form":      {"main.tf", strings.Replace(good, "acme/a", "acme", 1), "Invalid project"},
		"another resource":               {"main.tf", "resource \"errortracking_other\" \"a\" {\n}\n", "Invalid resource"},
		"a reference among another provider's": {"main.tf",
			good + "\nresource \"gitlab_project_variable\" \"a\" {\n  value = 1\n}\n\noutput \"a\" {\n  value = [errortracking_settings.a.enabled, gitlab_project_variable.a.value]\n}\n", "no attribute enabled"},
		"a reference in another provider's block": {"main.tf",
			"resource \"gitlab_project_variable\" \"a\" {\n  value = errortracking_client_key.a.dsn\n}\n", "no attribute dsn"},
		"a block of a provider without its source": {"main.tf", "resource \"gitlab_project\" \"a\" {\n  name = \"a\"\n}\n", "hashicorp/gitlab"},
		"a move to a type that does not exist":     {"main.tf", "moved {\n  from = errortracking_settings.a\n  to   = errortracking_setting.a\n}\n", "no errortracking_setting"},
		"a provider block":                         {"main.tf", "provider \"errortracking\" {\n  url = \"https://gitlab.example.com\"\n}\n", "Unsupported arg"},
		"an element of a list that is read": {"main.tf",
			"data \"errortracking_group_settings\" \"a\" {\n  group = \"acme\"\n}\n\noutput \"a\" {\n  value = [for p in data.errortracking_group_settings.a.projects : p.path if p.active]\n}\n", "no attribute path"},
		"an element in a splat": {"main.tf",
			"data \"errortracking_group_settings\" \"a\" {\n  group = \"acme\"\n}\n\noutput \"a\" {\n  value = data.errortracking_group_settings.a.projects[*].path\n}\n", "no attribute path"},
		"the identity, with any command": {"main.tf",
			"# Terraform 99.1 or newer.\nimport {\n  to       = errortracking_settings.a\n  identity = { path = \"acme/a\" }\n}\n", "no attribute path"},
		"a query, with any command": {"all.tfquery.hcl",
			"# Terraform 99.1 or newer.\nlist \"errortracking_settings\" \"a\" {\n  provider = errortracking\n  config {\n    group  = \"acme\"\n    groups = \"acme\"\n  }\n}\n", "no attribute groups"},
		"a resource, with any command": {"main.tf", "# Terraform 99.1 or newer.\n" + strings.Replace(good, "active  = true", "active  = true\n  enabled = true", 1), "no attribute enabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := v.accept(t, files{c.file: c.text}); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want … %q …:\n%s", got, c.want, c.text)
			}
		})
	}
}

// checkListResourcePages compares the schemas on handwritten pages with the
// provider's own.
func checkListResourcePages(t *testing.T, v *validator, root string) {
	t.Helper()
	for name, schema := range v.schemas.ListResourceSchemas {
		page := read(t, filepath.Join(root, "docs", "list-resources", strings.TrimPrefix(name, "errortracking_")+".md"))
		_, text, _ := strings.Cut(page, "### Required")
		required, optional, found := strings.Cut(text, "### Optional")
		if !found {
			t.Fatalf("the page of %s has no required and optional attributes", name)
		}
		for _, attribute := range schema.Block.Attributes {
			section := optional
			if attribute.Required {
				section = required
			}
			if line := fmt.Sprintf("- `%s` (", attribute.Name); !strings.Contains(section, line) || !strings.Contains(section, ") "+attribute.Description+"\n") {
				t.Errorf("the page of %s does not say in its place: %s%s) %s", name, line, attribute.Type, attribute.Description)
			}
		}
		if count := strings.Count(required+optional, "\n- `"); count != len(schema.Block.Attributes) {
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
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".tf") && !strings.HasSuffix(path, ".hcl") {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		if folders[folder] == nil {
			folders[folder] = files{}
		}
		folders[folder][entry.Name()] = read(t, filepath.Join(root, path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// pageFences returns the code fences of the pages by page and line. Each is a
// configuration by itself.
func pageFences(t *testing.T, root string) map[string]files {
	t.Helper()
	fences := map[string]files{}
	fence := regexp.MustCompile("(?ms)^ *```(?:terraform|hcl|tf)\n(.*?)^ *```$")
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		pages, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || pages == nil {
			t.Fatalf("%s: found %v, %v", pattern, pages, err)
		}
		for _, page := range pages {
			text := read(t, page)
			name, err := filepath.Rel(root, page)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]string{}
			for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
				body := text[at[2]:at[3]]
				// A fence may say what file it is, and a later one that it adds to it.
				if file := regexp.MustCompile(`\A# (\S+\.tf)\n`).FindStringSubmatch(body); file != nil {
					parts[file[1]] = body
				}
				if file := regexp.MustCompile(`\A# Added to (\S+\.tf)\.\n`).FindStringSubmatch(body); file != nil {
					body = parts[file[1]] + "\n" + body
				}
				line := 1 + strings.Count(text[:at[2]], "\n")
				fences[fmt.Sprintf("%s:%d", filepath.ToSlash(name), line)] = files{fileName(body): body}
			}
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
