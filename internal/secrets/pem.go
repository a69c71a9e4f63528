package secrets

import (
	"context"
	"encoding/base64"
	"strings"
)

// pemExtractor finds private keys in PEM armour, on lines of their own or
// inside a string with \n between the lines.
type pemExtractor struct{}

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
	// maxPEMBytes is beyond any private key: an 8192-bit RSA key has 6.5 KB.
	maxPEMBytes = 32 << 10
	// minPEMBody is the size of the smallest real body, an Ed25519 key: 64
	// characters. Shorter ones are documentation.
	minPEMBody = 48
)

func (pemExtractor) extract(ctx context.Context, d *document) ([]candidate, error) {
	var found []candidate
	for at, n := 0, 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		i := strings.Index(d.text[at:], pemBegin)
		if i < 0 {
			return found, nil
		}
		start := at + i
		at = start + len(pemBegin)
		if c, ok := pemAt(d.text, start); ok {
			found = append(found, c)
			at = max(at, c.end)
		}
	}
}

// pemAt reads the block that begins at start.
func pemAt(text string, start int) (candidate, bool) {
	block := text[start:min(len(text), start+maxPEMBytes)]
	head := strings.Index(block[len(pemBegin):], "-----")
	if head < 0 || head > 60 {
		return candidate{}, false
	}
	label := block[len(pemBegin) : len(pemBegin)+head]
	if !strings.HasSuffix(label, "PRIVATE KEY") && !strings.HasSuffix(label, "PRIVATE KEY BLOCK") {
		return candidate{}, false
	}
	bodyStart := len(pemBegin) + head + len("-----")
	length := strings.Index(block[bodyStart:], "-----")
	if length < 0 || !strings.HasPrefix(block[bodyStart+length:], pemEnd) {
		// Without its end it is the mention of a key, or a piece of one.
		return candidate{}, false
	}
	end := min(len(block), bodyStart+length+len(pemEnd)+head+len("-----"))
	body, ok := pemBody(block[bodyStart : bodyStart+length])
	if !ok || len(body) < minPEMBody || distinct(body) < 16 {
		return candidate{}, false
	}
	kind := kindPrivateKey
	if strings.HasPrefix(label, "PGP") {
		kind = "pgp-private-key"
	}
	// The identity is the key material, so that the same key in a string and
	// in a file is one secret.
	return candidate{kind: kind, value: body, start: start, end: start + end, strength: strengthReal, shaped: true}, true
}

// pemBody keeps the base64 of a body: without headers, line ends, their
// escaped form, quotes and plus signs between the pieces of a string. It
// reports false for a body with other text in it, such as "your key here".
func pemBody(s string) (string, bool) {
	s = strings.NewReplacer(`\\n`, "\n", `\\r`, "\n", `\r`, "\n", `\n`, "\n").Replace(s)
	var b strings.Builder
	for line := range strings.Lines(s) {
		around := " \t\r\n\"'`,;()|#*>\\-"
		if strings.ContainsAny(line, "\"'`") {
			// A piece of a string; a plus sign outside of it joins pieces.
			around += "+"
		}
		line = strings.Trim(line, around)
		if line == "" || strings.Contains(line, ": ") {
			continue
		}
		line = strings.TrimRight(line, "=")
		if n := runOf(line, 0, isStandardBase64); n != len(line) && (len(line) > 5 || line[0] != '=') {
			return "", false
		}
		b.WriteString(line)
	}
	return b.String(), true
}

func isStandardBase64(c byte) bool { return isLetter(c) || isDigit(c) || c == '+' || c == '/' }

// decodeBase64 decodes standard or URL-safe base64, padded or not, and reports
// whether the result is text.
func decodeBase64(s string) (string, bool) {
	s = strings.TrimRight(s, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if out, err := encoding.DecodeString(s); err == nil {
			return string(out), isText(out)
		}
	}
	return "", false
}

// isText reports whether bytes are printable ASCII with line ends and tabs.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c > '~' {
			return false
		}
	}
	return len(b) > 0
}
