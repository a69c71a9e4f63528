package rules

import _ "embed"

//go:embed django/defaults.yml
var djangoDefaults string

// DjangoDefaults returns the YAML that internal/django reads: what Django and
// the packages around it use for settings that nobody gives, and with it the
// names by which a module of settings is known. Its schema is described in the
// file itself.
func DjangoDefaults() string { return djangoDefaults }
