package rule

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

const (
	// maxShownLines bounds the lines of a file that a page shows around what
	// counts: an example is read, not scrolled.
	maxShownLines = 40
	// maxShownCases bounds the cases of each sort on a page, and maxShownFiles the
	// files of each; the others are in the file of examples.
	maxShownCases, maxShownFiles = 2, 3
)

// Page returns the Markdown page of a rule, docs/rules/family/name.md.
func Page(r *Rule) []byte {
	p := &page{}
	p.line("# %s", r.Title)
	p.line("")
	p.line("`%s`", r.ID)
	p.line("")
	p.line("| | |")
	p.line("|---|---|")
	p.line("| Severity | %s |", severities(r))
	p.line("| Quality | %s |", r.Quality)
	p.line("| Judged on | %s |", judgedOn(r))
	p.line("| Since | %s |", r.Since)
	p.line("")
	p.line("%s", r.Why)
	p.line("")
	p.line("## How to fix it")
	p.line("")
	for i, step := range r.Fix {
		p.line("%d. %s", i+1, step)
	}
	p.condition(r)
	p.examples(r)
	p.line("")
	p.line("## Turning it off")
	p.line("")
	p.line("In `.github/lintel.yml` on the default branch:")
	p.line("")
	p.fence("yaml", fmt.Sprintf("version: 1\nrules:\n  %s: {enabled: false}    # or {severity: %s}\n", r.ID, milder(r)))
	p.line("")
	p.line("For one place, on its line or the line above, with a reason:")
	p.line("")
	p.fence("python", fmt.Sprintf("# lintel:ignore %s -- why this is right here\n", r.ID))
	p.line("")
	p.line("## References")
	p.line("")
	for _, reference := range r.References {
		p.line("- <%s>", reference)
	}
	return p.Bytes()
}

// Index returns the page that lists all rules, docs/rules/README.md.
func Index(rules []*Rule) []byte {
	sorted := slices.SortedFunc(slices.Values(rules), func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.ID, b.ID))
	})
	p := &page{}
	p.line("# Rules")
	p.line("")
	p.line("Written by `lintel rules docs` from the files in [rules](../../rules). How a rule is written: [writing-rules.md](../writing-rules.md).")
	family := ""
	for _, r := range sorted {
		if r.Family != family {
			family = r.Family
			p.line("")
			p.line("## %s", family)
			p.line("")
			p.line("| Rule | What it finds | Severity | Quality |")
			p.line("|---|---|---|---|")
		}
		p.line("| [%s](%s.md) | %s | %s | %s |", r.ID, r.ID, cell(r.Title), severity(r), r.Quality)
	}
	return p.Bytes()
}

// page is a Markdown text that grows.
type page struct{ bytes.Buffer }

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// fence writes a code block whose fence is longer than any in the text.
func (p *page) fence(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	p.line("%s%s", fence, language)
	p.line("%s", strings.TrimRight(text, "\n"))
	p.line("%s", fence)
}

// condition says when the rule holds.
func (p *page) condition(r *Rule) {
	p.line("")
	p.line("## When it holds")
	p.line("")
	if r.Finder != "" {
		p.line("The %s engine finds it; this rule says what it means.", r.Finder)
		return
	}
	p.fence("cel", r.Condition)
	if r.Each != "" {
		p.line("")
		p.line("for each entry of %s.", code(r.Each))
	}
	if len(r.Uses) > 0 {
		p.line("")
		p.line("`uses` is true where the code outside of tests uses one of %s.", list(r.Uses))
	}
	if r.Absent {
		p.line("")
		p.line("It is about something that is missing: on a pull request it is reported only if the pull request adds the settings module, " +
			"changes the block in which it is missing, or adds the use that makes it matter. `lintel audit` always reports it.")
	}
	p.line("")
	p.line("What the code does not decide (an environment variable without a fallback, a module outside of the repository) is never guessed: " +
		"the rule is then silent and listed as not decidable.")
}

// examples shows what the rule reports and what it does not.
func (p *page) examples(r *Rule) {
	if r.Examples == nil {
		return
	}
	var bad, good []*Case
	for i := range r.Examples.Cases {
		switch c := &r.Examples.Cases[i]; {
		case len(c.Findings) > 0:
			bad = append(bad, c)
		case !c.Undecided:
			good = append(good, c)
		}
	}
	if len(bad) == 0 {
		return
	}
	p.line("")
	p.line("## Examples")
	for _, c := range slices.Concat(bad[:min(len(bad), maxShownCases)], good[:min(len(good), maxShownCases)]) {
		p.tree(c)
	}
	p.line("")
	p.line("All cases: [%s.txtar](../../../rules/%s.txtar).", path.Base(r.ID), r.ID)
}

// tree shows the files of a case that matter: where its findings are, and what
// is no scaffolding.
func (p *page) tree(c *Case) {
	lines := make(map[string]int)
	var names, places []string
	for _, want := range c.Findings {
		if want.Line == 0 {
			places = append(places, fmt.Sprintf("%s as a whole (%s)", code(want.Path), want.Severity))
		} else {
			places = append(places, fmt.Sprintf("%s, line %d (%s)", code(want.Path), want.Line, want.Severity))
		}
		if !slices.Contains(names, want.Path) {
			names = append(names, want.Path)
			lines[want.Path] = want.Line
		}
	}
	p.line("")
	if len(places) > 0 {
		p.line("**Reported** at %s:", strings.Join(places, ", "))
	} else if _, words, ok := strings.Cut(c.Name, "-"); ok {
		p.line("**Not reported** (%s):", strings.ReplaceAll(words, "-", " "))
	} else {
		p.line("**Not reported**:")
	}
	all := slices.Sorted(maps.Keys(c.shown))
	for _, name := range all {
		if !scaffolding(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = all
	}
	for _, name := range names[:min(len(names), maxShownFiles)] {
		p.line("")
		p.line("%s", code(name))
		p.line("")
		p.file(c, name, lines[name])
	}
}

// scaffolding reports whether a file is there in every project and says only
// which settings it loads.
func scaffolding(name string) bool {
	switch path.Base(name) {
	case "manage.py", "wsgi.py", "asgi.py", "__init__.py":
		return true
	}
	return false
}

// file shows a file, or the part of a long one around a line.
func (p *page) file(c *Case, name string, line int) {
	lines := strings.Split(strings.TrimRight(c.shown[name], "\n"), "\n")
	if len(lines) > maxShownLines {
		start := min(max(line-maxShownLines/2, 0), len(lines)-maxShownLines)
		cut := slices.Clone(lines[start : start+maxShownLines])
		if start > 0 {
			cut[0] = "…"
		}
		if start+maxShownLines < len(lines) {
			cut[maxShownLines-1] = "…"
		}
		lines = cut
	}
	p.fence(language(name), strings.Join(lines, "\n"))
}

func language(name string) string {
	switch path.Ext(name) {
	case ".py":
		return "python"
	case ".yml", ".yaml":
		return "yaml"
	case ".toml":
		return "toml"
	case ".tf":
		return "hcl"
	case ".sh":
		return "sh"
	case ".json":
		return "json"
	}
	if strings.HasPrefix(path.Base(name), "Dockerfile") {
		return "dockerfile"
	}
	return ""
}

func severity(r *Rule) string { return r.Severity.Emoji() + " " + r.Severity.String() }

func severities(r *Rule) string {
	out := severity(r)
	for _, c := range r.SeverityWhen {
		out += fmt.Sprintf("; %s %s where %s", c.Severity.Emoji(), c.Severity, code(c.When))
	}
	return cell(out)
}

// milder returns a severity to show in an example of the configuration.
func milder(r *Rule) string {
	if r.Severity.String() == "minor" {
		return "suggestion"
	}
	return "minor"
}

func judgedOn(r *Rule) string {
	switch r.For {
	case ForSettings:
		return "each settings module that production loads, by its effective values"
	case ForProject:
		return "the project as a whole"
	}
	return "each file, and each commit of a pull request"
}

// code shows a text as code inside a line.
func code(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

func list(texts []string) string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = code(t)
	}
	return strings.Join(out, ", ")
}

// cell keeps a text inside its cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
