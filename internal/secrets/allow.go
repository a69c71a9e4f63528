package secrets

import "strings"

// Marks of comments that allow a finding.
const (
	gitleaksAllow = "gitleaks:allow"
	lintelIgnore  = "lintel:ignore"
	// maxAllowed bounds what is kept of the rule list of an allow comment.
	maxAllowed = 120
)

// allowComment returns the allow comment that stands at a candidate: on its
// line, or, for lintel:ignore, on a comment line above. Only the mark and the
// rule names are kept: a reason could hold anything.
func allowComment(d *document, c candidate, rule string) string {
	first, last := d.line(c.start), d.line(max(c.start, c.end-1))
	for n := first; n <= last; n++ {
		if found := allowOn(outside(d, n, c), rule, true); found != "" {
			return found
		}
		if n-first > 1 {
			// Only a value of a few lines is searched; a PEM block has its
			// comment at its beginning or its end.
			n = max(n, last-1)
		}
	}
	if first == 1 {
		return ""
	}
	start, end := d.bounds(first - 1)
	above := strings.TrimSpace(d.text[start:min(end, start+longLine)])
	if strings.HasPrefix(above, "#") || strings.HasPrefix(above, "//") || strings.HasPrefix(above, "/*") ||
		strings.HasPrefix(above, "*") || strings.HasPrefix(above, "<!--") || strings.HasPrefix(above, ";") {
		return allowOn(above, rule, false)
	}
	return ""
}

// outside returns a line without the candidate's own text: a secret cannot
// allow itself.
func outside(d *document, line int, c candidate) string {
	start, end := d.bounds(line)
	from, to := max(start, min(end, c.start)), min(end, max(start, c.end))
	return d.text[max(start, from-longLine):from] + " " + d.text[to:min(end, to+longLine)]
}

func allowOn(text, rule string, gitleaks bool) string {
	if gitleaks && strings.Contains(text, gitleaksAllow) {
		return gitleaksAllow
	}
	i := strings.Index(text, lintelIgnore)
	if i < 0 {
		return ""
	}
	list, _, _ := strings.Cut(text[i+len(lintelIgnore):], "--")
	list = strings.TrimSpace(list)
	list = list[:min(len(list), maxAllowed)]
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if name == rule || name == "secrets" || name == "secrets/*" {
			return lintelIgnore + " " + name
		}
	}
	return ""
}
