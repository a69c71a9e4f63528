package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"maps"
	"strings"
	"sync"
	"testing"
)

var testKeys = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func testKey(t *testing.T) (pkcs1, pkcs8 string) {
	t.Helper()
	key, err := testKeys()
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: wrapped}))
}

// load reads a configuration from variables and files.
func load(variables, files map[string]string) (config, error) {
	return loadConfig(environment{
		lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
		readFile: func(name string) ([]byte, error) {
			if content, ok := files[name]; ok {
				return []byte(content), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
	})
}

func required(t *testing.T) map[string]string {
	key, _ := testKey(t)
	return map[string]string{"LINTEL_APP_ID": "12", "LINTEL_PRIVATE_KEY": key, "LINTEL_WEBHOOK_SECRET": "s3"}
}

func TestConfigDefaults(t *testing.T) {
	c, err := load(required(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.appID != 12 || c.githubURL != "https://github.com" || c.dataDir != "./data" ||
		c.databaseURL != "sqlite:data/lintel.db" || c.listen != "127.0.0.1:8080" ||
		c.adminListen != "127.0.0.1:9090" || c.publicURL != "" || len(c.fingerprintKey) != 32 {
		t.Errorf("defaults: %+v", c)
	}
}

func TestConfigErrorsNameTheVariableInOneSentence(t *testing.T) {
	key, _ := testKey(t)
	for _, tc := range []struct {
		name string
		set  map[string]string
		want string
	}{
		{"no app id", map[string]string{"LINTEL_APP_ID": ""}, "LINTEL_APP_ID"},
		{"app id is a name", map[string]string{"LINTEL_APP_ID": "lintel"}, "LINTEL_APP_ID"},
		{"app id is negative", map[string]string{"LINTEL_APP_ID": "-1"}, "LINTEL_APP_ID"},
		{"no key", map[string]string{"LINTEL_PRIVATE_KEY": ""}, "LINTEL_PRIVATE_KEY"},
		{"no pem", map[string]string{"LINTEL_PRIVATE_KEY": "hunter2hunter2"}, "LINTEL_PRIVATE_KEY"},
		{"cut key", map[string]string{"LINTEL_PRIVATE_KEY": key[:len(key)/2]}, "LINTEL_PRIVATE_KEY"},
		{"one whole and one cut key", map[string]string{"LINTEL_PRIVATE_KEY": key + key[:len(key)/2]}, "LINTEL_PRIVATE_KEY"},
		{"a certificate", map[string]string{"LINTEL_PRIVATE_KEY": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "LINTEL_PRIVATE_KEY"},
		{"empty secret", map[string]string{"LINTEL_WEBHOOK_SECRET": " \n "}, "LINTEL_WEBHOOK_SECRET"},
		{"both", map[string]string{"LINTEL_WEBHOOK_SECRET_FILE": "/run/secret"}, "LINTEL_WEBHOOK_SECRET_FILE"},
		{"missing file", map[string]string{"LINTEL_PRIVATE_KEY": "", "LINTEL_PRIVATE_KEY_FILE": "/nowhere"}, "LINTEL_PRIVATE_KEY_FILE"},
		{"plain http", map[string]string{"LINTEL_GITHUB_URL": "http://github.example.com"}, "LINTEL_GITHUB_URL"},
		{"postgres", map[string]string{"LINTEL_DATABASE_URL": "postgres://u:hunter2hunter2@db/x"}, "LINTEL_DATABASE_URL"},
		{"mysql", map[string]string{"LINTEL_DATABASE_URL": "mysql://u:hunter2hunter2@db/x"}, "LINTEL_DATABASE_URL"},
		{"listen without port", map[string]string{"LINTEL_LISTEN": "localhost"}, "LINTEL_LISTEN"},
		{"admin without port", map[string]string{"LINTEL_ADMIN_LISTEN": "localhost"}, "LINTEL_ADMIN_LISTEN"},
		{"public url", map[string]string{"LINTEL_PUBLIC_URL": "lintel.example.com"}, "LINTEL_PUBLIC_URL"},
		{"short fingerprint key", map[string]string{"LINTEL_FINGERPRINT_KEY": "hunter2"}, "LINTEL_FINGERPRINT_KEY"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			variables := required(t)
			maps.Copy(variables, tc.set)
			_, err := load(variables, nil)
			if err == nil {
				t.Fatal("it is taken")
			}
			text := err.Error()
			if !strings.Contains(text, tc.want) || strings.Contains(text, "\n") || strings.Contains(text, "hunter2") {
				t.Errorf("error %q: want one line that names %s and repeats no value", text, tc.want)
			}
		})
	}
}

func TestConfigReadsSecretsFromFiles(t *testing.T) {
	key, _ := testKey(t)
	c, err := load(map[string]string{
		"LINTEL_APP_ID": "12", "LINTEL_PRIVATE_KEY_FILE": "/run/key", "LINTEL_WEBHOOK_SECRET_FILE": "/run/secret",
		"LINTEL_DATABASE_URL_FILE": "/run/database",
	}, map[string]string{"/run/key": key + "\n" + key, "/run/secret": "old\nnew\n", "/run/database": "sqlite:/var/x.db\n"})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.privateKeys) != 2 || len(c.webhookSecrets) != 2 || string(c.webhookSecrets[1]) != "new" || c.databaseURL != "sqlite:/var/x.db" {
		t.Errorf("%d keys, %d secrets, database %q", len(c.privateKeys), len(c.webhookSecrets), c.databaseURL)
	}
}

func TestFingerprintKeyBelongsToTheKeyNotToItsFile(t *testing.T) {
	pkcs1, pkcs8 := testKey(t)
	derived := func(key string) []byte {
		variables := required(t)
		variables["LINTEL_PRIVATE_KEY"] = key
		c, err := load(variables, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.fingerprintKey
	}
	want := derived(pkcs1)
	for name, other := range map[string]string{
		"PKCS #8": pkcs8, "escaped newlines": strings.ReplaceAll(pkcs1, "\n", `\n`), "more white space": "\n" + pkcs1 + "\n\n",
	} {
		if !bytes.Equal(derived(other), want) {
			t.Errorf("%s gives another fingerprint key", name)
		}
	}
	variables := required(t)
	variables["LINTEL_FINGERPRINT_KEY"] = "a key that was given by hand"
	c, err := load(variables, nil)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(c.fingerprintKey, want) {
		t.Error("LINTEL_FINGERPRINT_KEY has no effect")
	}
}
