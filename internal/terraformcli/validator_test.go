package terraformcli_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

// requiredProviders is the block that most configurations on a page lack.
const requiredProviders = `terraform {
  required_providers {
    errortracking = {
      source = "errortracking/errortracking"
    }
  }
}
`

// use makes the command check a provider block, which it otherwise skips.
const use = `data "errortracking_settings" "use" {
  project = "acme/use"
}
`

// validator checks configurations. One init serves all.
type validator struct {
	cli *terraformcli.CLI
	// name is Terraform or OpenTofu.
	name    string
	version *version.Version
	// dir is a folder in which init has run.
	dir        string
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

func newValidator(t *testing.T) *validator {
	t.Helper()
	cli, err := terraformcli.Install(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v := &validator{cli: cli, dir: t.TempDir(), name: "Terraform"}
	write(t, filepath.Join(v.dir, "versions.tf"), requiredProviders)
	if err := v.run(t, v.dir, "init", "-no-color", "-backend=false"); err != "" {
		t.Fatal(err)
	}
	output, err := cli.Command(t.Context(), v.dir, nil, "version", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var says struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(output, &says); err != nil {
		t.Fatal(err)
	}
	if v.version, err = version.NewVersion(says.Version); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(filepath.Base(cli.Path), "tofu") {
		v.name = "OpenTofu"
	}
	server := provider.NewServer("test")
	if v.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	v.identities = identities.IdentitySchemas
	return v
}

// accept returns what is wrong with the files, or "".
func (v *validator) accept(t *testing.T, configuration files) string {
	t.Helper()
	dir := t.TempDir()
	bodies := map[string]*hclsyntax.Body{}
	declared := map[string]bool{}
	for name, text := range configuration {
		write(t, filepath.Join(dir, name), text)
		parsed, diagnostics := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
		if diagnostics.HasErrors() {
			return diagnostics.Error()
		}
		bodies[name], _ = parsed.Body.(*hclsyntax.Body)
		for _, block := range bodies[name].Blocks {
			declared[strings.Join(block.Labels, ".")] = true
		}
	}
	if err := v.run(t, dir, "fmt", "-check", "-diff", "-recursive"); err != "" {
		return err
	}
	dir = t.TempDir()
	command := []string{"validate", "-no-color"}
	complete := false
	for name, text := range configuration {
		known := v.knows(text)
		if err := v.checkBlocks(bodies[name], known); err != nil {
			return err.Error()
		}
		if !known {
			continue
		}
		if strings.HasSuffix(name, ".tfquery.hcl") {
			command = append(command, "-query")
		}
		complete = complete || strings.Contains(text, "required_providers")
		write(t, filepath.Join(dir, name), reduced(text, bodies[name], declared))
	}
	write(t, filepath.Join(dir, "use.tf"), use)
	if !complete {
		write(t, filepath.Join(dir, "versions.tf"), requiredProviders)
	}
	write(t, filepath.Join(dir, ".terraform.lock.hcl"), read(t, filepath.Join(v.dir, ".terraform.lock.hcl")))
	if err := v.run(t, dir, command...); err != "" {
		return err
	}
	for _, text := range configuration {
		if regexp.MustCompile(`(?m)^(resource|data) "gitlab_`).MatchString(text) && !strings.Contains(text, `source = "gitlabhq/gitlab"`) {
			return "init would look for hashicorp/gitlab"
		}
	}
	return ""
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
		if v.version.Core().LessThan(version.Must(version.NewVersion(need[1]))) {
			return false
		}
	}
	return needs != nil
}

// target returns the resource that an import block names, as TYPE.NAME.
func target(block *hclsyntax.Block) string {
	to := block.Body.Attributes["to"]
	if to == nil {
		return ""
	}
	// The first two steps of TYPE.NAME[KEY], where KEY need not be constant.
	for _, reference := range to.Expr.Variables() {
		if len(reference) > 1 {
			if name, ok := reference[1].(hcl.TraverseAttr); ok {
				return reference.RootName() + "." + name.Name
			}
		}
	}
	return ""
}

// ofOthers reports whether a block belongs to another provider.
func ofOthers(block *hclsyntax.Block) bool {
	switch block.Type {
	case "resource", "data", "ephemeral", "provider":
		return isOther(block.Labels[0])
	case "import":
		return isOther(target(block))
	}
	return false
}

// isOther reports whether a name, such as a type, belongs to another provider.
func isOther(name string) bool {
	name, _, _ = strings.Cut(name, "_")
	return name != "errortracking" && name != "terraform"
}

// reduced leaves out what cannot be validated here: blocks of other providers,
// which are not installed, and imports of resources that are declared
// elsewhere. A variable replaces a reference to another provider.
func reduced(text string, body *hclsyntax.Body, declared map[string]bool) string {
	type cut struct {
		hcl.Range
		instead string
	}
	var cuts []cut
	for _, block := range body.Blocks {
		switch {
		case ofOthers(block), block.Type == "import" && !declared[target(block)]:
			cuts = append(cuts, cut{block.Range(), ""})
		case block.Type == "terraform":
			for _, inner := range block.Body.Blocks {
				for name, attribute := range inner.Body.Attributes {
					if inner.Type == "required_providers" && isOther(name) {
						instead := ""
						if len(inner.Body.Attributes) == 1 {
							instead = `errortracking = { source = "errortracking/errortracking" }`
						}
						cuts = append(cuts, cut{attribute.Range(), instead})
					}
				}
			}
		case block.Type == "moved", block.Type == "removed":
			// What they name need not exist.
		default:
			_ = hclsyntax.VisitAll(block.Body, func(node hclsyntax.Node) hcl.Diagnostics {
				if reference, ok := node.(*hclsyntax.ScopeTraversalExpr); ok && toOther(reference.Traversal) {
					cuts = append(cuts, cut{reference.Range(), "var.other_provider"})
				}
				return nil
			})
		}
	}
	slices.SortFunc(cuts, func(a, b cut) int { return b.Start.Byte - a.Start.Byte })
	for _, c := range cuts {
		text = text[:c.Start.Byte] + c.instead + text[c.End.Byte:]
	}
	if strings.Contains(text, "var.other_provider") {
		text += "variable \"other_provider\" {}\n"
	}
	return text
}

// toOther reports whether a reference is to another provider's resource or data
// source.
func toOther(reference hcl.Traversal) bool {
	name := reference.RootName()
	if name == "data" && len(reference) > 1 {
		if step, ok := reference[1].(hcl.TraverseAttr); ok {
			name = step.Name
		}
	}
	return strings.Contains(name, "_") && isOther(name)
}
