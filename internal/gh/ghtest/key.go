package ghtest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// keyBits is the size of the keys GitHub makes for Apps.
const keyBits = 2048

// NewAppKey makes a private key for an App: in PEM, as GitHub hands it out, and
// its public half for Options.AppKeys.
func NewAppKey() (privatePEM []byte, public *rsa.PublicKey, err error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, nil, fmt.Errorf("ghtest: making an App key: %w", err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}
	return pem.EncodeToMemory(block), &private.PublicKey, nil
}
