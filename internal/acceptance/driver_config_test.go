package acceptance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// configuration is what the files of a workspace say.
type configuration struct {
	provider *hclsyntax.Block
	blocks   map[string]*block // by address
	locals   map[string]hclsyntax.Expression
	others   map[string][]*hclsyntax.Block // by type: variable, output, moved, import, removed, check
}

// block is a resource or a data source.
type block struct {
	*hclsyntax.Block
	address    string
	data       bool
	kind       *kind
	count      hclsyntax.Expression
	forEach    hclsyntax.Expression
	dependsOn  []string
	attributes hclsyntax.Attributes // without meta-arguments

	createBeforeDestroy bool
	ignored             []string // attributes; "all" for each
}

// load parses the workspace's files.
func load(dir string) (*configuration, hcl.Diagnostics) {
	c := &configuration{blocks: map[string]*block{}, locals: map[string]hclsyntax.Expression{}, others: map[string][]*hclsyntax.Block{}}
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: err.Error()}}
	}
	var all hcl.Diagnostics
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: err.Error()}}
		}
		parsed, diagnostics := hclsyntax.ParseConfig(text, filepath.Base(file), hcl.InitialPos)
		if all = append(all, diagnostics...); diagnostics.HasErrors() {
			continue
		}
		body, _ := parsed.Body.(*hclsyntax.Body)
		for _, b := range body.Blocks {
			all = append(all, c.add(b)...)
		}
	}
	return c, all
}

func (c *configuration) add(b *hclsyntax.Block) hcl.Diagnostics {
	switch b.Type {
	case "terraform":
	case "provider":
		c.provider = b
	case "locals":
		for name, attribute := range b.Body.Attributes {
			c.locals[name] = attribute.Expr
		}
	case "resource", "data":
		return c.declare(b)
	case "variable", "output", "moved", "import", "removed", "check":
		c.others[b.Type] = append(c.others[b.Type], b)
	default:
		return wrong(b.Range(), "The driver does not know blocks of type "+b.Type)
	}
	return nil
}

func wrong(at hcl.Range, summary string) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: "In " + at.String() + ".", Subject: &at}}
}

// declare takes the meta-arguments out of a resource or data block.
func (c *configuration) declare(b *hclsyntax.Block) hcl.Diagnostics {
	known, err := schemas()
	if err != nil {
		return wrong(b.Range(), err.Error())
	}
	one := &block{Block: b, data: b.Type == "data", attributes: hclsyntax.Attributes{}}
	one.address = resourceAddress(one.data, b.Labels[0], b.Labels[1])
	if one.kind = known.resources[b.Labels[0]]; one.data {
		one.kind = known.data[b.Labels[0]]
	}
	if one.kind == nil {
		return wrong(b.Range(), "Invalid resource type "+b.Labels[0])
	}
	if c.blocks[one.address] != nil {
		return wrong(b.Range(), "Duplicate "+one.address)
	}
	c.blocks[one.address] = one
	for name, attribute := range b.Body.Attributes {
		switch name {
		case "count":
			one.count = attribute.Expr
		case "for_each":
			one.forEach = attribute.Expr
		case "depends_on":
			list, _ := attribute.Expr.(*hclsyntax.TupleConsExpr)
			for _, element := range list.Exprs {
				one.dependsOn = append(one.dependsOn, references(element)...)
			}
		case "provider":
		default:
			if !one.kind.object.HasAttribute(name) {
				return wrong(attribute.NameRange, fmt.Sprintf("Unsupported argument: an argument named %q is not expected here", name))
			}
			one.attributes[name] = attribute
		}
	}
	for _, inner := range b.Body.Blocks {
		if inner.Type != "lifecycle" {
			return wrong(inner.Range(), "Unsupported block type "+inner.Type)
		}
		if diagnostics := one.lifecycle(inner); diagnostics != nil {
			return diagnostics
		}
	}
	for name, attribute := range one.kind.attributes {
		if attribute.Required && one.attributes[name] == nil {
			return wrong(b.DefRange(), fmt.Sprintf("Missing required argument: the argument %q is required", name))
		}
	}
	return nil
}

func (b *block) lifecycle(inner *hclsyntax.Block) hcl.Diagnostics {
	for name, attribute := range inner.Body.Attributes {
		switch name {
		case "create_before_destroy":
			value, diagnostics := attribute.Expr.Value(nil)
			if diagnostics.HasErrors() {
				return diagnostics
			}
			b.createBeforeDestroy = value.True()
		case "ignore_changes":
			if word := hcl.ExprAsKeyword(attribute.Expr); word == "all" {
				b.ignored = []string{"all"}
				continue
			}
			list, _ := attribute.Expr.(*hclsyntax.TupleConsExpr)
			for _, element := range list.Exprs {
				b.ignored = append(b.ignored, hcl.ExprAsKeyword(element))
			}
		default:
			return wrong(attribute.Range(), "The driver does not know lifecycle's "+name)
		}
	}
	return nil
}

// references returns the addresses of the resources and data sources that an
// expression mentions, and "local.NAME" for locals.
func references(expression hclsyntax.Expression) (addresses []string) {
	for _, traversal := range hclsyntax.Variables(expression) {
		root := traversal.RootName()
		if slices.Contains([]string{"var", "each", "count", "path", "self", "terraform"}, root) {
			continue
		}
		if root == "data" && len(traversal) > 2 {
			addresses = append(addresses, resourceAddress(true, step(traversal[1]), step(traversal[2])))
		} else if len(traversal) > 1 {
			addresses = append(addresses, resourceAddress(false, root, step(traversal[1])))
		}
	}
	return addresses
}

func step(t hcl.Traverser) string {
	attribute, _ := t.(hcl.TraverseAttr)
	return attribute.Name
}

// needs returns the addresses of the blocks that expressions refer to.
func (c *configuration) needs(expressions ...hclsyntax.Expression) (addresses []string) {
	for _, expression := range expressions {
		if expression == nil {
			continue
		}
		for _, address := range references(expression) {
			if local := c.locals[trimLocal(address)]; local != nil {
				addresses = append(addresses, c.needs(local)...)
			} else if c.blocks[address] != nil {
				addresses = append(addresses, address)
			}
		}
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

func trimLocal(address string) string {
	if len(address) > len("local.") && address[:len("local.")] == "local." {
		return address[len("local."):]
	}
	return ""
}

// dependencies returns what a block refers to, itself or by depends_on.
func (c *configuration) dependencies(b *block) []string {
	expressions := []hclsyntax.Expression{b.count, b.forEach}
	for _, attribute := range b.attributes {
		expressions = append(expressions, attribute.Expr)
	}
	addresses := append(c.needs(expressions...), b.dependsOn...)
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

// allDependencies returns the managed resources that a block depends on, by way
// of others, too.
func (c *configuration) allDependencies(b *block) []string {
	seen := map[string]bool{}
	var visit func(*block)
	visit = func(b *block) {
		for _, address := range c.dependencies(b) {
			if next := c.blocks[address]; next != nil && !seen[address] {
				seen[address] = true
				visit(next)
			}
		}
	}
	visit(b)
	var managed []string
	for address := range seen {
		if !c.blocks[address].data {
			managed = append(managed, address)
		}
	}
	slices.Sort(managed)
	return managed
}

// providerNeeds returns what the provider block refers to.
func (c *configuration) providerNeeds() (addresses []string) {
	if c.provider == nil {
		return nil
	}
	for _, attribute := range c.provider.Body.Attributes {
		addresses = append(addresses, c.needs(attribute.Expr)...)
	}
	return addresses
}
