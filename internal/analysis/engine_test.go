package analysis

import (
	"context"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
)

// FuzzRealWorker gives any content to the real scanner in a real worker. It may
// find what it likes, but must give an answer that the server accepts: lines
// inside the file, texts within their bounds.
func FuzzRealWorker(f *testing.F) {
	for path, content := range map[string]string{
		"settings.py":   setting("FUZB3KRW"),
		"carriage.py":   strings.ReplaceAll("x = 1\n"+setting("FUZB3KRW"), "\n", "\r"),
		"wide.py":       "\xff\xfe" + wide("x\n"+setting("FUZB3KRW")),
		"store.p12":     "\x30\x82\x01\x02",
		"allow.py":      strings.TrimSpace(setting("FUZB3KRW")) + "  # gitleaks:allow " + strings.Repeat("x", 20_000),
		"many.env":      strings.Repeat("TOKEN="+accessKey("FUZB3KRW")+"\n", 1500),
		"deep.yml":      strings.Repeat("- ", 2000) + "password: " + accessKey("FUZB3KRW"),
		"name\xff\n.py": strings.Repeat("A", 3000) + "_PASSWORD = '" + accessKey("FUZB3KRW") + "'",
	} {
		f.Add(path, []byte(content))
	}
	a := newRealAnalyzer(f, 1)
	f.Fuzz(func(t *testing.T, path string, content []byte) {
		if len(path) > worker.MaxPathBytes || len(content) > worker.MaxFileBytes {
			return
		}
		v, err := a.scanner.Scan(context.Background(), worker.File{Path: path, Content: content})
		if err != nil {
			t.Fatal(err)
		}
		if v.Casualty || strings.HasPrefix(v.NotScanned, "the scanner") {
			t.Errorf("%q: %+v", path, v)
		}
	})
}
