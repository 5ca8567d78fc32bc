package acceptance_test

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// configuration is what main.tf says. Blocks of types that no test uses are an
// error.
type configuration struct {
	Terraform []*struct {
		Body hcl.Body `hcl:",remain"`
	} `hcl:"terraform,block"`
	Provider *struct {
		Name string   `hcl:"name,label"`
		Body hcl.Body `hcl:",remain"`
	} `hcl:"provider,block"`
	Resources []*block `hcl:"resource,block"`
	Data      []*block `hcl:"data,block"`
	Moved     []*struct {
		From hcl.Expression `hcl:"from"`
		To   hcl.Expression `hcl:"to"`
	} `hcl:"moved,block"`
	Imports []*struct {
		To       hcl.Expression `hcl:"to"`
		ID       hcl.Expression `hcl:"id"`
		Identity hcl.Expression `hcl:"identity"`
	} `hcl:"import,block"`

	file     *hcl.File
	provider *block
	blocks   map[string]*block // resources and data sources, by address
}

// block is a resource or a data source, or the provider's.
type block struct {
	Type      string         `hcl:"type,label"`
	Name      string         `hcl:"name,label"`
	Count     *hcl.Attribute `hcl:"count,optional"`
	ForEach   *hcl.Attribute `hcl:"for_each,optional"`
	DependsOn hcl.Expression `hcl:"depends_on,optional"`
	Lifecycle *struct {
		CreateBeforeDestroy bool           `hcl:"create_before_destroy,optional"`
		IgnoreChanges       hcl.Expression `hcl:"ignore_changes,optional"`
	} `hcl:"lifecycle,block"`
	Body hcl.Body `hcl:",remain"`

	data    bool
	address string
	kind    *kind
	needs   []string // the addresses of what it refers to, by itself or by its provider
}

// load parses the workspace's file.
func load(dir string, known *catalogue) (*configuration, hcl.Diagnostics) {
	text, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	if err != nil {
		return nil, wrong(nil, err.Error(), "")
	}
	c := &configuration{blocks: map[string]*block{}}
	var all hcl.Diagnostics
	if c.file, all = hclsyntax.ParseConfig(text, "main.tf", hcl.InitialPos); all.HasErrors() {
		return c, all
	}
	if all = gohcl.DecodeBody(c.file.Body, nil, c); all.HasErrors() {
		return c, all
	}
	for _, b := range c.Data {
		b.data = true
	}
	for _, b := range slices.Concat(c.Resources, c.Data) {
		b.address = resourceAddress(b.data, b.Type, b.Name)
		if b.kind = known.resources[b.Type]; b.data {
			b.kind = known.data[b.Type]
		}
		if b.kind == nil {
			return c, wrong(b.Body.MissingItemRange().Ptr(), "Invalid resource type", "No provider has the type "+b.Type+".")
		}
		c.blocks[b.address] = b
	}
	c.provider = &block{kind: known.provider, Body: hcl.EmptyBody(), DependsOn: hcl.StaticExpr(cty.NilVal, hcl.Range{})}
	if c.Provider != nil {
		c.provider.Body = c.Provider.Body
	}
	c.provider.needs = c.refersTo(c.provider)
	for _, b := range c.blocks {
		if b.needs = c.refersTo(b); !b.kind.builtin() {
			b.needs = append(b.needs, c.provider.needs...)
		}
	}
	return c, all
}

// refersTo returns the addresses of the blocks that a block mentions.
func (c *configuration) refersTo(b *block) (addresses []string) {
	traversals := append(hcldec.Variables(b.Body, b.kind.spec), b.DependsOn.Variables()...)
	for _, a := range []*hcl.Attribute{b.Count, b.ForEach} {
		if a != nil {
			traversals = append(traversals, a.Expr.Variables()...)
		}
	}
	for _, t := range traversals {
		if needed := c.blocks[addressOf(t)]; needed != nil {
			addresses = append(addresses, needed.address)
		}
	}
	return addresses
}

// addressOf returns the address that a reference begins with.
func addressOf(t hcl.Traversal) string {
	address, length := t.RootName(), 2
	if address == "data" {
		length = 3
	}
	for _, step := range t[1:min(length, len(t))] {
		if attribute, ok := step.(hcl.TraverseAttr); ok {
			address += "." + attribute.Name
		}
	}
	return address
}

// mentioned returns the address that an expression such as moved's "to" is.
func mentioned(expression hcl.Expression) string {
	for _, t := range expression.Variables() {
		return addressOf(t)
	}
	return ""
}

// dependencies returns the resources that a block depends on, by way of others,
// too.
func (c *configuration) dependencies(b *block) []string {
	seen, managed := map[string]bool{}, []string{}
	var visit func(*block)
	visit = func(b *block) {
		for _, address := range b.needs {
			if seen[address] {
				continue
			}
			seen[address] = true
			if visit(c.blocks[address]); !c.blocks[address].data {
				managed = append(managed, address)
			}
		}
	}
	visit(b)
	slices.Sort(managed)
	return managed
}

// createsFirst reports whether a replacement is made before it takes the place.
func (b *block) createsFirst() bool { return b.Lifecycle != nil && b.Lifecycle.CreateBeforeDestroy }
