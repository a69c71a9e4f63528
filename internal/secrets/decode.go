package secrets

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"strings"
)

// decodeExtractor looks into base64 that holds text: whole .env files, PEM
// keys and JSON credentials are carried that way in variables and manifests.
// It decodes one level. A candidate keeps the position of the encoded text.
type decodeExtractor struct {
	inner []extractor
}

const (
	// minEncoded is the shortest run that is decoded: 48 characters hold 36
	// bytes, and no provider key with a name fits in less.
	minEncoded = 48
	// maxEncoded bounds one run; larger ones are files.
	maxEncoded = 256 << 10
)

func (e decodeExtractor) extract(ctx context.Context, d *document) ([]candidate, error) {
	if d.place == placeGenerated {
		return nil, nil
	}
	var found []candidate
	for at := 0; at < len(d.text); {
		n := runOf(d.text, at, isBase64)
		if n < minEncoded || n > maxEncoded {
			at += n + 1
			continue
		}
		got, err := e.decode(ctx, d, span{at, at + n})
		if err != nil {
			return nil, err
		}
		found = append(found, got...)
		at += n + 1
	}
	return found, nil
}

func isBase64(c byte) bool { return base64Bytes[c] }

// base64Bytes is read only.
var base64Bytes = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") {
		t[c] = true
	}
	return t
}()

func (e decodeExtractor) decode(ctx context.Context, d *document, s span) ([]candidate, error) {
	encoded := d.text[s.start:s.end]
	if c, ok := privateKeyDER(encoded, s); ok {
		c.name = nameBefore(d, s.start)
		return []candidate{c}, nil
	}
	// The first few bytes tell binary data from text at little cost.
	if _, ok := decodeBase64(encoded[:minEncoded/4*4]); !ok {
		return nil, nil
	}
	decoded, ok := decodeBase64(encoded[:len(encoded)/4*4])
	if whole, all := decodeBase64(encoded); all {
		decoded, ok = whole, true
	}
	if !ok || !strings.ContainsAny(decoded, "=:-_") {
		return nil, nil
	}
	inner, err := newDocument(d.path, []byte(decoded))
	if err != nil {
		return nil, nil
	}
	inner.place, inner.syntax = d.place, syntaxLines
	if strings.HasPrefix(strings.TrimSpace(decoded), "{") {
		inner.syntax = syntaxData
	}
	var found []candidate
	for _, x := range e.inner {
		got, err := x.extract(ctx, inner)
		if err != nil {
			return nil, err
		}
		found = append(found, got...)
	}
	for i := range found {
		found[i].start, found[i].end, found[i].encoded = s.start, s.end, true
		if found[i].name == "" {
			found[i].name = nameBefore(d, s.start)
		}
	}
	return found, nil
}

// privateKeyDER recognises a private key in base64 without PEM armour, the way
// identity providers export theirs: "MI" is how the base64 of a long DER
// sequence begins. Only what parses as a key counts; certificates and public
// keys begin alike.
func privateKeyDER(encoded string, s span) (candidate, bool) {
	const minDER = 150
	if len(encoded) < minDER || len(encoded) > maxPEMBytes || !strings.HasPrefix(encoded, "MI") {
		return candidate{}, false
	}
	der, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return candidate{}, false
	}
	_, err1 := x509.ParsePKCS1PrivateKey(der)
	_, err8 := x509.ParsePKCS8PrivateKey(der)
	if err1 != nil && err8 != nil {
		return candidate{}, false
	}
	return candidate{kind: kindPrivateKey, value: encoded, start: s.start, end: s.end, strength: strengthReal, shaped: true}, true
}
