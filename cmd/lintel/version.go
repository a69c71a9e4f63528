package main

import (
	"fmt"
	"runtime/debug"

	"github.com/lintel-bot/lintel/internal/analysis"
)

type versionCommand struct{}

// Run prints one line.
func (versionCommand) Run(io console) error {
	_, err := fmt.Fprintln(io.stdout, versionLine())
	return err
}

func versionLine() string {
	return fmt.Sprintf("lintel %s, rules %s", version(), analysis.RulesVersion())
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(len(s.Value), 12)]
		}
	}
	return "devel"
}
