package terraformcli_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/errortracking/terraform-provider-errortracking/internal/provider"
)

// names are what a configuration may name of this provider: TYPE,
// TYPE.ATTRIBUTE, and TYPE.ATTRIBUTE.ELEMENT with TYPE.ATTRIBUTE.* for a list;
// all with "data.", "list." or "identity." in front of what is no resource.
type names map[string]bool

func newNames(t *testing.T) (names, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server := provider.NewServer("test")
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	identities, identityErr := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err := errors.Join(err, identityErr); err != nil {
		t.Fatal(err)
	}
	n := names{}
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{"": schemas.ResourceSchemas, "data.": schemas.DataSourceSchemas, "list.": schemas.ListResourceSchemas} {
		for name, schema := range schemas {
			n[kind+name] = true
			n.add(kind+name+".", schema.Block.Attributes)
		}
	}
	for name, identity := range identities.IdentitySchemas {
		for _, a := range identity.IdentityAttributes {
			n["identity."+name+"."+a.Name] = true
		}
	}
	return n, schemas
}

func (n names) add(of string, attributes []*tfprotov6.SchemaAttribute) {
	for _, a := range attributes {
		if n[of+a.Name] = true; a.NestedType != nil {
			n[of+a.Name+".*"] = true
			n.add(of+a.Name+".", a.NestedType.Attributes)
		}
	}
}

// traversal is a reference such as data.TYPE.NAME.ATTRIBUTE["key"].ELEMENT.
func traversal() *regexp.Regexp {
	return regexp.MustCompile(`\b[a-z]\w*(?:\.\w+|\[[^][]*\])+`)
}

// missing returns a name in a text that is not there, or "".
func (n names) missing(text string) string {
	text = regexp.MustCompile(`(?m)^ *#.*`).ReplaceAllString(text, "")
	need := func(names ...string) string {
		if name := strings.Join(names, "."); !n[name] {
			return "there is no " + name
		}
		return ""
	}
	for _, reference := range traversal().FindAllString(text, -1) {
		if steps := ours(reference); steps != nil {
			known := need(steps[:min(2, len(steps))]...)
			if known == "" && len(steps) > 2 && n[steps[0]+"."+steps[1]+".*"] {
				known = need(steps[:3]...)
			}
			if known != "" {
				return known
			}
		}
	}
	// The command does not know the elements of a list before it has read the data.
	for _, loop := range regexp.MustCompile(`\bfor (?:\w+, *)?(\w+) in ([\w.]+) *:([^]}]*)`).FindAllStringSubmatch(text, -1) {
		list := strings.Join(ours(loop[2]), ".")
		for _, element := range regexp.MustCompile(`\b`+loop[1]+`\.(\w+)`).FindAllStringSubmatch(loop[3], -1) {
			if known := need(list, element[1]); known != "" && n[list+".*"] {
				return known
			}
		}
	}
	return ""
}

// ours returns the names in a reference to something of this provider, without
// the one that the configuration gives it; nil if it is to something else.
func ours(reference string) []string {
	data := ""
	if rest, of := strings.CutPrefix(reference, "data."); of {
		data, reference = "data.", rest
	}
	steps := strings.Split(regexp.MustCompile(`\[[^][]*\]`).ReplaceAllString(reference, ""), ".")
	if len(steps) < 2 || !strings.HasPrefix(steps[0], "errortracking_") {
		return nil
	}
	return append([]string{data + steps[0]}, steps[2:]...)
}

// unset returns a name that a block sets and that is not there, or "". The command
// does not check an identity, nor anything that is too new for it.
func (n names) unset(block *hclsyntax.Block) (missing string) {
	need := func(of, name string) {
		if !n[of+"."+name] && !slices.Contains([]string{"provider", "count", "for_each", "depends_on"}, name) {
			missing = "there is no " + of + "." + name
		}
	}
	body, kind := block.Body, map[string]string{"data": "data.", "list": "list."}[block.Type]
	switch {
	case ofOthers(block):
	case block.Type == "import" && body.Attributes["identity"] != nil:
		of, _, _ := strings.Cut(target(block), ".")
		pairs, _ := hcl.ExprMap(body.Attributes["identity"].Expr)
		for _, pair := range pairs {
			need("identity."+of, hcl.ExprAsKeyword(pair.Key))
		}
	case block.Type == "list":
		for _, config := range body.Blocks {
			for name := range config.Body.Attributes {
				need(kind+block.Labels[0], name)
			}
		}
	case block.Type == "resource", block.Type == "data":
		for name := range body.Attributes {
			need(kind+block.Labels[0], name)
		}
	}
	return missing
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

// isOther reports whether a type, or a provider, is not of this provider.
func isOther(name string) bool {
	name, _, _ = strings.Cut(name, "_")
	return name != "errortracking" && name != "terraform"
}

// target returns the resource that an import block names, as TYPE.NAME; the key
// behind it need not be constant.
func target(block *hclsyntax.Block) string {
	if to := block.Body.Attributes["to"]; to != nil {
		for _, reference := range to.Expr.Variables() {
			if name, ok := reference[min(1, len(reference)-1)].(hcl.TraverseAttr); ok {
				return reference.RootName() + "." + name.Name
			}
		}
	}
	return ""
}
