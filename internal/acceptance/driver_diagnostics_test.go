package acceptance_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// diagnostic is an error, or a warning.
type diagnostic struct {
	warning         bool
	summary, detail string
	address, in     string
	subject         *hcl.Range // nil for what no configuration is about
}

func (d diagnostic) String() string {
	severity := "Error"
	if d.warning {
		severity = "Warning"
	}
	lines := []string{severity + ": " + d.summary, ""}
	if d.address != "" {
		lines = append(lines, "  with "+d.address+",")
	}
	if d.subject != nil {
		on := fmt.Sprintf("  on %s line %d", d.subject.Filename, d.subject.Start.Line)
		if d.in != "" {
			on += ", in " + d.in
		}
		lines = append(lines, on+":", "")
	}
	if d.detail != "" {
		lines = append(lines, strings.Split(d.detail, "\n")...)
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

func hasErrors(diagnostics []diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d diagnostic) bool { return !d.warning })
}

// shown returns diagnostics as Terraform shows them: warnings first, then in
// the order of the configuration. Warnings with the same summary become one,
// unless they are about no configuration.
func shown(diagnostics []diagnostic) string {
	sorted := slices.Clone(diagnostics)
	slices.SortStableFunc(sorted, func(a, b diagnostic) int {
		return cmp.Or(order(!a.warning, !b.warning), order(a.subject != nil, b.subject != nil), compareRanges(a.subject, b.subject))
	})
	var text strings.Builder
	more := map[string]int{}
	for _, d := range sorted {
		if d.warning && d.subject != nil {
			more[d.summary]++
		}
	}
	told := map[string]bool{}
	for _, d := range sorted {
		if d.warning && d.subject != nil {
			if told[d.summary] {
				continue
			}
			told[d.summary] = true
			switch n := more[d.summary] - 1; n {
			case 0:
			case 1:
				d.detail += "\n\n(and one more similar warning elsewhere)"
			default:
				d.detail += fmt.Sprintf("\n\n(and %d more similar warnings elsewhere)", n)
			}
		}
		text.WriteString(d.String())
	}
	return text.String()
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func compareRanges(a, b *hcl.Range) int {
	if a == nil || b == nil {
		return 0
	}
	return cmp.Or(cmp.Compare(a.Filename, b.Filename), cmp.Compare(a.Start.Byte, b.Start.Byte), cmp.Compare(a.End.Byte, b.End.Byte))
}
