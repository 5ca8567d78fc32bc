package terraformcli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// Examples of a resource or a data source do not repeat this block.
const requiredProviders = `terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
  }
}
`

// TestExamples lets the real command read every example that users may paste:
// the folders under examples, and the blocks of README.md.
func TestExamples(t *testing.T) {
	t.Parallel()
	root, err := terraformcli.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cli, err := terraformcli.Install(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	examples := exampleFolders(t, filepath.Join(root, "examples"))
	for _, name := range []string{"quickstart", "provider", "resources/errortracking_settings", "data-sources/errortracking_settings"} {
		if examples[name] == nil {
			t.Errorf("examples/%s has no configuration", name)
		}
	}
	examples["README.md"] = readmeBlocks(t, filepath.Join(root, "README.md"))
	for name, files := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := accept(t, cli, files); err != "" {
				t.Error(err)
			}
		})
	}
	t.Run("what is wrong is not accepted", func(t *testing.T) {
		t.Parallel()
		for want, text := range map[string]string{
			"fmt":              "resource \"errortracking_settings\" \"a\" {\n  project = \"acme/a\"\n  active    = true\n}\n",
			"Unsupported arg":  "resource \"errortracking_settings\" \"a\" {\n  project = \"acme/a\"\n  active  = true\n  enabled = true\n}\n",
			"Invalid project":  "resource \"errortracking_settings\" \"a\" {\n  project = \"acme\"\n  active  = true\n}\n",
			"Invalid resource": "resource \"errortracking_other\" \"a\" {\n}\n",
		} {
			if got := accept(t, cli, map[string]string{"main.tf": text}); !strings.Contains(got, want) {
				t.Errorf("got %q, want … %q …:\n%s", got, want, text)
			}
		}
	})
}

// exampleFolders returns the .tf files of the folders that have any, by the
// folder's path.
func exampleFolders(t *testing.T, root string) map[string]map[string]string {
	t.Helper()
	folders := map[string]map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".tf" {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		folder := filepath.ToSlash(filepath.Dir(path))
		if folders[folder] == nil {
			folders[folder] = map[string]string{}
		}
		folders[folder][entry.Name()] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// readmeBlocks returns the configurations in a page, as if all were pasted
// into one file.
func readmeBlocks(t *testing.T, page string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if blocks == nil {
		t.Fatalf("%s has no configuration", page)
	}
	var all []string
	for _, block := range blocks {
		all = append(all, block[1])
	}
	return map[string]string{"main.tf": strings.Join(all, "\n")}
}

// accept returns what fmt, init or validate has against the files.
func accept(t *testing.T, cli *terraformcli.CLI, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	declared := false
	for name, text := range files {
		declared = declared || strings.Contains(text, "required_providers")
		write(t, filepath.Join(dir, name), text)
	}
	if !declared {
		write(t, filepath.Join(dir, "versions.tf"), requiredProviders)
	}
	for _, command := range [][]string{
		{"fmt", "-check", "-diff"},
		{"init", "-no-color", "-backend=false"},
		{"validate", "-no-color"},
	} {
		if output, err := cli.Command(t.Context(), dir, nil, command...).CombinedOutput(); err != nil {
			return command[0] + ": " + err.Error() + "\n" + string(output)
		}
	}
	return ""
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
