package acceptance_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcled"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// bug is how Terraform ends each message that blames the provider. A command
// that says so fails the test.
const bug = "This is a bug in the provider, which should be reported in the provider's own issue tracker."

// wrong is one error; at is nil if it is about no configuration.
func wrong(at *hcl.Range, summary, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: at}}
}

// said takes over what the provider says, and blames it for errors such as what
// cannot be decoded. Until it is known where the attribute is, Extra has its name.
func said(all []*tfprotov6.Diagnostic, errs ...error) (diagnostics hcl.Diagnostics) {
	if err := errors.Join(errs...); err != nil {
		diagnostics = wrong(nil, "Provider produced invalid object", err.Error()+"\n\n"+bug)
	}
	for _, d := range all {
		one := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: d.Summary, Detail: d.Detail, Extra: attributeOf(d.Attribute)}
		if d.Severity == tfprotov6.DiagnosticSeverityWarning {
			one.Severity = hcl.DiagWarning
		}
		diagnostics = append(diagnostics, one)
	}
	return diagnostics
}

// attributeOf returns the attribute that a path begins with.
func attributeOf(path *tftypes.AttributePath) string {
	if path == nil || len(path.Steps()) == 0 {
		return ""
	}
	name, _ := path.Steps()[0].(tftypes.AttributeName)
	return string(name)
}

// locate makes diagnostics say which node they are about, and where it is.
func (n *node) locate(diagnostics hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diagnostics {
		attribute, _ := d.Extra.(string)
		if d.Extra = ""; n.block == nil || d.Subject != nil {
			continue
		}
		d.Extra, d.Subject = n.address(), n.block.Body.MissingItemRange().Ptr()
		attributes, _ := n.block.Body.JustAttributes()
		if a := attributes[attribute]; a != nil {
			d.Subject = a.Expr.Range().Ptr()
		}
	}
	return diagnostics
}

// shown returns diagnostics as Terraform shows them: warnings first, then in
// the order of the configuration. Warnings with the same summary become one,
// unless they are about no configuration.
func shown(diagnostics hcl.Diagnostics, file *hcl.File) string {
	slices.SortStableFunc(diagnostics, func(a, b *hcl.Diagnostic) int {
		x, y := cmp.Or(a.Subject, &hcl.Range{}), cmp.Or(b.Subject, &hcl.Range{})
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), cmp.Compare(x.Start.Byte, y.Start.Byte), cmp.Compare(x.End.Byte, y.End.Byte))
	})
	merges := func(d *hcl.Diagnostic) bool { return d.Severity == hcl.DiagWarning && d.Subject != nil }
	similar := map[string]int{}
	for _, d := range diagnostics {
		if merges(d) {
			similar[d.Summary]++
		}
	}
	var text strings.Builder
	for _, d := range diagnostics {
		detail := d.Detail
		if merges(d) {
			switch n := similar[d.Summary]; {
			case n == 0:
				continue
			case n == 2:
				detail += "\n\n(and one more similar warning elsewhere)"
			case n > 2:
				detail += fmt.Sprintf("\n\n(and %d more similar warnings elsewhere)", n-1)
			}
			similar[d.Summary] = 0
		}
		fmt.Fprintf(&text, "\n%s: %s\n\n%s%s\n", map[hcl.DiagnosticSeverity]string{hcl.DiagError: "Error", hcl.DiagWarning: "Warning"}[d.Severity], d.Summary, where(d, file), detail)
	}
	return text.String()
}

// where says what a diagnostic is about.
func where(d *hcl.Diagnostic, file *hcl.File) (text string) {
	if address, _ := d.Extra.(string); address != "" {
		text = "  with " + address + ",\n"
	}
	if d.Subject == nil {
		return text
	}
	text += fmt.Sprintf("  on %s line %d", d.Subject.Filename, d.Subject.Start.Line)
	if in := hcled.ContextString(file, d.Subject.Start.Byte-1); in != "" {
		text += ", in " + in
	}
	return text + ":\n\n"
}
