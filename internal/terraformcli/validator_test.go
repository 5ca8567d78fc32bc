package terraformcli_test

import (
	"cmp"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// validator checks configurations. One init serves all.
type validator struct {
	cli *terraformcli.CLI
	// name is Terraform or OpenTofu.
	name    string
	version *version.Version
	// dir is a folder in which init has run.
	dir     string
	names   names
	schemas *tfprotov6.GetProviderSchemaResponse
}

func newValidator(t *testing.T) *validator {
	t.Helper()
	cli, err := terraformcli.Install(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v := &validator{cli: cli, dir: t.TempDir()}
	v.names, v.schemas = newNames(t)
	write(t, v.dir, find(t, "testdata", "use.tf"))
	if err := v.run(t, v.dir, "init", "-no-color", "-backend=false"); err != "" {
		t.Fatal(err)
	}
	output, err := cli.Command(t.Context(), v.dir, nil, "version").Output()
	says := regexp.MustCompile(`^(Terraform|OpenTofu) v(\d+\.\d+)`).FindSubmatch(output)
	if err != nil || says == nil {
		t.Fatalf("%v: %s", err, output)
	}
	v.name, v.version = string(says[1]), version.Must(version.NewVersion(string(says[2])))
	return v
}

// accept returns what is wrong with the files, or "".
func (v *validator) accept(t *testing.T, configuration files) string {
	t.Helper()
	whole, dir := t.TempDir(), t.TempDir()
	write(t, whole, configuration)
	bodies := map[string]*hclsyntax.Body{}
	declared := map[string]bool{}
	for name, text := range configuration {
		parsed, diagnostics := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
		if diagnostics.HasErrors() {
			return diagnostics.Error()
		}
		bodies[name], _ = parsed.Body.(*hclsyntax.Body)
		for _, block := range bodies[name].Blocks {
			declared[strings.Join(block.Labels, ".")] = true
		}
	}
	if err := v.run(t, whole, "fmt", "-check", "-diff", "-recursive"); err != "" {
		return err
	}
	command := []string{"validate", "-no-color"}
	for name, text := range configuration {
		missing := v.names.missing(text)
		for _, block := range bodies[name].Blocks {
			missing = cmp.Or(missing, v.names.unset(block))
		}
		switch {
		case missing != "":
			return missing
		case regexp.MustCompile(`(?m)^ +errortracking = {`).MatchString(text) && !regexp.MustCompile(`source += "errortracking/errortracking"`).MatchString(text):
			return "init would not find this provider"
		case regexp.MustCompile(`(?m)^(resource|data) "gitlab_`).MatchString(text) && !strings.Contains(text, `source = "gitlabhq/gitlab"`):
			return "init would look for hashicorp/gitlab"
		case !v.knows(text):
			continue
		case strings.HasSuffix(name, ".tfquery.hcl"):
			command = append(command, "-query")
		}
		write(t, dir, files{name: reduced(text, bodies[name], declared)})
	}
	write(t, dir, find(t, v.dir, "use.tf", ".terraform.lock.hcl"))
	return v.run(t, dir, command...)
}

// run returns the output of a command that fails, or "".
func (v *validator) run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	env := []string{"TF_DATA_DIR=" + filepath.Join(v.dir, ".terraform")}
	output, err := v.cli.Command(t.Context(), dir, env, command...).CombinedOutput()
	if err != nil {
		return command[0] + ": " + err.Error() + "\n" + string(output)
	}
	return ""
}

// knows reports whether the command is new enough for a text. One that not
// every command takes says so in a comment, "Terraform 1.7, OpenTofu 1.10, or
// newer".
func (v *validator) knows(text string) bool {
	comments := strings.Join(regexp.MustCompile(`(?m)^\s*#.*$`).FindAllString(text, -1), "\n")
	if !regexp.MustCompile(`Terraform \d`).MatchString(comments) {
		return true
	}
	needs := regexp.MustCompile(v.name+` (\d+\.\d+)`).FindAllStringSubmatch(comments, -1)
	for _, need := range needs {
		if v.version.LessThan(version.Must(version.NewVersion(need[1]))) {
			return false
		}
	}
	return needs != nil
}

// reduced leaves out what cannot be validated here: blocks of other providers,
// which are not installed, and imports of resources that are declared
// elsewhere. A variable replaces a reference to another provider.
func reduced(text string, body *hclsyntax.Body, declared map[string]bool) string {
	const variable = "var.other_provider"
	var kept strings.Builder
	for _, block := range body.Blocks {
		part := string(block.Range().SliceBytes([]byte(text)))
		switch {
		case ofOthers(block), block.Type == "terraform", block.Type == "import" && !declared[target(block)]:
			continue
		case block.Type == "moved", block.Type == "removed":
			// What they name need not exist.
		default:
			part = traversal().ReplaceAllStringFunc(part, func(reference string) string {
				if root, _, _ := strings.Cut(strings.TrimPrefix(reference, "data."), "."); strings.Contains(root, "_") && isOther(root) {
					return variable
				}
				return reference
			})
		}
		kept.WriteString(part + "\n")
	}
	if strings.Contains(kept.String(), variable) {
		kept.WriteString("variable \"other_provider\" {}\n")
	}
	return kept.String()
}
