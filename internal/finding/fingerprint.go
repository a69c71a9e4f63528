package finding

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Fingerprint is the identity of a finding across pushes, rebases and renames:
// lower-case hex, made of the rule and of the identity of the thing found,
// never of a line number or a commit.
type Fingerprint string

// fingerprintBytes keeps markers short while a collision inside one pull
// request stays out of reach.
const fingerprintBytes = 16

// NewFingerprint digests a rule and the parts that identify what it found.
// Each part is length-prefixed, so ("ab","c") and ("a","bc") differ.
func NewFingerprint(rule string, identity ...string) Fingerprint {
	h := sha256.New()
	writeParts(h, append([]string{rule}, identity...))
	return Fingerprint(hex.EncodeToString(h.Sum(nil)[:fingerprintBytes]))
}

// KeyedDigest returns the hex HMAC-SHA256 of a secret value under key, cut to
// the length of a fingerprint. A plain hash of a short password can be guessed;
// this one cannot be checked without the key.
func KeyedDigest(key []byte, value string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(value))
	return hex.EncodeToString(h.Sum(nil)[:fingerprintBytes])
}

func writeParts(w interface{ Write([]byte) (int, error) }, parts []string) {
	for _, p := range parts {
		fmt.Fprintf(w, "%d:%s", len(p), p)
	}
}
