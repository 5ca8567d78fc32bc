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
	if _, missing := excerpt(out.String(), []string{"active     = true -> false", "active     = false -> true", "Everything happened as told."}); missing != "" {
		t.Errorf("the story does not show %q:\n%s", missing, out.String())
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

// TestAStepIsShownOrAnError runs this test's own executable in place of terraform,
// which lists its three tests and exits with 0.
func TestAStepIsShownOrAnError(t *testing.T) {
	t.Parallel()
	const begin = "shop never configured, api on (Sentry), docs never configured"
	list := []string{"-test.list=."}
	for _, test := range []struct {
		step       step
		shows, err string
	}{
		{step{args: list, says: []string{"ThePicture", "AStep"}, has: begin}, "   TestThePictureInREADMETellsThisStory\n   TestAStepIsShownOrAnError\n", ""},
		{step{args: list, says: []string{"IsTrue"}, has: begin}, "   TestTheStoryIsTrue\n", ""},
		{step{has: begin}, "", ""},
		{step{args: list, says: []string{"IsTrue"}, exitCode: 2, has: begin}, "", "exit code 0, not 2"},
		{step{args: list, says: []string{"IsTrue", "No changes"}, has: begin}, "", `does not say "No changes"`},
		{step{args: list, says: []string{"ThePicture", "IsTrue"}, has: begin}, "", `does not say "IsTrue"`},
		{step{has: strings.Replace(begin, "api on", "api off", 1)}, "", "GitLab should have: shop never configured, api off"},
	} {
		var out strings.Builder
		teller := &teller{out: &out, sim: newGitLab(), cli: &terraformcli.CLI{Path: os.Args[0]}}
		err := teller.tell(t.Context(), test.step)
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%v: got the error %v, want %q", test.step.says, err, test.err)
		}
		if _, after, _ := strings.Cut(out.String(), "-test.list=.\n\n"); err == nil && !strings.HasPrefix(after, test.shows) || strings.Count(out.String(), "\n   Test") != strings.Count(test.shows, "\n") {
			t.Errorf("%v: it shows\n%s", test.step.says, out.String())
		}
	}
}
