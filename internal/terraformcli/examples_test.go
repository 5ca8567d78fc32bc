package terraformcli_test

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// TestExamples lets the real command read all configuration that users may
// paste: the folders under examples, and the code fences of the pages. What it
// must not accept is in testdata, with the reason in the first line.
func TestExamples(t *testing.T) {
	t.Parallel()
	v := newValidator(t)
	configurations := readConfigurations(t)
	if len(configurations) < 50 {
		t.Errorf("found %d configurations only", len(configurations))
	}
	for name, configuration := range configurations {
		_, reason, wrong := strings.Cut(strings.Join(slices.Collect(maps.Values(configuration)), "\n"), "# Wrong: ")
		reason, _, _ = strings.Cut(reason, "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := v.accept(t, configuration)
			if wrong != (got != "") || !strings.Contains(strings.Join(strings.Fields(got), " "), reason) {
				t.Errorf("got %s, want %q", cmp.Or(got, "no error"), reason)
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
	for name, schema := range v.schemas {
		lines := map[bool]string{}
		for _, a := range schema.Block.Attributes {
			lines[a.Required] += "- `" + a.Name + "` (TYPE) " + a.Description + "\n"
		}
		page := pages["docs/list-resources/"+strings.TrimPrefix(name, "errortracking_")+".md"]
		page = regexp.MustCompile("(- `.*` )[(][A-Z][a-z]*[)]").ReplaceAllString(page, "$1(TYPE)")
		if want := "### Required\n\n" + lines[true] + "\n### Optional\n\n" + lines[false] + "\n"; !strings.Contains(page, want) {
			t.Errorf("the page of %s does not say:\n%s", name, want)
		}
	}
}

// validator checks configurations. One init serves all.
type validator struct {
	cli *terraformcli.CLI
	// name is Terraform or OpenTofu, of the version 1.minor.
	name  string
	minor int
	// dir is a folder in which init has run, data is where it put the provider.
	dir, data string
	schemas   map[string]*tfprotov6.Schema
	// settable has "config TYPE.NAME" and "identity TYPE.NAME".
	settable map[string]bool
}

func newValidator(t *testing.T) *validator {
	t.Helper()
	cli, err := terraformcli.Install(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v := &validator{cli: cli, dir: t.TempDir(), data: t.TempDir(), settable: map[string]bool{}}
	write(t, v.dir, find(t, "testdata", "use.tf"))
	if err := v.run(t, v.dir, "init", "-no-color", "-backend=false"); err != "" {
		t.Fatal(err)
	}
	output, versionErr := cli.Command(t.Context(), v.dir, nil, "version").Output()
	_, scanErr := fmt.Sscanf(string(output), "%s v1.%d", &v.name, &v.minor)
	server := provider.NewServer("test")
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	identities, identityErr := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err := errors.Join(versionErr, scanErr, err, identityErr); err != nil {
		t.Fatal(err)
	}
	v.schemas = schemas.ListResourceSchemas
	for name, schema := range v.schemas {
		for _, attribute := range schema.Block.Attributes {
			v.settable["config "+name+"."+attribute.Name] = true
		}
	}
	for name, schema := range identities.IdentitySchemas {
		for _, attribute := range schema.IdentityAttributes {
			v.settable["identity "+name+"."+attribute.Name] = true
		}
	}
	return v
}

// accept returns what is wrong with the files, or "".
func (v *validator) accept(t *testing.T, configuration files) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, configuration)
	if err := v.run(t, dir, "fmt", "-check", "-diff", "-recursive"); err != "" {
		return err
	}
	whole := "\n" + strings.Join(slices.Collect(maps.Values(configuration)), "\n")
	switch {
	case regexp.MustCompile(`\n +errortracking = {`).MatchString(whole) && !regexp.MustCompile(`source += "errortracking/errortracking"`).MatchString(whole):
		return "init would not find this provider"
	case regexp.MustCompile(`\n(resource|data) "gitlab_`).MatchString(whole) && !strings.Contains(whole, `source = "gitlabhq/gitlab"`):
		return "init would look for hashicorp/gitlab"
	}
	command := []string{"validate", "-no-color"}
	for name, text := range configuration {
		parsed, diagnostics := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
		if diagnostics.HasErrors() {
			return diagnostics.Error()
		}
		reduced := ""
		body, _ := parsed.Body.(*hclsyntax.Body)
		for _, block := range body.Blocks {
			part := string(block.Range().SliceBytes([]byte(text)))
			if missing := v.missing(part); missing != "" {
				return missing
			}
			reduced += reduce(block, part, whole)
		}
		if !v.knows(text) {
			reduced = ""
		} else if strings.HasSuffix(name, ".tfquery.hcl") {
			command = append(command, "-query")
		}
		write(t, dir, files{name: reduced, "probes.tf": probes(whole)})
	}
	write(t, dir, find(t, v.dir, "use.tf", ".terraform.lock.hcl"))
	return v.run(t, dir, command...)
}

// run returns the output of a command that fails, or "".
func (v *validator) run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	output, err := v.cli.Command(t.Context(), dir, []string{"TF_DATA_DIR=" + v.data}, command...).CombinedOutput()
	if err != nil {
		return command[0] + ": " + err.Error() + "\n" + string(output)
	}
	return ""
}

// knows reports whether the command is new enough for a text. One that not
// every command takes says so in a comment, "Terraform 1.7, OpenTofu 1.10, or
// newer".
func (v *validator) knows(text string) bool {
	for _, need := range regexp.MustCompile(`(?m)^ *# .*?\bTerraform 1\.(\d+)(?:, OpenTofu 1\.(\d+))?`).FindAllStringSubmatch(text, -1) {
		minor, err := strconv.Atoi(need[map[string]int{"Terraform": 1, "OpenTofu": 2}[v.name]])
		if err != nil || v.minor < minor {
			return false
		}
	}
	return true
}

// missing returns a name that a block sets and that is not there, or "", where
// the command may be too old to say so.
func (v *validator) missing(block string) string {
	of := regexp.MustCompile(`errortracking_\w+`).FindString(block)
	for _, inner := range regexp.MustCompile(`(?s)\b(config|identity)(?: +=)? {(.*?)}`).FindAllStringSubmatch(block, -1) {
		for _, set := range regexp.MustCompile(`(\w+) += `).FindAllStringSubmatch(inner[2], -1) {
			if name := inner[1] + " " + of + "." + set[1]; of != "" && !v.settable[name] {
				return "there is no " + name
			}
		}
	}
	return ""
}

// reduce returns what can be validated of a block: nothing of another provider,
// which is not installed, nor of an import into what is declared elsewhere. A
// variable replaces a reference to another provider.
func reduce(block *hclsyntax.Block, text, whole string) string {
	to := regexp.MustCompile(`\n  to += (errortracking_\w+)\.(\w+)`).FindStringSubmatch(text)
	switch {
	case block.Type == "terraform", strings.HasPrefix(strings.Join(block.Labels, ""), "gitlab"),
		block.Type == "import" && (to == nil || !strings.Contains(whole, fmt.Sprintf("\nresource %q %q {", to[1], to[2]))):
		return ""
	case block.Type != "moved" && block.Type != "removed": // what they name need not exist
		text = regexp.MustCompile(`\b(data\.)?gitlab_\w+(\.\w+|\[[^][]*\])+`).ReplaceAllString(text, "var.other_provider")
	}
	return text + "\n"
}

// probes refers to what a text refers to of this provider, but of the objects in
// use.tf: so the command checks references to what is declared elsewhere, those
// in blocks of other providers, and those to elements, which it checks in a loop
// only when it has read the data.
func probes(text string) string {
	text = regexp.MustCompile(`(?m)^ *#.*`).ReplaceAllString(text, "")
	for _, loop := range regexp.MustCompile(`\bfor (?:\w+, *)?(\w+) in ([\w.]+) *:([^]}]*)`).FindAllStringSubmatch(text, -1) {
		for _, element := range regexp.MustCompile(`\b`+loop[1]+`\.\w+`).FindAllString(loop[3], -1) {
			text += "\n" + loop[2] + "[0]" + path.Ext(element)
		}
	}
	outputs, reference := "", regexp.MustCompile(`\b((?:data\.)?errortracking_\w+)\.\w+(?:\[[^][]*\])?((?:\.\w+|\[[^][]*\])*)`)
	for i, parts := range reference.FindAllStringSubmatch(text, -1) {
		outputs += fmt.Sprintf("output \"probe%d\" {\n  value     = %s.use%s\n  sensitive = true\n}\n", i, parts[1], strings.ReplaceAll(parts[2], "[*]", "[0]"))
	}
	return outputs
}

// files is a configuration, by file name.
type files map[string]string

// readConfigurations returns those of each folder under examples; those of the
// code fences, by page and line, each by itself; and those that are wrong.
func readConfigurations(t *testing.T) map[string]files {
	t.Helper()
	read := map[string]files{}
	for file, text := range find(t, root, "examples/*/*.tf", "examples/*/*/*.tf", "examples/*/*/*/*.tf", "examples/*/*/*.hcl") {
		folder := path.Dir(file)
		if read[folder] == nil {
			read[folder] = files{}
		}
		read[folder][path.Base(file)] = text
	}
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
			read[fmt.Sprintf("%s:%d", page, 1+strings.Count(text[:at[2]], "\n"))] = files{fileName(body): body}
		}
	}
	for name, text := range find(t, ".", "testdata/wrong/*.tf") {
		read[name] = files{fileName(text): text}
	}
	return read
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
		for _, file := range paths {
			text, readErr := os.ReadFile(path.Join(root, file))
			found[file], err = string(text), errors.Join(err, readErr)
		}
		if err != nil || paths == nil {
			t.Fatalf("%s: found %v, %v", pattern, paths, err)
		}
	}
	return found
}

func write(t *testing.T, dir string, configuration files) {
	t.Helper()
	for name, text := range configuration {
		file := path.Join(dir, name)
		if err := errors.Join(os.MkdirAll(path.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}
