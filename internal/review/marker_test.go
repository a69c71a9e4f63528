package review

import (
	"reflect"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

func TestMarkerRoundTrip(t *testing.T) {
	for _, tt := range []struct {
		marker Marker
		line   string
	}{
		{Marker{Key: "9f2c", Run: "01J0"}, "<!-- lintel:v1 fp=9f2c run=01J0 -->"},
		{Marker{Key: "9f2c", Run: "01J0", Fixed: true}, "<!-- lintel:v1 fp=9f2c run=01J0 state=fixed -->"},
		{
			Marker{Key: "9f2c", Of: []finding.Fingerprint{"aa", "bb"}, Run: "01J0"},
			"<!-- lintel:v1 fp=9f2c of=aa,bb run=01J0 -->",
		},
		{
			Marker{Key: "9f2c", Of: []finding.Fingerprint{"aa"}, Run: "01J0", Fixed: true},
			"<!-- lintel:v1 fp=9f2c of=aa run=01J0 state=fixed -->",
		},
		{Marker{Key: "9f2c", Run: "01J0", Gone: GoneToHistory}, "<!-- lintel:v1 fp=9f2c run=01J0 state=history -->"},
		{Marker{Key: "9f2c", Run: "01J0", Gone: GoneToBase}, "<!-- lintel:v1 fp=9f2c run=01J0 state=base -->"},
		{Marker{Key: "9f2c", Run: "01J0", Gone: GoneAllowed}, "<!-- lintel:v1 fp=9f2c run=01J0 state=allowed -->"},
	} {
		if got := tt.marker.String(); got != tt.line {
			t.Errorf("String() = %q, want %q", got, tt.line)
		}
		for _, body := range []string{tt.line, "text\n\nmore\n" + tt.line, "text\r\n" + tt.line + "\r\n"} {
			got, ok := ParseMarker(body)
			if !ok || !reflect.DeepEqual(got, tt.marker) {
				t.Errorf("ParseMarker(%q) = %+v, %v, want %+v", body, got, ok, tt.marker)
			}
		}
	}
}

func TestParseMarkerRefuses(t *testing.T) {
	const good = "<!-- lintel:v1 fp=9f2c run=01J0 -->"
	for name, body := range map[string]string{
		"an empty body":              "",
		"no marker":                  "Looks good to me",
		"a marker above the end":     good + "\nthanks",
		"a marker quoted":            "> " + good,
		"text before it on the line": "see " + good,
		"text after it on the line":  good + " thanks",
		"another version":            "<!-- lintel:v2 fp=9f2c run=01J0 -->",
		"upper-case hex":             "<!-- lintel:v1 fp=9F2C run=01J0 -->",
		"no hex":                     "<!-- lintel:v1 fp=xyz run=01J0 -->",
		"no key":                     "<!-- lintel:v1 fp= run=01J0 -->",
		"no run":                     "<!-- lintel:v1 fp=9f2c -->",
		"an empty run":               "<!-- lintel:v1 fp=9f2c run= -->",
		"a run with a space":         "<!-- lintel:v1 fp=9f2c run=01 J0 -->",
		"a run with two hyphens":     "<!-- lintel:v1 fp=9f2c run=01--J0 -->",
		"a run that closes early":    "<!-- lintel:v1 fp=9f2c run=01--> <b> -->",
		"two runs":                   "<!-- lintel:v1 fp=9f2c run=01J0 run=01J1 -->",
		"an empty group":             "<!-- lintel:v1 fp=9f2c of= run=01J0 -->",
		"a group with a hole":        "<!-- lintel:v1 fp=9f2c of=aa,,bb run=01J0 -->",
		"two groups":                 "<!-- lintel:v1 fp=9f2c of=aa of=bb run=01J0 -->",
		"another state":              "<!-- lintel:v1 fp=9f2c run=01J0 state=open -->",
		"a state twice":              "<!-- lintel:v1 fp=9f2c run=01J0 state=fixed state=fixed -->",
		"two spaces":                 "<!-- lintel:v1 fp=9f2c  run=01J0 -->",
		"an endless key":             "<!-- lintel:v1 fp=" + strings.Repeat("a", maxFingerprintLength+1) + " run=01J0 -->",
		"an endless group":           "<!-- lintel:v1 fp=9f2c of=a" + strings.Repeat(",a", maxGroupSize) + " run=01J0 -->",
	} {
		if m, ok := ParseMarker(body); ok {
			t.Errorf("%s: ParseMarker(%q) = %+v, want none", name, body, m)
		}
	}
}

func TestMarkerCovers(t *testing.T) {
	single := Marker{Key: "aa"}
	if !single.Covers("aa") || single.Covers("bb") {
		t.Error("a single finding's marker covers its own key only")
	}
	group := Marker{Key: "99", Of: []finding.Fingerprint{"aa", "bb"}}
	if !group.Covers("bb") || group.Covers("cc") || group.Covers("99") {
		t.Error("a group's marker covers its findings, not its own key")
	}
}

func FuzzParseMarker(f *testing.F) {
	f.Add("<!-- lintel:v1 fp=9f2c run=01J0 -->")
	f.Add("body\n<!-- lintel:v1 fp=9f2c of=aa,bb run=01J0 state=fixed -->\n")
	f.Add("<!-- lintel:v1 fp=9f2c run=01--> -->")
	f.Fuzz(func(t *testing.T, body string) {
		m, ok := ParseMarker(body)
		if !ok {
			return
		}
		line := m.String()
		if strings.ContainsAny(line, "\r\n") || strings.Count(line, "-->") != 1 {
			t.Fatalf("marker %q leaves its comment", line)
		}
		if !strings.HasSuffix(strings.TrimRight(body, " \t\r\n"), line) {
			t.Fatalf("marker %q is not the end of %q", line, body)
		}
	})
}
