package secrets

import (
	"context"
	"strings"
)

// lineExtractor reads assignments whose values have no quotes: YAML, .env and
// INI files, shell, Dockerfiles, and snippets of those inside other text.
type lineExtractor struct{}

func (lineExtractor) extract(ctx context.Context, d *document) ([]candidate, error) {
	if d.place == placeGenerated || d.syntax == syntaxCode || d.syntax == syntaxData {
		return nil, nil
	}
	r := &lineReader{d: d, sealed: strings.Contains(d.text, "kind: SealedSecret")}
	for n := range d.lines {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		start, end := d.bounds(n + 1)
		if end-start <= longLine {
			r.line(n+1, start, end)
		}
	}
	return r.found, nil
}

type lineReader struct {
	d     *document
	found []candidate
	// pending is the sensitive name of a YAML list item "- name: X" whose
	// value comes on the next line, and pendingLine its line.
	pending string
	// sealed is true in a SealedSecret, whose values are encrypted: base64 that
	// begins with "Ag".
	sealed      bool
	pendingLine int
}

// line reads one line, text[start:end].
func (r *lineReader) line(number, start, end int) {
	text := strings.TrimRight(r.d.text[start:end], "\r")
	// A lone carriage return ends a line for whoever wrote it.
	if i := strings.IndexByte(text, '\r'); i >= 0 {
		r.line(number, start, start+i)
		r.line(number, start+i+1, end)
		return
	}
	if !mayName(text) && r.pendingLine != number-1 {
		return
	}
	if r.d.syntax != syntaxProse && r.d.syntax != syntaxHCL {
		if r.assignment(number, text, start) {
			return
		}
	}
	r.inline(text, start)
}

// mayName is a cheap test for a separator behind some letters.
func mayName(text string) bool {
	return strings.ContainsAny(text, "=:") || strings.Contains(text, "ENV ") || strings.Contains(text, "env ")
}

// assignment reads a line that is one: "export NAME=value", "- name: value",
// "ENV NAME value", "name = value".
func (r *lineReader) assignment(number int, text string, offset int) bool {
	at := runOf(text, 0, func(c byte) bool { return c == ' ' || c == '\t' || c == '-' || c == '#' || c == ';' })
	for _, word := range []string{"export ", "set ", "ENV ", "ARG ", "setx ", "readonly ", "Environment=", "env "} {
		if strings.HasPrefix(text[at:], word) {
			at += len(word)
		}
	}
	at += runOf(text, at, func(c byte) bool { return c == ' ' || c == '"' || c == '\'' })
	nameEnd := at + runOf(text, at, func(c byte) bool { return isWordOrDash(c) || c == '.' })
	if nameEnd == at {
		return false
	}
	name := text[at:nameEnd]
	valueAt, separator := r.separator(text, nameEnd)
	if valueAt < 0 {
		return false
	}
	value, valueStart := r.value(text, valueAt, separator)
	if r.yamlPair(number, name, value, offset+valueStart) {
		return true
	}
	info := classifyName(name)
	if info.class == classNone {
		return false
	}
	r.add(name, info, value, offset+valueStart)
	return true
}

// separator returns where the value begins behind the name that ends at i.
func (r *lineReader) separator(text string, i int) (valueAt int, separator byte) {
	j := i + runOf(text, i, func(c byte) bool { return c == '"' || c == '\'' })
	j += runOf(text, j, isBlank)
	if j < len(text) && (text[j] == '=' || text[j] == ':') {
		c := text[j]
		if c == ':' && r.d.syntax == syntaxYAML && j+1 < len(text) && !isBlank(text[j+1]) {
			return -1, 0
		}
		if strings.HasPrefix(text[j:], "==") || strings.HasPrefix(text[j:], "::") {
			return -1, 0
		}
		if strings.HasPrefix(text[j:], ":=") {
			j++
		}
		return j + 1 + runOf(text, j+1, isBlank), c
	}
	if r.d.syntax == syntaxDockerfile && j > i && j < len(text) && strings.HasPrefix(strings.TrimSpace(text), "ENV ") {
		return j, ' '
	}
	return -1, 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// value returns the value that starts at i and where its first byte is.
func (r *lineReader) value(text string, i int, separator byte) (string, int) {
	if i >= len(text) {
		return "", i
	}
	if q := text[i]; q == '"' || q == '\'' {
		for j := i + 1; j < len(text); j++ {
			if text[j] == '\\' && q == '"' {
				j++
			} else if text[j] == q {
				return text[i+1 : j], i + 1
			}
		}
		return text[i+1:], i + 1
	}
	rest := text[i:]
	if cut := strings.Index(rest, " #"); cut >= 0 {
		rest = rest[:cut]
	}
	if separator == '=' && (r.d.syntax == syntaxShell || r.d.syntax == syntaxDockerfile || r.d.syntax == syntaxYAML) {
		rest = rest[:runOf(rest, 0, func(c byte) bool { return !isBlank(c) && c != ';' && c != '|' && c != '"' && c != '\'' })]
	}
	return strings.TrimRight(rest, " \t\r\\,"), i
}

// yamlPair handles "name: DB_PASSWORD" with "value: …" on the next line, the
// way Kubernetes lists the environment of a container.
func (r *lineReader) yamlPair(number int, name, value string, offset int) bool {
	if r.d.syntax != syntaxYAML {
		return false
	}
	switch name {
	case "name", "Name", "key", "ParameterKey":
		r.pending, r.pendingLine = "", 0
		if nameLikeWord(value) && classifyName(value).class != classNone {
			r.pending, r.pendingLine = value, number
		}
		return true
	case "value", "Value", "ParameterValue":
		if r.pending != "" && r.pendingLine == number-1 {
			r.add(r.pending, classifyName(r.pending), value, offset)
		}
		r.pending = ""
		return true
	}
	return false
}

func nameLikeWord(s string) bool { return s != "" && len(s) <= maxNameBytes && nameLike(s) }

// inline reads NAME=value and --name=value in the middle of a line, such as a
// command in a YAML file or a heredoc in Terraform. Only names in capitals or
// with a dash in front count there.
func (r *lineReader) inline(text string, offset int) {
	for at := 0; at < len(text); {
		eq := strings.IndexByte(text[at:], '=')
		if eq < 0 {
			return
		}
		eq += at
		at = eq + 1
		nameStart := eq
		for nameStart > 0 && (isWordOrDash(text[nameStart-1]) || text[nameStart-1] == '.') {
			nameStart--
		}
		name := strings.TrimLeft(text[nameStart:eq], "-")
		option := strings.HasPrefix(text[nameStart:eq], "--")
		if name == "" || !nameLike(name) || !option && name != strings.ToUpper(name) && !r.anyCase() || eq+1 == len(text) || text[eq+1] == '=' {
			continue
		}
		info := classifyName(name)
		if info.class == classNone {
			continue
		}
		value, start := r.inlineValue(text, eq+1)
		r.add(name, info, value, offset+start)
		at = max(at, start+len(value))
	}
}

// anyCase reports whether lower-case names count in the middle of a line, as
// in "helm --set auth.password=…" or an Ansible inventory.
func (r *lineReader) anyCase() bool {
	switch r.d.syntax {
	case syntaxShell, syntaxYAML, syntaxLines, syntaxDockerfile:
		return true
	}
	return false
}

func (r *lineReader) inlineValue(text string, i int) (string, int) {
	if text[i] == '"' || text[i] == '\'' {
		if end := strings.IndexByte(text[i+1:], text[i]); end >= 0 {
			return text[i+1 : i+1+end], i + 1
		}
		return "", i
	}
	n := runOf(text, i, func(c byte) bool { return !isBlank(c) && strings.IndexByte("\"'`;|&,)<>\\", c) < 0 })
	return text[i : i+n], i
}

func (r *lineReader) add(name string, info nameInfo, value string, offset int) {
	fallback := false
	if start := strings.Index(value, ":-"); strings.HasPrefix(value, "${") && start > 0 && strings.HasSuffix(value, "}") {
		// ${NAME:-literal}: the literal holds where NAME is not set.
		value, offset, fallback = value[start+2:len(value)-1], offset+start+2, true
	}
	if r.d.syntax == syntaxYAML && notScalar(value) || value == "" {
		return
	}
	s := judgeValue(name, info.class, value)
	if s == strengthNone || r.sealed && strings.HasPrefix(value, "Ag") && len(value) > 64 {
		return
	}
	if info.pretend && s > strengthWeak {
		s = strengthWeak
	}
	r.found = append(r.found, candidate{kind: kindForName(r.d, name, info), name: name, value: value,
		start: offset, end: offset + len(value), strength: s, fallback: fallback})
}

// notScalar reports whether a YAML value is no plain text: an alias, an
// anchor, a tag, a block, a collection.
func notScalar(v string) bool {
	return v == "" || strings.IndexByte("*&!|>{[@`", v[0]) >= 0 && len(strings.Fields(v)) <= 2 && (v[0] != '!' || strings.ContainsRune(v, ' ') || len(v) < 8) && (v[0] != '@') && (v[0] != '*' || runOf(v, 1, isWordOrDash) == len(v)-1) && (v[0] != '&' || runOf(v, 1, isWordOrDash) == len(v)-1 || strings.ContainsRune(v, ' '))
}
