package terraformcli_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// checkBlocks compares names with the schemas: those that the command does not
// check, and all of them if it is too old.
func (v *validator) checkBlocks(body *hclsyntax.Body, known bool) error {
	if err := v.checkReferences(body); err != nil {
		return err
	}
	if err := v.checkElements(body); err != nil {
		return err
	}
	for _, block := range body.Blocks {
		var err error
		switch {
		case ofOthers(block):
		case block.Type == "import":
			err = v.checkImport(block)
		case known:
		case block.Type == "resource":
			err = checkNames(v.schemas.ResourceSchemas, block, block.Body, "provider", "count", "for_each", "depends_on")
		case block.Type == "data":
			err = checkNames(v.schemas.DataSourceSchemas, block, block.Body, "provider", "count", "for_each", "depends_on")
		case block.Type == "list":
			for _, config := range block.Body.Blocks {
				err = errors.Join(err, checkNames(v.schemas.ListResourceSchemas, block, config.Body))
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkReferences fails if something referred to, or named by a moved or
// removed block, is missing: TYPE.NAME.ATTRIBUTE, with or without data in
// front.
func (v *validator) checkReferences(body *hclsyntax.Body) (err error) {
	_ = hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
		expression, ok := node.(*hclsyntax.ScopeTraversalExpr)
		if !ok {
			return nil
		}
		var steps []string
		for _, step := range expression.Traversal {
			switch step := step.(type) {
			case hcl.TraverseRoot:
				steps = append(steps, step.Name)
			case hcl.TraverseAttr:
				steps = append(steps, step.Name)
			}
		}
		schemas := v.schemas.ResourceSchemas
		if steps[0] == "data" {
			schemas, steps = v.schemas.DataSourceSchemas, steps[1:]
		}
		if len(steps) < 2 || !strings.HasPrefix(steps[0], "errortracking_") {
			return nil
		}
		switch schema := schemas[steps[0]]; {
		case schema == nil:
			err = fmt.Errorf("%s: there is no %s", expression.Range(), steps[0])
		case len(steps) > 2 && !slices.ContainsFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == steps[2] }):
			err = fmt.Errorf("%s: %s has no attribute %s", expression.Range(), steps[0], steps[2])
		}
		return nil
	})
	return err
}

// checkElements looks into for and splat expressions over a list of a data
// source, whose elements the command does not check before it reads the data.
func (v *validator) checkElements(body *hclsyntax.Body) (err error) {
	_ = hclsyntax.VisitAll(body, func(node hclsyntax.Node) hcl.Diagnostics {
		var attributes []string
		var steps []hcl.Traverser
		switch expression := node.(type) {
		case *hclsyntax.SplatExpr:
			attributes = v.elements(expression.Source)
			if each, ok := expression.Each.(*hclsyntax.RelativeTraversalExpr); ok {
				steps = each.Traversal[:1]
			}
		case *hclsyntax.ForExpr:
			attributes = v.elements(expression.CollExpr)
			for _, part := range []hclsyntax.Expression{expression.KeyExpr, expression.ValExpr, expression.CondExpr} {
				if part == nil {
					continue
				}
				for _, reference := range part.Variables() {
					if reference.RootName() == expression.ValVar && len(reference) > 1 {
						steps = append(steps, reference[1])
					}
				}
			}
		}
		for _, step := range steps {
			if step, ok := step.(hcl.TraverseAttr); ok && attributes != nil && !slices.Contains(attributes, step.Name) {
				err = fmt.Errorf("%s: there is no attribute %s, but %s", step.SrcRange, step.Name, strings.Join(attributes, ", "))
			}
		}
		return nil
	})
	return err
}

// elements returns the attributes of a list's elements if the list is an
// attribute of a data source of this provider, data.TYPE.NAME.ATTRIBUTE.
func (v *validator) elements(list hclsyntax.Expression) (names []string) {
	reference, ok := list.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(reference.Traversal) != 4 || reference.Traversal.RootName() != "data" {
		return nil
	}
	var steps [3]string
	for i := range steps {
		step, _ := reference.Traversal[i+1].(hcl.TraverseAttr)
		steps[i] = step.Name
	}
	schema := v.schemas.DataSourceSchemas[steps[0]]
	if schema == nil {
		return nil
	}
	for _, attribute := range schema.Block.Attributes {
		if attribute.Name == steps[2] && attribute.NestedType != nil {
			for _, nested := range attribute.NestedType.Attributes {
				names = append(names, nested.Name)
			}
		}
	}
	return names
}

// checkNames fails unless the attributes of a body are in the schema that the
// block's first label names, or among others, and include the required.
func checkNames(schemas map[string]*tfprotov6.Schema, block *hclsyntax.Block, body *hclsyntax.Body, others ...string) error {
	of := block.Labels[0]
	schema := schemas[of]
	if schema == nil {
		return fmt.Errorf("%s: there is no %s %s", block.TypeRange, block.Type, of)
	}
	for _, attribute := range schema.Block.Attributes {
		if attribute.Required && body.Attributes[attribute.Name] == nil {
			return fmt.Errorf("%s: %s %s wants %s", block.TypeRange, block.Type, of, attribute.Name)
		}
		others = append(others, attribute.Name)
	}
	for name, attribute := range body.Attributes {
		if !slices.Contains(others, name) {
			return fmt.Errorf("%s: %s %s has no attribute %s", attribute.NameRange, block.Type, of, name)
		}
	}
	return nil
}

func (v *validator) checkImport(block *hclsyntax.Block) error {
	resourceType, _, _ := strings.Cut(target(block), ".")
	identity := block.Body.Attributes["identity"]
	if identity == nil {
		return nil
	}
	schema := v.identities[resourceType]
	if schema == nil {
		return fmt.Errorf("%s: %s has no identity", block.TypeRange, resourceType)
	}
	pairs, diagnostics := hcl.ExprMap(identity.Expr)
	if diagnostics.HasErrors() {
		return diagnostics
	}
	for _, pair := range pairs {
		name := hcl.ExprAsKeyword(pair.Key)
		if !slices.ContainsFunc(schema.IdentityAttributes, func(a *tfprotov6.ResourceIdentitySchemaAttribute) bool { return a.Name == name }) {
			return fmt.Errorf("%s: the identity of %s has no attribute %s", pair.Key.Range(), resourceType, name)
		}
	}
	return nil
}
