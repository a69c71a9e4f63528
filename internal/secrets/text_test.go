package secrets

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/lintel-bot/lintel/internal/finding"
)

func utf16Bytes(order binary.AppendByteOrder, text string) []byte {
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// TestEncodingsAndLineEnds holds that the secret is found, on the line that
// git counts, however the file is written.
func TestEncodingsAndLineEnds(t *testing.T) {
	text := "# Schlüssel\nimport os\nDB_PASSWORD = 'hG7kkw2Lq'\n"
	for _, c := range []struct {
		name, path string
		content    []byte
		line       int
	}{
		{"UTF-8", "a.py", []byte(text), 3},
		{"byte order mark", "a.py", []byte("\xef\xbb\xbfDB_PASSWORD = 'hG7kkw2Lq'\n"), 1},
		{"byte order mark in .env", ".env", []byte("\xef\xbb\xbfDB_PASSWORD=hG7kkw2Lq"), 1},
		{"UTF-16 little endian", "a.py", utf16Bytes(binary.LittleEndian, text), 3},
		{"UTF-16 big endian", "a.py", utf16Bytes(binary.BigEndian, text), 3},
		{"CRLF", "a.py", []byte(strings.ReplaceAll(text, "\n", "\r\n")), 3},
		{"CRLF in .env", ".env", []byte("A=1\r\nDB_PASSWORD=hG7kkw2Lq\r\n"), 2},
		{"lone CR in code", "a.py", []byte(strings.ReplaceAll(text, "\n", "\r")), 1},
		{"lone CR in .env", ".env", []byte("A=1\rDB_PASSWORD=hG7kkw2Lq\rB=2\r"), 1},
		{"no line feed at the end", "a.py", []byte(strings.TrimSpace(text)), 3},
		{"Latin-1 before", "a.py", []byte("# Schl\xfcssel\nDB_PASSWORD = 'hG7kkw2Lq'\n"), 2},
		{"Latin-1 on the line", ".env", []byte("# \xe4\nDB_PASSWORD=hG7kkw2Lq # gr\xfc\xdfe\n"), 2},
		{"Latin-1 in the value", "a.py", []byte("DB_PASSWORD = 'hG7kk\xfcw2Lq'\n"), 1},
		{"form feed", "a.py", []byte("\fDB_PASSWORD = 'hG7kkw2Lq'\n"), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if reason, ok := InScope(c.path, c.content); !ok {
				t.Fatalf("out of scope: %s", reason)
			}
			found, err := newTestScanner(t).Scan(context.Background(), c.path, c.content)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 1 || found[0].Line != c.line || found[0].EndLine != c.line || found[0].Severity < finding.Major {
				t.Errorf("want one blocking finding on line %d, got\n%s", c.line, describe(found))
			}
		})
	}
}

func TestUndecodable(t *testing.T) {
	utf32 := []byte{0xff, 0xfe, 0, 0, 'S', 0, 0, 0}
	for _, c := range []struct {
		name, path string
		content    []byte
	}{
		{"NUL in Python", "a.py", []byte("SECRET_KEY = 'x'\x00\n")},
		{"NUL in .env", ".env", []byte("A=\x00\n")},
		{"NUL without an extension", "deploy", []byte("\x00\x01")},
		{"UTF-16 without its mark", "settings.py", []byte("S\x00E\x00")},
		{"UTF-16 of odd length", "settings.py", append(utf16Bytes(binary.LittleEndian, "SECRET"), 'x')},
		{"UTF-32", "settings.py", utf32},
		{"NUL within UTF-16", "settings.py", utf16Bytes(binary.LittleEndian, "a\x00b")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if reason, ok := InScope(c.path, c.content); !ok {
				t.Fatalf("out of scope: %s", reason)
			}
			found, err := newTestScanner(t).Scan(context.Background(), c.path, c.content)
			if !errors.Is(err, ErrUndecodable) || found != nil {
				t.Errorf("got error %v with %d findings", err, len(found))
			}
		})
	}
}

func TestInScope(t *testing.T) {
	for _, c := range []struct {
		path    string
		content string
		want    bool
	}{
		{"a.py", "x = 1\n", true},
		{"a.py", "", true},
		{"LICENSE", "MIT\n", true},
		{"unknown.zzz", "text\n", true},
		{"unknown.zzz", "\x00\x01binary", false},
		{"logo.png", "\x89PNG\r\n\x1a\n\x00", false},
		{"logo.png", "not even a picture\n", false},
		{"picture", "\xff\xd8\xff\xe0", false},
		{"fake.py", "\x89PNG\r\n\x1a\n", false},
		{"a.pyc", "x", false},
		{"db.sqlite3", "SQLite format 3\x00", false},
		{"locale/de/LC_MESSAGES/django.mo", "\xde\x12\x04\x95", false},
		{"font.woff2", "wOF2", false},
		{"archive.tar.gz", "\x1f\x8b\x08", false},
		{"model.bin", "\x00\x00", false},
		{"lfs.png.txt", "version https://git-lfs.github.com/spec/v1\n", true},
		{"settings.py", "\x00", true},
		{"keys/app.p12", "\x30\x82\x0a\x00", true},
		{"keys/app.p12", "nothing of the kind\n", true},
		{"keys/app.jks", "\xfe\xed\xfe\xed\x00", true},
	} {
		reason, ok := InScope(c.path, []byte(c.content))
		if ok != c.want || ok != (reason == "") {
			t.Errorf("InScope(%s, %q) = %q, %v", c.path, c.content, reason, ok)
		}
	}
}

func TestKeyStoreIsAFinding(t *testing.T) {
	found := scanText(t, "keys/app.p12", "\x30\x82\x0a\x00\x00\x01")
	if len(found) != 1 || found[0].Rule != "secrets/pkcs12-file" || found[0].Line != 0 || found[0].EndLine != 0 || found[0].Severity != finding.Major {
		t.Errorf("got\n%s", describe(found))
	}
	if other := scanText(t, "keys/other.p12", "\x30\x82\x0a\x00\x00\x02"); other[0].Fingerprint == found[0].Fingerprint {
		t.Error("two key stores have one fingerprint")
	}
}

// TestLongLines holds that a line of any length is scanned to its end, and
// that what is not scanned is an error.
func TestLongLines(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	key := makeValue(t, random, "akia")
	for _, c := range []struct {
		name   string
		filler string
		bytes  int
	}{
		{"letters", "abcdefgh ", 1 << 20},
		{"10 MB of letters", "abcdefgh ", 10 << 20},
		{"keywords", "akia ghp_ secret ", 1 << 20},
		{"quotes", "'\"`", 1 << 20},
		{"brackets", "password=([{", 1 << 20},
		{"assignments", "password='',", 1 << 20},
		{"slashes", "://a:b@", 1 << 20},
		{"one run of base64", "QUJD", 1 << 20},
		{"PEM beginnings", "-----BEGIN PRIVATE KEY-----", 1 << 20},
		{"letters beyond ASCII", "äöü€", 1 << 20},
		{"assignments in .env", "PASSWORD=", 1 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			half := strings.Repeat(c.filler, c.bytes/2/len(c.filler))
			path := "a.js"
			if strings.Contains(c.name, ".env") {
				path = ".env"
			}
			found := scanText(t, path, half+" '"+key+"' "+half)
			var keys int
			for _, f := range found {
				if f.Rule == "secrets/aws-access-token" {
					keys++
				}
				if f.Line != 1 {
					t.Errorf("a finding on line %d of 1", f.Line)
				}
			}
			if keys != 1 {
				t.Errorf("the key in the middle was found %d times", keys)
			}
		})
	}
}

// TestHostileRepetition holds that files of nothing but one construct, opened
// again and again, come to an end in every syntax.
func TestHostileRepetition(t *testing.T) {
	for _, filler := range []string{
		"password=([{", "password = (\n", "jwt.decode(", "create_user(a(", "auth=(", "Fernet([", "password:a?b:c?", "variable \"password\" {\n",
		"[[[[[[", "'\"`", "\"\"\"\n", "password=\"\"\"x", "-----BEGIN PRIVATE KEY-----\n", "://a:b@", "MIIE", "aws_aws_", "curl \\\n",
		"curl -u \n", "\n", "secret: |\n", "name: password\nvalue: \n", "kind: Secret\ndata:\n a: YQ==\n", "PASSWORD=", "machine a login b password ",
		"env(\"PASSWORD\",", "password or ", "password if x else ", "password=a.b(c).d(", "password: dict[str, ",
	} {
		for _, path := range []string{"a.py", "a.js", "a.yml", ".env", "a.tf", "a.json", "a.md", "Dockerfile"} {
			content := []byte(strings.Repeat(filler, (128<<10)/len(filler)))
			if _, err := newTestScanner(t).Scan(context.Background(), path, content); err != nil && !errors.Is(err, ErrTooMany) {
				t.Errorf("%s of %q: %v", path, filler, err)
			}
		}
	}
}

func TestTooLarge(t *testing.T) {
	_, err := newTestScanner(t).Scan(context.Background(), "a.py", make([]byte, MaxContent+1))
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), `"a.py"`) {
		t.Errorf("got error %v", err)
	}
}

func TestTooMany(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range maxFindings + 1 {
		b.WriteString("call('" + makeValue(t, random, "akia") + "')\n")
	}
	_, err := newTestScanner(t).Scan(context.Background(), "dump.py", []byte(b.String()))
	if !errors.Is(err, ErrTooMany) {
		t.Errorf("got error %v", err)
	}
}
