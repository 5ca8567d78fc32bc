package acceptance_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// outcome is what a command printed and did.
type outcome struct {
	t        *testing.T
	command  string
	output   string
	code     int
	requests []string
}

func (o *outcome) ok() *outcome {
	o.t.Helper()
	return o.exits(0)
}

func (o *outcome) fails() *outcome {
	o.t.Helper()
	return o.exits(1)
}

func (o *outcome) exits(code int) *outcome {
	o.t.Helper()
	if o.code != code {
		o.t.Fatalf("terraform %s: exit code %d, want %d\n%s", o.command, o.code, code, o.output)
	}
	return o
}

// says wants every phrase in the output, however Terraform wraps it.
func (o *outcome) says(phrases ...string) *outcome {
	o.t.Helper()
	said := flat(o.output)
	for _, phrase := range phrases {
		if !strings.Contains(said, phrase) {
			o.t.Errorf("terraform %s does not say %q:\n%s", o.command, phrase, o.output)
		}
	}
	return o
}

func (o *outcome) saysNot(phrases ...string) *outcome {
	o.t.Helper()
	said := flat(o.output)
	for _, phrase := range phrases {
		if strings.Contains(said, phrase) {
			o.t.Errorf("terraform %s says %q:\n%s", o.command, phrase, o.output)
		}
	}
	return o
}

// repeats wants a phrase that often.
func (o *outcome) repeats(phrase string, want int) *outcome {
	o.t.Helper()
	if n := strings.Count(flat(o.output), phrase); n != want {
		o.t.Errorf("terraform %s says %q %d times, want %d:\n%s", o.command, phrase, n, want, o.output)
	}
	return o
}

// warns wants that many warnings.
func (o *outcome) warns(want int) *outcome {
	o.t.Helper()
	return o.repeats("Warning: ", want)
}

// asked wants exactly these requests, in this order.
func (o *outcome) asked(want ...string) *outcome {
	o.t.Helper()
	if got := strings.Join(o.requests, "\n"); got != strings.Join(want, "\n") {
		o.t.Errorf("terraform %s made the requests\n%s\nwant\n%s", o.command, got, strings.Join(want, "\n"))
	}
	return o
}

// askedInAnyOrder wants exactly these requests, of resources that are read at once.
func (o *outcome) askedInAnyOrder(want ...string) {
	o.t.Helper()
	slices.Sort(o.requests)
	slices.Sort(want)
	o.asked(want...)
}

// writes wants exactly these requests other than GETs, in any order.
func (o *outcome) writes(want ...string) *outcome {
	o.t.Helper()
	got := slices.DeleteFunc(slices.Clone(o.requests), func(r string) bool { return strings.HasPrefix(r, "GET") })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		o.t.Errorf("terraform %s made the writes\n%s\nwant\n%s", o.command, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	return o
}

// methods counts the requests by their method.
func (o *outcome) methods() string {
	counts := map[string]int{}
	for _, request := range o.requests {
		method, _, _ := strings.Cut(request, " ")
		counts[method]++
	}
	var text []string
	for _, method := range slices.Sorted(maps.Keys(counts)) {
		text = append(text, fmt.Sprintf("%d %s", counts[method], method))
	}
	return strings.Join(text, ", ")
}

// flat undoes Terraform's wrapping and frames.
func flat(output string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(output)), " ")
}
