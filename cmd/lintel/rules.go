package main

import (
	"fmt"
	"os"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/rule"
)

// catalogue returns the built-in rules and, from the folder that
// LINTEL_RULES_DIR names, the operator's own. A mistake in one of them is an
// error that names its place.
func catalogue(dir string) (*rule.Catalogue, error) {
	if dir == "" {
		return analysis.Catalogue()
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("LINTEL_RULES_DIR: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("LINTEL_RULES_DIR: %s is no folder", dir)
	}
	own, err := analysis.LoadRules(os.DirFS(dir), "rules in "+dir)
	if err != nil {
		return nil, fmt.Errorf("LINTEL_RULES_DIR: %w", err)
	}
	c, err := analysis.Catalogue(own)
	if err != nil {
		return nil, fmt.Errorf("LINTEL_RULES_DIR: %w", err)
	}
	return c, nil
}
