package rule

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/lintel-bot/lintel/internal/finding"
)

// Examples are the cases of a rule: small trees and what the rule says of them.
type Examples struct{ Cases []Case }

// Case is one tree.
type Case struct {
	// Name is that of the top folder; its first word says what is expected.
	Name string
	// Line is where the case is listed, 1-based.
	Line int
	// Findings are expected of a bad case, none of the others.
	Findings []Expected
	// Undecided is true for a case that the rule cannot decide; Missing is a part
	// of what it lacks, if the case says so.
	Undecided bool
	Missing   string
	// Files are the tree, by path.
	Files map[string]string

	// shown are the files as a page shows them: without what only looks like a
	// secret.
	shown map[string]string
}

// Expected is a finding that a case wants.
type Expected struct {
	Path string
	// Line is zero for a finding about the file as a whole.
	Line     int
	Severity finding.Severity
	// Message is a part of the finding's, or empty.
	Message string

	// listed is the line of the examples that says so.
	listed int
}

const (
	// maxExamples bounds the bytes of a file of examples: the trees are minimal.
	maxExamples = 256 << 10
	// maxCases bounds its cases, each of which is a scan when rules are tested.
	maxCases = 60
)

// ParseExamples reads the examples of a rule. The error joins a *Problem for
// every mistake.
func ParseExamples(name string, data []byte) (*Examples, error) {
	p := &examplesParser{name: name, examples: &Examples{}}
	if len(data) > maxExamples {
		p.mistake(0, "%d bytes; at most %d", len(data), maxExamples)
		return nil, p.err()
	}
	archive := txtar.Parse(data)
	line := 0
	for text := range strings.Lines(string(archive.Comment)) {
		line++
		text = strings.TrimSpace(text)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if err := p.examples.expect(text, line); err != nil {
			p.mistake(line, "%v", err)
		}
	}
	for _, f := range archive.Files {
		line++ // the line with its name
		p.file(line, f)
		line += strings.Count(string(f.Data), "\n")
	}
	p.complete()
	return p.examples, p.err()
}

type examplesParser struct {
	name     string
	examples *Examples
	problems []error
}

func (p *examplesParser) mistake(line int, format string, args ...any) {
	p.problems = append(p.problems, &Problem{Path: p.name, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (p *examplesParser) err() error { return errors.Join(p.problems...) }

// file puts a file into its case.
func (p *examplesParser) file(line int, f txtar.File) {
	top, path, ok := strings.Cut(f.Name, "/")
	c := p.examples.find(top)
	if !fs.ValidPath(f.Name) {
		p.mistake(line, "%s is no path inside of a case", f.Name)
		return
	}
	if !ok || c == nil {
		p.mistake(line, "the file %s is in no case that is listed", f.Name)
		return
	}
	if _, twice := c.Files[path]; twice {
		p.mistake(line, "the file %s is there twice", f.Name)
		return
	}
	c.Files[path] = join(string(f.Data))
	c.shown[path] = placeholder.ReplaceAllString(string(f.Data), "…")
}

// complete looks for cases without files and findings outside of them.
func (p *examplesParser) complete() {
	if len(p.examples.Cases) > maxCases {
		p.mistake(p.examples.Cases[maxCases].Line, "more than %d cases", maxCases)
	}
	for _, c := range p.examples.Cases {
		if len(c.Files) == 0 {
			p.mistake(c.Line, "the case %s has no files", c.Name)
			continue
		}
		for _, want := range c.Findings {
			text, ok := c.Files[want.Path]
			switch lines := strings.Count(text, "\n"); {
			case !ok:
				p.mistake(want.listed, "the case %s has no file %s", c.Name, want.Path)
			case want.Line < 0 || want.Line > lines:
				p.mistake(want.listed, "%s has %d lines", want.Path, lines)
			}
		}
	}
}

func (e *Examples) find(name string) *Case {
	for i := range e.Cases {
		if e.Cases[i].Name == name {
			return &e.Cases[i]
		}
	}
	return nil
}

// expect reads one line of the list of cases.
func (e *Examples) expect(line string, number int) error {
	name, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	c := e.find(name)
	if c == nil {
		e.Cases = append(e.Cases, Case{Name: name, Line: number, Files: make(map[string]string), shown: make(map[string]string)})
		c = &e.Cases[len(e.Cases)-1]
	}
	switch verdict, _, _ := strings.Cut(name, "-"); verdict {
	case "bad":
		want, err := expected(rest)
		if err != nil {
			return err
		}
		want.listed = number
		c.Findings = append(c.Findings, want)
	case "good":
		if rest != "" {
			return fmt.Errorf("a good case expects nothing, not %q", rest)
		}
	case "unknown":
		c.Undecided = true
		if rest == "" {
			return nil
		}
		quoted, ok := strings.CutPrefix(rest, "missing ")
		text, err := strconv.Unquote(strings.TrimSpace(quoted))
		if !ok || err != nil {
			return fmt.Errorf(`an unknown case says missing "…", not %q`, rest)
		}
		c.Missing = text
	default:
		return fmt.Errorf("a case is called bad…, good… or unknown…, not %q", name)
	}
	return nil
}

// expected reads `path:line severity "message"`.
func expected(text string) (Expected, error) {
	place, rest, _ := strings.Cut(text, " ")
	severity, message, _ := strings.Cut(strings.TrimSpace(rest), " ")
	var out Expected
	var err error
	if out.Severity, err = finding.ParseSeverity(severity); err != nil {
		return out, fmt.Errorf("a bad case says path:line and severity: %w", err)
	}
	out.Path = place
	if i := strings.LastIndexByte(place, ':'); i >= 0 {
		if out.Line, err = strconv.Atoi(place[i+1:]); err != nil {
			return out, fmt.Errorf("%q is no line", place[i+1:])
		}
		out.Path = place[:i]
	}
	if message = strings.TrimSpace(message); message != "" {
		if out.Message, err = strconv.Unquote(message); err != nil {
			return out, fmt.Errorf("%s is no quoted text", message)
		}
	}
	return out, nil
}

// placeholder is a text in pieces, {{AB|CD}}: without a space at its ends, so
// that the templates of Django and Helm are none.
var placeholder = regexp.MustCompile(`\{\{[^\s{}|][^{}|\n]*(\|[^{}|\n]*)*\|([^{}|\n]*[^\s{}|])?\}\}`)

// join puts texts together that stand in pieces, so that nothing in a rule's
// examples looks like a key.
func join(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(pieces string) string {
		return strings.ReplaceAll(pieces[2:len(pieces)-2], "|", "")
	})
}

// Mismatches says in words how findings and undecided entries of one rule differ
// from what a case expects.
func (c Case) Mismatches(findings []finding.Finding, undecided []finding.Undecided) []string {
	var out []string
	left := slices.Clone(findings)
	for _, want := range c.Findings {
		i := slices.IndexFunc(left, func(f finding.Finding) bool {
			return f.Path == want.Path && f.Line == want.Line && f.Severity == want.Severity && strings.Contains(f.Message, want.Message)
		})
		if i < 0 {
			out = append(out, fmt.Sprintf("no finding at %s, %s", place(want.Path, want.Line), want.Severity))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, f := range left {
		out = append(out, fmt.Sprintf("unexpected finding at %s, %s: %s", place(f.Path, f.Line), f.Severity, f.Message))
	}
	missing := func(u finding.Undecided) bool {
		return slices.ContainsFunc(u.Missing, func(m string) bool { return strings.Contains(m, c.Missing) })
	}
	switch {
	case c.Undecided && len(undecided) == 0:
		out = append(out, "it is decided, and should not be")
	case c.Undecided && c.Missing != "" && !slices.ContainsFunc(undecided, missing):
		out = append(out, fmt.Sprintf("%q is not among what it misses: %q", c.Missing, undecided[0].Missing))
	case !c.Undecided && len(undecided) > 0 && len(c.Findings) == 0:
		out = append(out, fmt.Sprintf("not decided for want of %q", undecided[0].Missing))
	}
	return out
}

func place(path string, line int) string {
	if line == 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, line)
}
