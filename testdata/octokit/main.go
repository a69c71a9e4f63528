// Command octokit installs the development dependencies that package-lock.json
// names, without npm: it downloads each archive, checks it against the locked
// digest and unpacks it where npm would. Run it as `go run ./testdata/octokit`.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// maxArchive bounds a downloaded archive and its unpacked content, in bytes;
// the recorded payloads are about 6 MB.
const maxArchive = 64 << 20

// lockFile is the part of npm's lock file, version 3, that is needed
// (https://docs.npmjs.com/cli/configuring-npm/package-lock-json).
type lockFile struct {
	Packages map[string]struct {
		Version   string `json:"version"`
		Integrity string `json:"integrity"`
	} `json:"packages"`
}

func main() {
	if err := install("testdata/octokit"); err != nil {
		fmt.Fprintln(os.Stderr, "installing the recorded payloads:", err)
		os.Exit(1)
	}
}

func install(root string) error {
	content, err := os.ReadFile(filepath.Join(root, "package-lock.json"))
	if err != nil {
		return err
	}
	var lock lockFile
	if err := json.Unmarshal(content, &lock); err != nil {
		return fmt.Errorf("reading package-lock.json: %w", err)
	}
	for name, p := range lock.Packages {
		if name == "" {
			continue // the project itself
		}
		address := archiveAddress(strings.TrimPrefix(name, "node_modules/"), p.Version)
		if err := installPackage(filepath.Join(root, name), address, p.Integrity); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// archiveAddress is where a registry keeps an archive; NPM_CONFIG_REGISTRY
// names a mirror, as it does for npm.
func archiveAddress(name, version string) string {
	registry := os.Getenv("NPM_CONFIG_REGISTRY")
	if registry == "" {
		registry = "https://registry.npmjs.org"
	}
	return fmt.Sprintf("%s/%s/-/%s-%s.tgz", strings.TrimSuffix(registry, "/"), name, path.Base(name), version)
}

// installPackage leaves a folder alone that was unpacked from the same archive.
func installPackage(dir, address, integrity string) error {
	stamp := filepath.Join(dir, ".integrity")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == integrity {
		return nil
	}
	archive, err := download(address)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != integrity {
		return fmt.Errorf("%s has the digest %s, locked is %s", address, got, integrity)
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := unpack(archive, dir); err != nil {
		return fmt.Errorf("unpacking %s: %w", address, err)
	}
	return os.WriteFile(stamp, []byte(integrity), 0o644)
}

func download(address string) (_ []byte, err error) {
	client := &http.Client{Timeout: 2 * time.Minute}
	resp, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxArchive))
}

// unpack writes the regular files of a gzipped tar archive below dir, without
// the one leading folder that npm packs everything into.
func unpack(archive []byte, dir string) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return err
	}
	entries := tar.NewReader(io.LimitReader(unzipped, maxArchive))
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		_, name, found := strings.Cut(header.Name, "/")
		if header.Typeflag != tar.TypeReg || !found {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%q would be written outside of %s", header.Name, dir)
		}
		if err := writeFile(filepath.Join(dir, name), entries); err != nil {
			return err
		}
	}
}

func writeFile(name string, content io.Reader) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.Copy(file, content)
	return err
}
