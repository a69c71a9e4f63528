package secrets

import (
	"context"
	"strings"
)

// kubernetesExtractor reads the data and stringData of Secret manifests, whose
// names are as free as their values are secret.
type kubernetesExtractor struct{}

func (kubernetesExtractor) extract(ctx context.Context, d *document) ([]candidate, error) {
	if d.syntax != syntaxYAML || !strings.Contains(d.text, "kind: Secret") {
		return nil, nil
	}
	r := &manifestReader{d: d}
	for n := range d.lines {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		start, end := d.bounds(n + 1)
		r.line(n+1, start, strings.TrimRight(d.text[start:end], " \t\r"))
	}
	r.finish()
	return r.found, nil
}

// manifestReader collects the entries of one YAML document until it is known
// whether that is a Secret: kind may stand below data.
type manifestReader struct {
	d       *document
	secret  bool
	section string
	// indent is the column of the section's key.
	indent  int
	entries []candidate
	found   []candidate
}

func (r *manifestReader) line(number, start int, text string) {
	if strings.HasPrefix(text, "---") {
		r.finish()
		return
	}
	body := strings.TrimLeft(text, " ")
	indent := len(text) - len(body)
	if body == "" || body[0] == '#' {
		return
	}
	key, value, ok := strings.Cut(body, ":")
	if !ok || value != "" && value[0] != ' ' {
		return
	}
	switch {
	case strings.TrimSpace(body) == "kind: Secret":
		r.secret = true
	case (key == "data" || key == "stringData") && strings.TrimSpace(value) == "":
		r.section, r.indent = key, indent
		return
	}
	if r.section == "" {
		return
	}
	if indent <= r.indent {
		r.section = ""
		return
	}
	r.entry(strings.Trim(key, `"'`), value, start+indent+len(key)+1)
}

func (r *manifestReader) entry(name, value string, offset int) {
	lead := runOf(value, 0, func(c byte) bool { return c == ' ' || c == '"' || c == '\'' })
	value, offset = strings.TrimRight(value[lead:], ` "'`), offset+lead
	if value == "" || len(value) > maxValueBytes || notScalar(value) || !nameLikeWord(strings.TrimLeft(name, "._")) {
		return
	}
	info := classifyName(name)
	if info.class == classNone {
		for _, w := range splitName(name) {
			switch w {
			case "user", "username", "name", "host", "port", "ca", "crt", "cert", "url", "email", "region", "namespace", "id", "database", "db", "config":
				return
			}
		}
		// Nobody puts something into a Secret that is none; still a name that
		// says nothing asks for a value that looks random.
		info = nameInfo{class: classSecret, kind: kindSecret}
	}
	c := candidate{kind: info.kind, name: name, value: value, start: offset, end: offset + len(value)}
	if r.section == "data" {
		decoded, ok := decodeBase64(value)
		if !ok {
			return
		}
		c.value, c.encoded = strings.TrimRight(decoded, "\r\n"), true
	}
	c.strength = judgeValue(name, info.class, c.value)
	if c.strength != strengthNone {
		r.entries = append(r.entries, c)
	}
}

// finish ends a YAML document.
func (r *manifestReader) finish() {
	if r.secret {
		r.found = append(r.found, r.entries...)
	}
	r.entries, r.secret, r.section = nil, false, ""
}
