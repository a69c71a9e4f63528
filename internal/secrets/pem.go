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
	bodyEnd, end := len(block), len(block)
	if i := strings.Index(block[bodyStart:], pemEnd); i >= 0 {
		bodyEnd = bodyStart + i
		end = min(len(block), bodyEnd+len(pemEnd)+head+len("-----"))
	} else if i := strings.Index(block[bodyStart:], pemBegin); i >= 0 {
		bodyEnd, end = bodyStart+i, bodyStart+i
	}
	body := pemBody(block[bodyStart:bodyEnd])
	if len(body) < minPEMBody || distinct(body) < 16 || strings.Contains(block[bodyStart:bodyEnd], "...") || saysPlaceholder(block[bodyStart:bodyEnd]) {
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

func saysPlaceholder(body string) bool {
	lower := strings.ToLower(body)
	return strings.Contains(lower, "your") && strings.Contains(lower, "key") && strings.Contains(lower, " ") || strings.Contains(lower, "<")
}

// pemBody keeps the base64 of a body: without headers, line ends, their
// escaped form, quotes and plus signs between the pieces of a string.
func pemBody(s string) string {
	s = strings.NewReplacer(`\r`, "\n", `\n`, "\n", `\\n`, "\n").Replace(s)
	var b strings.Builder
	for _, line := range strings.Split(s, "\n") {
		if strings.Contains(line, ": ") {
			continue
		}
		for i := range len(line) {
			if c := line[i]; isLetter(c) || isDigit(c) || c == '+' || c == '/' {
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}

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
