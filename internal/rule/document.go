package rule

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	// maxDocument bounds the bytes of one rule file: those of ours take 3,000.
	maxDocument = 32 << 10
	// maxBrackets bounds its brackets and braces, for which the parser takes
	// quadratic time; expressions have some dozen.
	maxBrackets = 500
	// maxOpenings bounds how many levels it opens one right after the other, and
	// with it the parser's stack.
	maxOpenings = 200
	// maxNesting bounds how deep its YAML nests: the schema needs four levels.
	maxNesting = 12
)

// document reads one YAML file strictly: it knows where everything stands and
// collects all mistakes.
type document struct {
	path     string
	lines    [][]rune
	problems []error
}

// mistake records a problem at a node.
func (d *document) mistake(at *token.Position, format string, args ...any) {
	p := &Problem{Path: d.path, Message: fmt.Sprintf(format, args...)}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	d.problems = append(d.problems, p)
}

// root parses the file and returns its mapping, or nil.
func (d *document) root(data []byte) (m *mapping) {
	defer func() {
		// The parser has panicked on hostile input before.
		if recover() != nil {
			d.mistake(nil, "the YAML cannot be parsed")
			m = nil
		}
	}()
	if len(data) > maxDocument {
		d.mistake(nil, "%d bytes; a rule has at most %d", len(data), maxDocument)
		return nil
	}
	if openings(data) > maxOpenings || bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > maxBrackets {
		d.mistake(nil, "the YAML nests too deep")
		return nil
	}
	for line := range strings.Lines(string(data)) {
		d.lines = append(d.lines, []rune(strings.TrimRight(line, "\r\n")))
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		d.syntax(err)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		d.mistake(nil, "the file has to hold one YAML document")
		return nil
	}
	body := file.Docs[0].Body
	if !d.plain(body, 0) {
		return nil
	}
	m, _ = d.mapping(body)
	return m
}

// openings returns the widest run of what can open a level.
func openings(data []byte) int {
	widest, run := 0, 0
	for _, c := range data {
		switch c {
		case '[', '{', '-', '?', ':':
			run++
			widest = max(widest, run)
		case ' ', '\n', '\t':
		default:
			run = 0
		}
	}
	return widest
}

// syntax records an error of the parser, whose text begins with its position.
func (d *document) syntax(err error) {
	p := &Problem{Path: d.path, Message: "no valid YAML"}
	text, _, _ := strings.Cut(err.Error(), "\n")
	var message string
	if n, _ := fmt.Sscanf(text, "[%d:%d]", &p.Line, &p.Column); n == 2 {
		if _, after, ok := strings.Cut(text, "] "); ok {
			message = after
		}
	}
	if message != "" {
		p.Message += ": " + message
	}
	d.problems = append(d.problems, p)
}

// plain refuses what a rule does not need and what can grow without end.
func (d *document) plain(n ast.Node, depth int) bool {
	if depth > maxNesting {
		d.mistake(n.GetToken().Position, "the YAML nests deeper than %d levels", maxNesting)
		return false
	}
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode, *ast.DirectiveNode:
		d.mistake(n.GetToken().Position, "anchors, aliases, tags and merge keys are not taken")
		return false
	case *ast.MappingNode:
		for _, v := range n.Values {
			if !d.plain(v.Key, depth+1) || !d.plain(v.Value, depth+1) {
				return false
			}
		}
	case *ast.MappingValueNode:
		return d.plain(n.Key, depth+1) && d.plain(n.Value, depth+1)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			if !d.plain(v, depth+1) {
				return false
			}
		}
	}
	return true
}

// mapping is a YAML mapping whose keys are asked for one after the other; those
// that nobody asked for are mistakes.
type mapping struct {
	document *document
	at       *token.Position
	keys     []string
	values   map[string]ast.Node
	places   map[string]*token.Position
	asked    map[string]bool
	known    []string
}

func (d *document) mapping(n ast.Node) (*mapping, bool) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.mistake(n.GetToken().Position, "a mapping is wanted here")
		return nil, false
	}
	m := &mapping{
		document: d, at: n.GetToken().Position, values: make(map[string]ast.Node),
		places: make(map[string]*token.Position), asked: make(map[string]bool),
	}
	for _, pair := range pairs {
		key := pair.Key.GetToken()
		if _, twice := m.values[key.Value]; twice {
			d.mistake(key.Position, "the key `%s` is there twice", key.Value)
			continue
		}
		m.keys = append(m.keys, key.Value)
		m.values[key.Value] = pair.Value
		m.places[key.Value] = key.Position
	}
	return m, true
}

// get asks for a key.
func (m *mapping) get(key string) (ast.Node, bool) {
	m.asked[key] = true
	m.known = append(m.known, key)
	n, ok := m.values[key]
	return n, ok
}

// rest records the keys that nobody asked for.
func (m *mapping) rest() {
	for _, key := range m.keys {
		if m.asked[key] {
			continue
		}
		if like := nearest(key, m.known); like != "" {
			m.document.mistake(m.places[key], "unknown key `%s`; did you mean `%s`?", key, like)
		} else {
			m.document.mistake(m.places[key], "unknown key `%s`", key)
		}
	}
}

// text asks for a key with a text.
func (m *mapping) text(key string, required bool) (text, bool) {
	n, ok := m.get(key)
	if !ok {
		if required {
			m.document.mistake(m.at, "`%s` is missing", key)
		}
		return text{}, false
	}
	t, ok := m.document.scalar(n)
	if ok && strings.TrimSpace(t.value) == "" {
		m.document.mistake(m.places[key], "`%s` is empty", key)
		return text{}, false
	}
	return t, ok
}

// texts asks for a key with a list of texts.
func (m *mapping) texts(key string, required bool) []text {
	n, ok := m.get(key)
	if !ok {
		if required {
			m.document.mistake(m.at, "`%s` is missing", key)
		}
		return nil
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		m.document.mistake(m.places[key], "`%s` is a list of texts", key)
		return nil
	}
	var out []text
	for _, item := range list.Values {
		if t, ok := m.document.scalar(item); ok {
			if strings.TrimSpace(t.value) == "" {
				m.document.mistake(t.at, "an empty text in `%s`", key)
				continue
			}
			out = append(out, t)
		}
	}
	if required && len(out) == 0 {
		m.document.mistake(m.places[key], "`%s` is empty", key)
	}
	return out
}

// flag asks for a key with true or false.
func (m *mapping) flag(key string) bool {
	n, ok := m.get(key)
	if !ok {
		return false
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		m.document.mistake(m.places[key], "`%s` is true or false", key)
		return false
	}
	return b.Value
}

// mappings asks for a key with a list of mappings.
func (m *mapping) mappings(key string) []*mapping {
	n, ok := m.get(key)
	if !ok {
		return nil
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		m.document.mistake(m.places[key], "`%s` is a list", key)
		return nil
	}
	var out []*mapping
	for _, item := range list.Values {
		if inner, ok := m.document.mapping(item); ok {
			out = append(out, inner)
		}
	}
	return out
}
