package secrets

import (
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

// TestSeverityByPlace: how bad a SECRET_KEY is depends on what the file is for.
func TestSeverityByPlace(t *testing.T) {
	real := strings.Join([]string{"k3x", "9q1", "w7z", "m5c", "2v8", "b6n", "4l0", "j1h", "8g5", "f2d", "7s3", "a9p"}, "")
	for _, c := range []struct {
		path, text string
		want       finding.Severity
	}{
		{"shop/settings.py", "SECRET_KEY = '" + real + "'\n", finding.Critical},
		{"shop/settings/development.py", "SECRET_KEY = '" + real + "'\n", finding.Minor},
		{"shop/settings/development.py", "SECRET_KEY = 'dev-insecure-key'\n", finding.Suggestion},
		{"shop/templates/webhook.txt", "{\"id\": 4, \"secret_key\": \"" + real + "\"}\n", finding.Minor},
		{"notes.txt", "SECRET_KEY = '" + real + "'\n", finding.Critical},
	} {
		got := scanText(t, c.path, c.text)
		if len(got) != 1 || got[0].Severity != c.want {
			t.Errorf("%s: %s: got %+v, want one finding of severity %v", c.path, firstLine(c.text), got, c.want)
		}
	}
}
