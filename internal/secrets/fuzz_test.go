package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// FuzzScan holds for any content: no panic, lines within the file, and no
// value in what comes out.
func FuzzScan(f *testing.F) {
	for _, c := range corpus() {
		text, _ := c.expand(f)
		f.Add(c.path, []byte(text))
	}
	f.Add("a.tf", []byte("variable \"password\" {\n default = [\n"))
	f.Add("a.yaml", []byte("kind: Secret\ndata:\n  a: \n---\n"))
	f.Add("a.py", []byte("password=((((((('x'+"))
	f.Fuzz(func(t *testing.T, path string, content []byte) {
		s := newTestScanner(t)
		found, err := s.Scan(context.Background(), path, content)
		if errors.Is(err, ErrEngine) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		d, err := newDocument(path, content)
		if err != nil {
			return
		}
		for _, x := range found {
			if x.Line < 1 && x.Rule != "secrets/"+kindKeyStore || x.EndLine < x.Line || x.EndLine > len(d.lines) {
				t.Fatalf("lines %d to %d of %d", x.Line, x.EndLine, len(d.lines))
			}
			if x.Severity == 0 || x.Title == "" || x.Fingerprint == "" || x.Path != path {
				t.Fatalf("incomplete: %+v", x)
			}
		}
		valuesStayInside(t, s, d, found)
	})
}

// valuesStayInside greps findings for the values they are about. Values that
// are words of a message anyway, such as "password", cannot be told apart.
func valuesStayInside(t *testing.T, s *Scanner, d *document, found any) {
	t.Helper()
	encoded, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range s.extractors {
		candidates, err := x.extract(context.Background(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range candidates {
			if c.start < 0 || c.end < c.start || c.end > len(d.text) {
				t.Fatalf("candidate outside of the text: %d to %d of %d", c.start, c.end, len(d.text))
			}
			if c.strength == strengthReal && len(c.value) >= 12 && !strings.Contains(d.path, c.value) && strings.Contains(string(encoded), c.value) {
				t.Fatalf("a value of %d bytes comes out", len(c.value))
			}
		}
	}
}

// FuzzJudgeValue holds that no name or value makes the judgement fail.
func FuzzJudgeValue(f *testing.F) {
	for _, v := range []string{"", "%", "$", "%(", "a%(b)s", "x(", "()", "https://", "\x00", "€", strings.Repeat("a", 50), "!", "[]", "{}"} {
		f.Add("DB_PASSWORD", v)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		info := classifyName(name)
		for _, class := range []nameClass{info.class, classPassword, classSecret, classKey, classDjangoKey} {
			if s := judgeValue(name, class, value); s < strengthNone || s > strengthReal {
				t.Fatalf("strength %d", s)
			}
		}
		judgeURLPassword(name, value)
	})
}

// FuzzLex holds that tokens follow one another within the text.
func FuzzLex(f *testing.F) {
	for _, c := range corpus() {
		f.Add(c.path, c.text)
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		d, err := newDocument(path, []byte(text))
		if err != nil {
			return
		}
		last := int32(0)
		for _, token := range lex(d) {
			if token.start < last || token.end < token.start || int(token.end) > len(d.text) {
				t.Fatalf("token from %d to %d behind %d", token.start, token.end, last)
			}
			last = token.end
		}
	})
}

// FuzzRules holds that no overlay makes loading the rules panic.
func FuzzRules(f *testing.F) {
	f.Add("[[rules]]\nid = \"x\"\nkeywords = [\"x\"]\nregex = '''x'''\n")
	f.Add("[[drop]]\nids = [\"x\"]\nreason = \"y\"\n")
	f.Add("[extend]\npath = \"/etc/passwd\"\n")
	f.Fuzz(func(t *testing.T, overlay string) {
		set, err := parseRules("", overlay)
		if err == nil && set == nil {
			t.Fatal("neither rules nor an error")
		}
	})
}
