package terraformcli_test

import (
	"fmt"
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
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	n := names{}
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{"": schemas.ResourceSchemas, "data.": schemas.DataSourceSchemas, "list.": schemas.ListResourceSchemas} {
		for name, schema := range schemas {
			n[kind+name] = true
			for _, a := range schema.Block.Attributes {
				of := kind + name + "." + a.Name
				n[of] = true
				if a.NestedType == nil {
					continue
				}
				n[of+".*"] = true
				for _, nested := range a.NestedType.Attributes {
					n[of+"."+nested.Name] = true
				}
			}
		}
	}
	for name, identity := range identities.IdentitySchemas {
		for _, a := range identity.IdentityAttributes {
			n["identity."+name+"."+a.Name] = true
		}
	}
	return n, schemas
}

// search looks for names that are not there.
type search struct {
	names
	missing string
}

func (s *search) need(at hcl.Range, steps ...string) {
	if name := strings.Join(steps, "."); !s.names[name] {
		s.missing = fmt.Sprintf("%s: there is no %s", at, name)
	}
}

func (s *search) look(node hclsyntax.Node) hcl.Diagnostics {
	switch node := node.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if steps := ours(node.Traversal); steps != nil {
			s.need(node.Range(), steps[:min(2, len(steps))]...)
		}
	case *hclsyntax.SplatExpr:
		if each, ok := node.Each.(*hclsyntax.RelativeTraversalExpr); ok {
			s.element(node.Source, each.Traversal[0])
		}
	case *hclsyntax.ForExpr:
		parts := []hclsyntax.Expression{node.KeyExpr, node.ValExpr, node.CondExpr}
		for _, part := range slices.DeleteFunc(parts, func(part hclsyntax.Expression) bool { return part == nil }) {
			for _, reference := range part.Variables() {
				if reference.RootName() == node.ValVar && len(reference) > 1 {
					s.element(node.CollExpr, reference[1])
				}
			}
		}
	case *hclsyntax.Block:
		s.block(node)
	}
	return nil
}

// element looks at a step from an element of a list, which the command does not
// know before it has read the data.
func (s *search) element(list hclsyntax.Expression, step hcl.Traverser) {
	reference, _ := list.(*hclsyntax.ScopeTraversalExpr)
	attribute, ok := step.(hcl.TraverseAttr)
	if reference == nil || !ok {
		return
	}
	if of := strings.Join(ours(reference.Traversal), "."); s.names[of+".*"] {
		s.need(attribute.SrcRange, of, attribute.Name)
	}
}

// block looks at what a block sets, which the command does not check in an
// identity, nor in anything that is too new for it.
func (s *search) block(block *hclsyntax.Block) {
	if ofOthers(block) {
		return
	}
	switch block.Type {
	case "resource":
		s.attributes(block.Labels[0], block.Body)
	case "data":
		s.attributes("data."+block.Labels[0], block.Body)
	case "list":
		for _, config := range block.Body.Blocks {
			s.attributes("list."+block.Labels[0], config.Body)
		}
	case "import":
		if identity := block.Body.Attributes["identity"]; identity != nil {
			of, _, _ := strings.Cut(target(block), ".")
			pairs, _ := hcl.ExprMap(identity.Expr)
			for _, pair := range pairs {
				s.need(pair.Key.Range(), "identity."+of, hcl.ExprAsKeyword(pair.Key))
			}
		}
	}
}

func (s *search) attributes(of string, body *hclsyntax.Body) {
	for name, attribute := range body.Attributes {
		if !slices.Contains([]string{"provider", "count", "for_each", "depends_on"}, name) {
			s.need(attribute.NameRange, of, name)
		}
	}
}

// named returns the names in a reference, TYPE.NAME.ATTRIBUTE, with "data." in
// front of the type of a data source.
func named(reference hcl.Traversal) (names []string) {
	for _, step := range reference {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		}
	}
	if len(names) > 1 && names[0] == "data" {
		names = slices.Replace(names, 0, 2, "data."+names[1])
	}
	return names
}

// ours returns the names in a reference to something of this provider, without
// the one that the configuration gives it; nil if it is to something else.
func ours(reference hcl.Traversal) []string {
	names := named(reference)
	if len(names) < 2 || !strings.HasPrefix(strings.TrimPrefix(names[0], "data."), "errortracking_") {
		return nil
	}
	return slices.Delete(names, 1, 2)
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
			if steps := named(reference); len(steps) > 1 {
				return steps[0] + "." + steps[1]
			}
		}
	}
	return ""
}
