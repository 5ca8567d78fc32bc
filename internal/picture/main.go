// Command picture runs the quickstart, and draws what it says about drift as an
// SVG.
package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"

	"github.com/errortracking/terraform-provider-errortracking/internal/terraformcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	root, err := terraformcli.Root(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "run", "./internal/quickstart")
	cmd.Dir = root
	told, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("running the quickstart: %w\n%s", err, told)
	}
	lines, err := drift(string(told))
	if err != nil {
		return err
	}
	_, err = out.Write(draw(lines))
	return err
}

// beginnings returns the beginnings of the steps about drift.
func beginnings() []string {
	return []string{"Someone opens", "An ordinary plan", "Apply repairs"}
}

// line is a line of the picture, and its class in the style sheet.
type line struct{ text, class string }

// drift returns the lines of the steps about drift.
func drift(told string) ([]line, error) {
	// How long it took differs from run to run.
	told = regexp.MustCompile(`after \d+s`).ReplaceAllString(told, "after 0s")
	told, _, _ = strings.Cut(told, "\nEverything happened")
	steps := regexp.MustCompile(`(?m)^\d+\. `).Split(told, -1)
	var lines []line
	for _, beginning := range beginnings() {
		i := slices.IndexFunc(steps, func(step string) bool { return strings.HasPrefix(step, beginning) })
		if i < 0 {
			return nil, fmt.Errorf("the quickstart has no step that begins with %q", beginning)
		}
		sentence, rest, _ := strings.Cut(strings.TrimSpace(steps[i]), "\n")
		lines = append(lines, line{sentence, "step"})
		for text := range strings.Lines(rest) {
			text = strings.TrimPrefix(strings.TrimRight(text, "\n"), "   ")
			lines = append(lines, line{text, class(text)})
		}
		lines = append(lines, line{}, line{})
	}
	return lines, nil
}

// class returns the class of a line, by its beginning.
func class(text string) string {
	for beginning, class := range map[string]string{
		"$": "command", "GitLab:": "state", "~": "change", "Apply complete!": "done",
	} {
		if strings.HasPrefix(strings.TrimSpace(text), beginning) {
			return class
		}
	}
	return "plain"
}

const (
	width, margin, top = 760, 28, 66
	lineHeight, gap    = 20, 12

	// The panel has a background of its own, so it reads on any page.
	style = `
  text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d1d7e0; white-space: pre }
  .panel { fill: #0d1117; stroke: #3d444d }
  .dot { fill: #3d444d }
  .step { font: 600 14px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #f0f6fc }
  .command { font-weight: bold; fill: #f0f6fc }
  .state { fill: #4493f8 }
  .change { fill: #d29922 }
  .done { fill: #3fb950 }
  @media (prefers-color-scheme: light) {
    text { fill: #1f2328 } .panel { fill: #f6f8fa; stroke: #d1d9e0 } .dot { fill: #d1d9e0 }
    .step, .command { fill: #010409 } .state { fill: #0969da } .change { fill: #9a6700 } .done { fill: #1a7f37 }
  }
`
)

// draw writes the lines on a panel.
func draw(lines []line) []byte {
	var text bytes.Buffer
	y := top
	for _, l := range lines {
		if l.text == "" {
			y += gap
			continue
		}
		fmt.Fprintf(&text, `<text x="%d" y="%d" class="%s" xml:space="preserve">`, margin, y, l.class)
		// Writing to a bytes.Buffer never fails.
		_ = xml.EscapeText(&text, []byte(l.text))
		text.WriteString("</text>\n")
		y += lineHeight
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img">
<title>Terraform finds error tracking switched off, and turns it on again</title>
<style>%[3]s</style>
<rect class="panel" x="0.5" y="0.5" width="%[4]d" height="%[5]d" rx="10"/>
<circle class="dot" cx="34" cy="24" r="6"/><circle class="dot" cx="54" cy="24" r="6"/><circle class="dot" cx="74" cy="24" r="6"/>
%[6]s</svg>
`, width, y, style, width-1, y-1, text.Bytes())
}
