package main

import (
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestBenchMeasuresEachCommand(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"-n", "2", "-group", "2,3"}); err != nil {
		t.Fatal(err)
	}
	const figures = `\d+\.\d\d s \| \d+\.\d\d s \| \d+\.\d\d`
	for _, row := range []string{
		`\| 2 \| apply \| ` + figures + ` \| 6 \| \d+ \| `,
		`\| 2 \| plan \| ` + figures + ` \| 2 \| \d+ \| `,
		`\| 2 \| repair \| ` + figures + ` \| 3 \| \d+ \| `,
		`\| 2 \| destroy \| ` + figures + ` \| 2 \| \d+ \| `,
		`\| 2 in a group \| apply \| ` + figures + ` \| 10 \| \d+ \| `,
		`\| 2 in a group \| plan \| ` + figures + ` \| 4 \| \d+ \| `,
		`\| 3 in a group \| repair \| ` + figures + ` \| 7 \| \d+ \| `,
	} {
		if !regexp.MustCompile(`(?m)^` + row + `(\d+\.\d s \| \d+ MB|not known here \|) \|$`).MatchString(out.String()) {
			t.Errorf("no row is like %s:\n%s", row, &out)
		}
	}
}

func TestBenchRejectsWhatIsNoNumberOfProjects(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-n", "ten"}, {"-n", "", "-group", "1x"}, {"-x"}} {
		if err := run(t.Context(), io.Discard, args); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
