package main

import (
	"bytes"
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

func TestTheStoryIsTrue(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"active     = true -> false", "active     = false -> true", "Everything happened as told."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the story does not show %q:\n%s", want, out.String())
		}
	}
}

// TestThePictureInREADMETellsThisStory compares the sentences, which are the lines
// that are not indented.
func TestThePictureInREADMETellsThisStory(t *testing.T) {
	t.Parallel()
	picture, err := os.ReadFile("../../.github/drift.svg")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`<tspan[^>]*>([^ <][^<]*)<`).FindAllSubmatch(picture, -1)
	if len(lines) != 3 {
		t.Errorf("the picture has %d sentences, not 3", len(lines))
	}
	for _, line := range lines {
		sentence := html.UnescapeString(string(line[1]))
		if !slices.ContainsFunc(story(), func(s step) bool { return s.sentence == sentence }) {
			t.Errorf("the story does not say %q, as the picture does: run make picture", sentence)
		}
	}
}

// TestAStepThatIsNotAsToldIsAnError runs this test's own executable in place of
// terraform: with -test.run=^$ it says PASS and exits with 0.
func TestAStepThatIsNotAsToldIsAnError(t *testing.T) {
	t.Parallel()
	const begin = "shop never configured, api on (Sentry), docs never configured"
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		step step
		err  string
	}{
		{"all as told", step{args: []string{"-test.run=^$"}, says: []string{"PASS"}, has: begin}, ""},
		{"another exit code", step{args: []string{"-test.run=^$"}, exitCode: 2, says: []string{"PASS"}, has: begin}, "exit code 0, not 2"},
		{"words that are not said", step{args: []string{"-test.run=^$"}, says: []string{"PASS", "No changes"}, has: begin}, `does not say "No changes"`},
		{"GitLab has something else", step{has: strings.Replace(begin, "api on", "api off", 1)}, "GitLab should have: shop never configured, api off"},
	} {
		teller := &teller{out: t.Output(), sim: newGitLab(), cli: &terraformcli.CLI{Path: executable}, dir: t.TempDir()}
		err := teller.tell(t.Context(), test.step)
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: got the error %v, want %q", test.name, err, test.err)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	const output = "legend\n  # a will be created\n  + a\n\nPlan: 1 to add.\nhint\n"
	for _, test := range []struct {
		name           string
		phrases        []string
		lines, missing string
	}{
		{"whole lines, from the first phrase to the last", []string{"a will", "Plan:"}, "  # a will be created\n  + a\n\nPlan: 1 to add.", ""},
		{"one phrase is one line", []string{"1 to add"}, "Plan: 1 to add.", ""},
		{"no phrase gives no lines", nil, "", ""},
		{"a phrase that is not there", []string{"a will", "b will"}, "", "b will"},
		{"a phrase at the wrong place", []string{"Plan:", "a will"}, "", "a will"},
	} {
		if lines, missing := excerpt(output, test.phrases); lines != test.lines || missing != test.missing {
			t.Errorf("%s: got %q and %q, want %q and %q", test.name, lines, missing, test.lines, test.missing)
		}
	}
}
