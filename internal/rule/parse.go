package rule

import (
	"regexp"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// maxTitle bounds a title, which stands in the first line of a comment.
	maxTitle = 100
	// maxListed bounds the steps, references and patterns of a rule.
	maxListed = 20
	// maxParagraph bounds each of them, and what goes wrong: people read it below
	// a line of code, and GitHub takes 65,536 characters for all of a comment.
	maxParagraph = 2000
)

var (
	idPattern    = regexp.MustCompile(`^[a-z][a-z0-9-]*/[a-z0-9][a-z0-9-]*$`)
	sincePattern = regexp.MustCompile(`^\d+\.\d+(\.\d+)?$`)
	envPattern   = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,99}$`)
)

// casts are what an edit can make of the text of a variable.
func casts() []string { return []string{"str", "bool", "int", "float", "list"} }

// maxEdit bounds the code that an edit puts into a line.
const maxEdit = 200

// qualities are the attributes of ISO/IEC 25010, and Operability, as
// architecture reviews call a part of them.
func qualities() []string {
	return []string{
		"Security", "Reliability", "Performance efficiency", "Operability", "Maintainability", "Compatibility", "Usability",
		"Portability", "Functional suitability",
	}
}

// parse reads one rule; it is nil when it has mistakes.
func parse(name string, data, examples []byte, o LoadOptions) (*Rule, []error) {
	d := &document{path: name}
	m := d.root(data)
	if m == nil {
		return nil, d.problems
	}
	r := &Rule{Path: name}
	b := &builder{document: d, mapping: m, rule: r, options: o}
	b.head()
	b.body()
	b.texts()
	b.edit()
	m.rest()
	if examples != nil {
		parsed, err := ParseExamples(strings.TrimSuffix(name, ".yml")+".txtar", examples)
		if err != nil {
			d.problems = append(d.problems, err)
		}
		r.Examples = parsed
	}
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	return r, nil
}

// builder fills a rule from its document.
type builder struct {
	*document
	*mapping
	rule    *Rule
	options LoadOptions
	// hidden says of variables why expressions cannot use them.
	hidden map[string]string
}

// head reads what a rule is called.
func (b *builder) head() {
	r := b.rule
	if t, ok := b.mapping.text("id", true); ok {
		r.ID = t.value
		if !idPattern.MatchString(r.ID) {
			b.mistake(t.at, "the id %q is not of the form family/name", r.ID)
		} else if want := strings.TrimSuffix(b.path, ".yml"); r.ID != want && !strings.HasSuffix(want, "/"+r.ID) {
			b.mistake(t.at, "the id %s does not fit the file %s", r.ID, b.path)
		}
	}
	family, _, _ := strings.Cut(r.ID, "/")
	if t, ok := b.mapping.text("family", true); ok {
		r.Family = t.value
		if r.Family != family {
			b.mistake(t.at, "the family %s is not that of the id %s", r.Family, r.ID)
		}
	}
	if t, ok := b.mapping.text("title", true); ok {
		r.Title = t.value
		if len(r.Title) > maxTitle || strings.ContainsAny(r.Title, "\n`*<>") || strings.ContainsFunc(r.Title, unprintable) {
			b.mistake(t.at, "a title is one line of at most %d characters without Markdown", maxTitle)
		}
	}
	if t, ok := b.mapping.text("quality", true); ok {
		r.Quality = t.value
		if !slices.Contains(qualities(), r.Quality) {
			b.mistake(t.at, "unknown quality %q; did you mean %q?", r.Quality, nearest(r.Quality, qualities()))
		}
	}
	if t, ok := b.mapping.text("severity", true); ok {
		r.Severity = b.severity(t)
	}
	if t, ok := b.mapping.text("since", true); ok {
		r.Since = t.value
		if !sincePattern.MatchString(r.Since) {
			b.mistake(t.at, "%q is no version", r.Since)
		}
	}
}

func (b *builder) severity(t text) finding.Severity {
	s, err := finding.ParseSeverity(t.value)
	if err != nil {
		b.mistake(t.at, "%v", err)
	}
	return s
}

// body reads the condition, or the finder in its place.
func (b *builder) body() {
	r := b.rule
	if t, ok := b.mapping.text("finder", false); ok {
		r.Finder = t.value
		if !slices.Contains(b.options.Finders, r.Finder) {
			b.mistake(t.at, "unknown finder %q", r.Finder)
		}
		return
	}
	if t, ok := b.mapping.text("for", true); ok {
		r.For = t.value
		if r.For != ForSettings && r.For != ForProject {
			b.mistake(t.at, "a rule is for %s or %s, not %q", ForSettings, ForProject, r.For)
		}
	}
	for _, t := range b.bounded("uses", b.mapping.texts("uses", false)) {
		r.Uses = append(r.Uses, t.value)
	}
	b.hide(varKey, varValue)
	if t, ok := b.mapping.text("each", false); ok {
		r.Each = t.value
		r.program.each = b.expression(t, false)
		b.hide()
	}
	if t, ok := b.mapping.text("when", true); ok {
		r.Condition = t.value
		r.program.when = b.expression(t, true)
	}
	if t, ok := b.mapping.text("anchor", false); ok {
		r.program.anchors = append(r.program.anchors, b.expression(t, false))
	}
	for _, t := range b.mapping.texts("anchors", false) {
		r.program.anchors = append(r.program.anchors, b.expression(t, false))
	}
	r.program.subject = template{source: r.ID, pieces: []templatePiece{{text: strings.TrimPrefix(r.ID, r.Family+"/")}}}
	if t, ok := b.mapping.text("subject", true); ok {
		r.program.subject = b.template(t)
	}
	r.Absent = b.mapping.flag("absent")
	delete(b.hidden, varSometimes)
	if t, ok := b.mapping.text("message", true); ok {
		r.program.message = b.template(t)
	}
	b.severities()
}

// severities reads what makes a finding better or worse.
func (b *builder) severities() {
	for _, m := range b.mappings("severity_when") {
		c := SeverityCase{}
		if t, ok := m.text("when", true); ok {
			c.When = t.value
			c.program = b.expression(t, true)
		}
		if t, ok := m.text("severity", true); ok {
			c.Severity = b.severity(t)
		}
		m.rest()
		b.rule.SeverityWhen = append(b.rule.SeverityWhen, c)
	}
}

// texts reads what is said for people.
func (b *builder) texts() {
	r := b.rule
	if t, ok := b.mapping.text("why", true); ok {
		r.Why = b.paragraph(t)
	}
	for _, t := range b.bounded("fix", b.mapping.texts("fix", true)) {
		r.Fix = append(r.Fix, strings.Join(strings.Fields(t.value), " "))
	}
	for _, t := range b.bounded("references", b.mapping.texts("references", true)) {
		if !strings.HasPrefix(t.value, "https://") {
			b.mistake(t.at, "a reference is an https address")
		}
		r.References = append(r.References, t.value)
	}
}

// paragraph joins the lines of a text.
func (b *builder) paragraph(t text) string {
	b.short(t)
	return strings.Join(strings.Fields(t.value), " ")
}

// short refuses a text that nobody would read, and one that is no plain text.
func (b *builder) short(t text) {
	if len(t.value) > maxParagraph {
		b.mistake(t.at, "a text of %d bytes; at most %d", len(t.value), maxParagraph)
	}
	if strings.ContainsFunc(t.value, unprintable) {
		b.mistake(t.at, "a text with control characters")
	}
}

func (b *builder) bounded(key string, list []text) []text {
	for _, t := range list {
		b.short(t)
	}
	if len(list) > maxListed {
		b.mistake(list[maxListed].at, "more than %d entries in `%s`", maxListed, key)
		list = list[:maxListed]
	}
	return list
}

// edit reads how the defect can be mended on one line.
func (b *builder) edit() {
	n, ok := b.mapping.get("edit")
	if !ok {
		return
	}
	m, ok := b.document.mapping(n)
	if !ok {
		return
	}
	e := &Edit{}
	ways := 0
	if t, ok := m.text("value", false); ok {
		e.Value = b.oneLine(t)
		ways++
	}
	if t, ok := m.text("entry", false); ok {
		e.Entry = b.oneLine(t)
		ways++
	}
	if n, ok := m.get("env"); ok {
		ways++
		if env, ok := b.document.mapping(n); ok {
			if t, ok := env.text("name", true); ok {
				if e.EnvName = t.value; !envPattern.MatchString(e.EnvName) {
					b.mistake(t.at, "%q is no name of a variable", e.EnvName)
				}
			}
			if t, ok := env.text("cast", true); ok {
				if e.EnvCast = t.value; !slices.Contains(casts(), e.EnvCast) {
					b.mistake(t.at, "a cast is one of %s, not %q", strings.Join(casts(), ", "), e.EnvCast)
				}
			}
			env.rest()
		}
	}
	m.rest()
	if ways != 1 {
		b.mistake(m.at, "an edit has one of `value`, `env` and `entry`")
	}
	b.rule.Edit = e
}

// hide takes variables from the expressions that follow, besides those that the
// kind of subject and the absence of `uses` take.
func (b *builder) hide(names ...string) {
	b.hidden = map[string]string{varSometimes: "is only there in `severity_when` and `message`"}
	for _, name := range names {
		b.hidden[name] = "is only there with `each`"
	}
	if b.rule.For == ForProject {
		b.hidden[varSettings] = "is not there in a rule for the project"
		b.hidden[varCalls], b.hidden[varLeaf] = b.hidden[varSettings], b.hidden[varSettings]
	}
	if len(b.rule.Uses) == 0 {
		b.hidden[varUses] = "is only there with a list of `uses`"
	}
}

func (b *builder) expression(t text, truth bool) expression {
	e, mistakes := compile(t.value, compileOptions{truth, b.options.Fields, b.hidden})
	b.mistakes(t, mistakes)
	return e
}

func (b *builder) template(t text) template {
	out, mistakes := parseTemplate(t.value, compileOptions{false, b.options.Fields, b.hidden})
	b.mistakes(t, mistakes)
	return out
}

func (b *builder) mistakes(t text, mistakes []*errMistake) {
	for _, m := range mistakes {
		b.mistake(t.position(m.line, m.column), "%s", m.message)
	}
}

// oneLine refuses code that does not stand on one line.
func (b *builder) oneLine(t text) string {
	if len(t.value) > maxEdit || strings.ContainsFunc(t.value, func(r rune) bool { return r == '\n' || unprintable(r) }) {
		b.mistake(t.at, "an edit is code of at most %d bytes on one line", maxEdit)
	}
	return t.value
}
