// Package rules holds the catalogue of rules, by family, embedded in the
// binary. It has data and no logic: package rule reads and checks the rules, and
// each family its own data.
package rules

import (
	"embed"
	"io/fs"
)

//go:embed secrets/gitleaks.toml
var secretsOverlay string

//go:embed */*
var files embed.FS

// SecretsOverlay returns the TOML that internal/secrets lays over the default
// rules of gitleaks: which of them are dropped and why, which are narrowed,
// and the rules of our own. Its schema is described in the file itself.
func SecretsOverlay() string { return secretsOverlay }

// Files returns the catalogue: family/name.yml with its examples in
// family/name.txtar.
func Files() fs.FS { return files }
