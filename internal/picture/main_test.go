package main

import (
	"encoding/xml"
	"errors"
	"html"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
)

const told = `Building …

1. Someone opens the shop.

   GitLab: shop off

2. Terraform sees the drift.

   $ terraform plan -refresh-only

3. An ordinary plan shows it.

   $ terraform plan

     ~ active = false -> true

4. Apply repairs it.

   shop: Modifications complete after 12s

   Apply complete! 1 changed.

Everything happened as told.
`

func TestTheStepsThatTellOfDrift(t *testing.T) {
	t.Parallel()
	got, err := drift(told)
	want := []line{
		{"Someone opens the shop.", "step"}, {"", "plain"}, {"GitLab: shop off", "state"}, {}, {},
		{"An ordinary plan shows it.", "step"}, {"", "plain"}, {"$ terraform plan", "command"}, {"", "plain"}, {"  ~ active = false -> true", "change"}, {}, {},
		{"Apply repairs it.", "step"}, {"", "plain"}, {"shop: Modifications complete after 0s", "plain"}, {"", "plain"}, {"Apply complete! 1 changed.", "done"}, {}, {},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %q (%v)\nwant %q", got, err, want)
	}
	if _, err := drift(strings.Replace(told, "Apply repairs", "Apply mends", 1)); err == nil {
		t.Error("a step that is missing is no error")
	}
}

func TestThePictureIsXML(t *testing.T) {
	t.Parallel()
	decoder := xml.NewDecoder(strings.NewReader(string(draw([]line{{`a < b & "c"`, "plain"}}))))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheStoredPictureTellsTheStory leaves it to the quickstart's own test
// whether the story is true.
func TestTheStoredPictureTellsTheStory(t *testing.T) {
	t.Parallel()
	picture := readFile(t, "../../.github/drift.svg")
	story := readFile(t, "../quickstart/story.go")
	for _, beginning := range beginnings() {
		_, after, found := strings.Cut(story, `"`+beginning)
		sentence, _, _ := strings.Cut(after, `"`)
		if !found || !strings.Contains(html.UnescapeString(picture), ">"+beginning+sentence+"<") {
			t.Errorf("the picture does not say %q: run make picture", beginning+sentence)
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
