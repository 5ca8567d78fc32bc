package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestBenchMeasuresEachCommand(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), &out, "2,3"); err != nil {
		t.Fatal(err)
	}
	const figures = `\d+\.\d\d s \| \d+\.\d\d s \| \d+\.\d\d`
	for _, row := range []string{
		`\| 2 \| apply \| ` + figures + ` \| 6 \| [2-4] \| `,
		`\| 2 \| plan \| ` + figures + ` \| 2 \| [12] \| `,
		`\| 2 \| repair \| ` + figures + ` \| 3 \| [2-4] \| `,
		`\| 2 \| destroy \| ` + figures + ` \| 2 \| [1-4] \| `,
		`\| 3 \| apply \| ` + figures + ` \| 9 \| [2-6] \| `,
		`\| 2 in a group \| apply \| ` + figures + ` \| 10 \| [2-8] \| `,
		`\| 2 in a group \| plan \| ` + figures + ` \| 4 \| [1-4] \| `,
		`\| 3 in a group \| repair \| ` + figures + ` \| 7 \| [2-8] \| `,
	} {
		if !regexp.MustCompile(`(?m)^` + row + `(\d+ MB|not known here) \|$`).MatchString(out.String()) {
			t.Errorf("no row is like %s:\n%s", row, &out)
		}
	}
}

func TestBenchRejectsInvalidNumbersOfProjects(t *testing.T) {
	t.Parallel()
	for _, sizes := range []string{"", "ten", "0", "10,"} {
		if _, err := numbers(sizes); err == nil {
			t.Errorf("-n=%s is accepted", sizes)
		}
	}
}
