package main

import (
	"fmt"
	"io"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// terminal prints the demo.
type terminal struct {
	out   io.Writer
	color bool
	// width is where lines are wrapped.
	width int
}

func (t terminal) say(format string, args ...any) {
	fmt.Fprintf(t.out, format+"\n", args...)
}

func (t terminal) step(format string, args ...any) {
	t.say("  %s %s", t.paint("32", "✓"), fmt.Sprintf(format, args...))
}

func (t terminal) heading(text string) {
	t.say("")
	t.say("%s", t.paint("1", text))
}

func (t terminal) paint(code, text string) string {
	if !t.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// showCheck prints the check run as it stands on the pull request.
func (t terminal) showCheck(check ghtest.CheckRun) {
	t.say("")
	t.say("%s", t.paint("1", fmt.Sprintf("Check run %s: %s", check.Name, check.Conclusion)))
	t.say("%s", t.paint("1", check.Title))
	t.block(check.Summary)
}

// showComment prints a comment with its place.
func (t terminal) showComment(c ghtest.Comment) {
	place := c.Path
	if c.Line > 0 {
		place = fmt.Sprintf("%s:%d", c.Path, c.Line)
	}
	if c.Outdated {
		place += " (outdated: the line is gone)"
	}
	t.say("")
	t.say("%s", t.paint("36", place))
	t.block(c.Body)
}
