package gh

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"sync/atomic"
)

// keyring holds the app's private keys: one, or two while they are rotated
// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps).
type keyring struct {
	keys []*rsa.PrivateKey
	// accepted is the index of the key that GitHub took last.
	accepted atomic.Int64
}

// parseKeys reads RSA keys from PEM. One input may hold several blocks, as a
// file does that two downloads were put into.
func parseKeys(inputs [][]byte) (*keyring, error) {
	var ring keyring
	for _, data := range inputs {
		rest := bytes.TrimSpace(data)
		for len(rest) > 0 {
			block, after := pem.Decode(rest)
			if block == nil {
				return nil, errors.New("the private key must be in PEM form, as GitHub offers it for download")
			}
			key, err := parseKey(block)
			if err != nil {
				return nil, fmt.Errorf("private key %d %w", len(ring.keys)+1, err)
			}
			ring.keys = append(ring.keys, key)
			rest = bytes.TrimSpace(after)
		}
	}
	if len(ring.keys) == 0 {
		return nil, errors.New("the private key is empty")
	}
	return &ring, nil
}

func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: the PEM block %q is not an unencrypted RSA private key", block.Type)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("is not an RSA key")
	}
	return key, nil
}

// try calls f with the key that GitHub accepted last, and with the others for
// as long as it answers 401. GitHub says "A JSON web token could not be
// decoded" for a key that is not the app's; the text is not relied upon.
func (k *keyring) try(f func(*rsa.PrivateKey) error) error {
	first := int(k.accepted.Load())
	var refused error
	for i := range k.keys {
		index := (first + i) % len(k.keys)
		err := f(k.keys[index])
		if err == nil || !unauthorized(err) {
			if err == nil {
				k.accepted.Store(int64(index))
			}
			return err
		}
		refused = err
	}
	return fmt.Errorf("GitHub accepts no private key of this app (check the app id, the key and this machine's clock): %w", refused)
}
