package python

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func seeds(f *testing.F) []string {
	f.Helper()
	paths, err := filepath.Glob("testdata/*.py")
	if err != nil {
		f.Fatal(err)
	}
	var out []string
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, string(source))
	}
	return out
}

// FuzzParse: any source gives a sound tree or one of the known errors.
func FuzzParse(f *testing.F) {
	for _, source := range seeds(f) {
		f.Add(source, 0, 5)
	}
	p, err := NewParser()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, source string, start, length int) {
		var spans []SecretSpan
		if start >= 0 && length > 0 && start < len(source) && length <= len(source)-start {
			spans = []SecretSpan{{start, start + length, Secret{Kind: "password", Length: length}}}
		}
		file, err := p.Parse(t.Context(), []byte(source), spans)
		if errors.Is(err, ErrTooDeep) || errors.Is(err, ErrTooLarge) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		check(t, file.Module(), len(source))
		for _, span := range file.Broken() {
			if span.Line < 1 || span.EndLine < span.Line || span.EndLine > strings.Count(source, "\n")+1 {
				t.Errorf("lines %d-%d are broken", span.Line, span.EndLine)
			}
		}
		decoded, err := Decode(file.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if dump(decoded) != dump(file) {
			t.Error("the tree changes when it is encoded and decoded")
		}
	})
}

// FuzzSecrets: wherever a secret stands, nothing that is kept holds it.
func FuzzSecrets(f *testing.F) {
	for _, around := range [][2]string{
		{`x = "`, `"`}, {`x = "a:`, `@b"`}, {`x = f"{a:`, `}"`}, {`def `, `(): pass`}, {`class A: "`, ``}, {`import `, ``}, {`from a import b as `, ``},
		{`f(`, `=1)`}, {`a.`, ` = b`}, {`# `, "\n"}, {`x = """\`, "\n\"\"\""}, {"`", "`"}, {`x = rb'\\`, `\\'`}, {"x = 0x", ""}, {"match a:\n case ", ": pass"},
		{"lambda ", ": 1"}, {"global ", ""}, {`x = "" `, ` ""`}, {"", ""},
	} {
		f.Add(around[0], around[1])
	}
	p, err := NewParser()
	if err != nil {
		f.Fatal(err)
	}
	const secret = "QZ9kJx7"
	f.Fuzz(func(t *testing.T, before, after string) {
		source := before + secret + after
		if strings.Count(source, secret) != 1 {
			return
		}
		span := SecretSpan{len(before), len(before) + len(secret), Secret{Kind: "password", Length: len(secret)}}
		file, err := p.Parse(t.Context(), []byte(source), []SecretSpan{span})
		if err != nil {
			return
		}
		if strings.Contains(string(file.Encode()), secret) {
			t.Errorf("the secret is kept:\n%s", dump(file))
		}
	})
}

func check(t *testing.T, n Node, size int) {
	start, end := n.Span()
	if n.Line() < 1 || n.EndLine() < n.Line() || start > end || end > size || n.Is(KindInvalid) {
		t.Fatalf("%v on lines %d-%d, bytes %d-%d of %d", n.Kind(), n.Line(), n.EndLine(), start, end, size)
	}
	for c := range n.Children() {
		// A function is where its def is; its decorators stand above.
		if from, to := c.Span(); (from < start || to > end || c.Line() < n.Line() || c.EndLine() > n.EndLine()) && c.Role() != RoleDecorator {
			t.Fatalf("%s on lines %d-%d, bytes %d-%d, holds %s on lines %d-%d, bytes %d-%d", kindNames[n.Kind()], n.Line(), n.EndLine(), start, end,
				kindNames[c.Kind()], c.Line(), c.EndLine(), from, to)
		}
		check(t, c, size)
	}
}

// FuzzDecode: any bytes below a checksum are facts that can be walked, or an
// error.
func FuzzDecode(f *testing.F) {
	for _, source := range seeds(f) {
		file, err := Parse(f.Context(), []byte(source), nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file.Encode()[len(header)+4:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data := binary.BigEndian.AppendUint32([]byte(header), crc32.Checksum(body, checksums()))
		data = append(data, body...)
		file, err := Decode(data)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("error %v", err)
			}
			return
		}
		dump(file)
		if _, err := DecodeSummary(data); err != nil {
			t.Error(err)
		}
	})
}

func TestDecodeRefusesWhatWasChanged(t *testing.T) {
	data := parse(t, "import os\nX = os.environ['X']\n").Encode()
	for i := range data {
		changed := append([]byte{}, data...)
		changed[i] ^= 0x55
		if _, err := Decode(changed); !errors.Is(err, ErrCorrupt) {
			t.Errorf("with byte %d changed: %v", i, err)
		}
	}
	if _, err := Decode(data[:len(data)-1]); !errors.Is(err, ErrCorrupt) {
		t.Errorf("cut off: %v", err)
	}
}
