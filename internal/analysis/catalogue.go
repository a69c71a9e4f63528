package analysis

import (
	"fmt"
	"io/fs"

	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/rule"
	"github.com/lintel-bot/lintel/rules"
)

// finderSecrets is the engine that makes the findings of the secrets family.
const finderSecrets = "secrets"

// loadOptions are what rules may ask for.
func loadOptions() (rule.LoadOptions, error) {
	defaults, err := django.LoadDefaults()
	if err != nil {
		return rule.LoadOptions{}, err
	}
	fields := map[string][]string{
		"settings": defaults.Names(),
		"calls":    django.ConfiguringCalls(),
		"leaf":     {"module", "path", "tier"},
		"project":  {"django", "redis", "dependencies", "servers", "served", "asgi", "tls_proxy", "pgbouncer", "urls", "imports", "python_files", "celery_namespace", "environment"},
	}
	return rule.LoadOptions{Fields: fields, Finders: []string{finderSecrets}}, nil
}

// LoadRules reads rules, such as an operator's own; origin names where they come
// from. The error joins a *rule.Problem for every mistake.
func LoadRules(files fs.FS, origin string) ([]*rule.Rule, error) {
	o, err := loadOptions()
	if err != nil {
		return nil, err
	}
	return rule.Load(files, origin, o)
}

// Catalogue returns the built-in rules and more.
func Catalogue(more ...[]*rule.Rule) (*rule.Catalogue, error) {
	builtIn, err := LoadRules(rules.Files(), "built-in rules")
	if err != nil {
		return nil, fmt.Errorf("load the built-in rules: %w", err)
	}
	return rule.NewCatalogue(append([][]*rule.Rule{builtIn}, more...)...)
}
