// Package rules holds the catalogue of rules, by family, embedded in the
// binary. It has data and no logic: each family reads and checks its own part.
package rules

import _ "embed"

//go:embed secrets/gitleaks.toml
var secretsOverlay string

// SecretsOverlay returns the TOML that internal/secrets lays over the default
// rules of gitleaks: which of them are dropped and why, which are narrowed,
// and the rules of our own. Its schema is described in the file itself.
func SecretsOverlay() string { return secretsOverlay }
