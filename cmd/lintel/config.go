package main

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/gh"
)

// config is what `lintel serve` reads from its environment.
type config struct {
	appID          int64
	privateKeys    [][]byte
	webhookSecrets [][]byte
	githubURL      string
	databaseURL    string
	dataDir        string
	listen         string
	adminListen    string
	publicURL      string
	rulesDir       string
	fingerprintKey []byte
}

// minKeyBytes is the least entropy that a key given by hand may have; shorter
// ones are typing errors.
const minKeyBytes = 16

// environment reads variables and the files that NAME_FILE points to.
type environment struct {
	lookup   func(string) (string, bool)
	readFile func(string) ([]byte, error)
}

// loadConfig reads the configuration. Its error is one sentence that names the
// variable at fault and never repeats the value of a secret.
func loadConfig(env environment) (config, error) {
	c := config{
		githubURL:   env.text("LINTEL_GITHUB_URL", "https://github.com"),
		dataDir:     env.text("LINTEL_DATA_DIR", "./data"),
		listen:      env.text("LINTEL_LISTEN", "127.0.0.1:8080"),
		adminListen: env.text("LINTEL_ADMIN_LISTEN", "127.0.0.1:9090"),
		publicURL:   env.text("LINTEL_PUBLIC_URL", ""),
		rulesDir:    env.text("LINTEL_RULES_DIR", ""),
	}
	for _, read := range []func(environment) error{
		c.readAppID, c.readPrivateKeys, c.readWebhookSecrets, c.readFingerprintKey, c.readDatabaseURL, c.check,
	} {
		if err := read(env); err != nil {
			return config{}, err
		}
	}
	return c, nil
}

func (c *config) readAppID(env environment) error {
	text := env.text("LINTEL_APP_ID", "")
	if text == "" {
		return errors.New("LINTEL_APP_ID is not set: give the id of your GitHub App")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return fmt.Errorf("LINTEL_APP_ID is %q: want the App's id, a positive number", text)
	}
	c.appID = id
	return nil
}

func (c *config) readPrivateKeys(env environment) error {
	text, err := env.secret("LINTEL_PRIVATE_KEY")
	if err != nil {
		return err
	}
	if text == "" {
		return errors.New("LINTEL_PRIVATE_KEY is not set: give the App's PEM key, or its file in LINTEL_PRIVATE_KEY_FILE")
	}
	// Many deployment tools cannot pass a newline in a variable.
	rest := []byte(strings.ReplaceAll(text, `\n`, "\n"))
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := parseRSA(block); err != nil {
			return fmt.Errorf("LINTEL_PRIVATE_KEY holds a block that is no RSA private key: %w", err)
		}
		c.privateKeys = append(c.privateKeys, pem.EncodeToMemory(block))
	}
	if len(c.privateKeys) == 0 {
		return errors.New("LINTEL_PRIVATE_KEY holds no PEM key: it has to start with -----BEGIN")
	}
	if len(bytes.TrimSpace(rest)) > 0 {
		return errors.New("LINTEL_PRIVATE_KEY has text after its last PEM key: the key is cut or damaged")
	}
	return nil
}

func parseRSA(block *pem.Block) (*rsa.PrivateKey, error) {
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("it does not parse as PKCS #1 or PKCS #8")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is a key of another kind")
	}
	return key, nil
}

func (c *config) readWebhookSecrets(env environment) error {
	text, err := env.secret("LINTEL_WEBHOOK_SECRET")
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			c.webhookSecrets = append(c.webhookSecrets, []byte(line))
		}
	}
	if len(c.webhookSecrets) == 0 {
		return errors.New("LINTEL_WEBHOOK_SECRET is empty: without it anybody could send deliveries")
	}
	return nil
}

// readFingerprintKey takes the key as given, or derives it from the App's first
// private key, so that a lost database changes no fingerprint.
func (c *config) readFingerprintKey(env environment) error {
	text, err := env.secret("LINTEL_FINGERPRINT_KEY")
	if err != nil {
		return err
	}
	if text != "" {
		if len(text) < minKeyBytes {
			return fmt.Errorf("LINTEL_FINGERPRINT_KEY is shorter than %d characters", minKeyBytes)
		}
		c.fingerprintKey, err = deriveKey([]byte(text))
		return err
	}
	block, _ := pem.Decode(c.privateKeys[0])
	key, err := parseRSA(block)
	if err != nil {
		return fmt.Errorf("LINTEL_PRIVATE_KEY: %w", err)
	}
	// The key's own bytes, not its file: white space or PKCS #8 in place of
	// PKCS #1 makes no other key.
	c.fingerprintKey, err = deriveKey(x509.MarshalPKCS1PrivateKey(key))
	return err
}

// deriveKey separates the key of the fingerprints from what it comes from
// (HKDF, RFC 5869).
func deriveKey(from []byte) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, from, nil, "lintel fingerprint v1", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving the fingerprint key: %w", err)
	}
	return key, nil
}

func (c *config) readDatabaseURL(env environment) error {
	text, err := env.secret("LINTEL_DATABASE_URL")
	if err != nil {
		return err
	}
	if text == "" {
		text = "sqlite:" + filepath.Join(c.dataDir, "lintel.db")
	}
	scheme, _, _ := strings.Cut(text, ":")
	switch scheme {
	case "sqlite":
	case "postgres", "postgresql":
		return errors.New("LINTEL_DATABASE_URL names PostgreSQL, which this version does not speak yet: use sqlite:PATH")
	default:
		return errors.New("LINTEL_DATABASE_URL is of an unknown kind: want sqlite:PATH")
	}
	c.databaseURL = text
	return nil
}

// check looks at what can be wrong without being empty.
func (c *config) check(env environment) error {
	if _, _, _, err := gh.Origin(c.githubURL); err != nil {
		return fmt.Errorf("LINTEL_GITHUB_URL: %w", err)
	}
	for name, address := range map[string]string{"LINTEL_LISTEN": c.listen, "LINTEL_ADMIN_LISTEN": c.adminListen} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("%s is %q: want HOST:PORT", name, address)
		}
	}
	if c.publicURL != "" {
		u, err := url.Parse(c.publicURL)
		if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return fmt.Errorf("LINTEL_PUBLIC_URL is %q: want an http or https address", c.publicURL)
		}
	}
	// Settings that a later version brings must not be silently without effect.
	if env.text("LINTEL_POLICY", "") != "" {
		return errors.New("LINTEL_POLICY is set, but this version does not know it yet")
	}
	return nil
}

// text returns a variable without surrounding white space.
func (e environment) text(name, fallback string) string {
	if value, ok := e.lookup(name); ok && strings.TrimSpace(value) != "" {
		return strings.TrimSpace(value)
	}
	return fallback
}

// secret returns a variable, or the content of the file that NAME_FILE names.
func (e environment) secret(name string) (string, error) {
	value, file := e.text(name, ""), e.text(name+"_FILE", "")
	switch {
	case value != "" && file != "":
		return "", fmt.Errorf("%s and %s_FILE are both set: keep one", name, name)
	case file == "":
		return value, nil
	}
	content, err := e.readFile(file)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return "", fmt.Errorf("%s_FILE: reading %s: %w", name, file, err)
	}
	return strings.TrimSpace(string(content)), nil
}
