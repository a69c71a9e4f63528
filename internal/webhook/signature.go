package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// signatureHeader holds the HMAC-SHA256 of the raw body. X-Hub-Signature, the
// SHA-1 one that GitHub sends beside it, is never looked at.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
const signatureHeader = "X-Hub-Signature-256"

// claimedSignature returns the one signature of a request.
func claimedSignature(h http.Header) ([]byte, bool) {
	values := h.Values(signatureHeader)
	if len(values) != 1 {
		return nil, false
	}
	digits, ok := strings.CutPrefix(values[0], "sha256=")
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) {
		return nil, false
	}
	signature, err := hex.DecodeString(digits)
	return signature, err == nil
}

// signed tells whether any secret made the signature. All are tried, so that
// the time it takes does not tell which.
func signed(body, signature []byte, secrets [][]byte) bool {
	found := false
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), signature) {
			found = true
		}
	}
	return found
}
