package analysis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"

	"github.com/lintel-bot/lintel/rules"
)

// versionDigits is how much of a digest people are shown.
const versionDigits = 12

// RulesVersion identifies the built-in rules and the way they are applied: two
// scans of the same content under the same version find the same.
var RulesVersion = sync.OnceValue(func() string {
	h := sha256.New()
	fmt.Fprintln(h, EngineVersion)
	// The files are embedded, so reading them cannot fail.
	_ = fs.WalkDir(rules.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(rules.Files(), name)
		fmt.Fprintf(h, "%d:%s%d:", len(name), name, len(data))
		h.Write(data)
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:versionDigits]
})
