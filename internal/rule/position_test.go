package rule

import (
	"fmt"
	"strings"
	"testing"
)

// TestMistakesStandWhereTheExpressionHasThem: however YAML writes a text, a
// mistake in it is placed in the file.
func TestMistakesStandWhereTheExpressionHasThem(t *testing.T) {
	for name, written := range map[string]string{
		"plain":                    "when: settings.DEBUG == true && settings.WRONG == 1",
		"plain with a comment":     "when:   settings.WRONG == 1 # why",
		"plain over lines":         "when: settings.DEBUG == true &&\n  settings.WRONG == 1",
		"single quotes":            "when: 'settings.DEBUG == ''a'' && settings.WRONG == 1'",
		"double quotes":            `when: "settings.DEBUG == \"a\" && \x73ettings.DEBUG == \u0027\u0027 && settings.WRONG == 1"`,
		"double quotes over lines": "when: \"settings.DEBUG == true &&\n\n   settings.WRONG == 1\"",
		"literal":                  "when: |\n  settings.DEBUG == true &&\n  settings.WRONG == 1",
		"literal, stripped":        "when: |-\n      settings.DEBUG == true\n        && settings.WRONG == 1",
		"literal after a line":     "when: |\n\n  settings.DEBUG == true &&\n  settings.WRONG == 1",
		"literal, wide characters": "when: |\n  settings.DEBUG == 'é…' && settings.WRONG == 1",
		"folded":                   "when: >\n  settings.DEBUG == true &&\n  settings.WRONG == 1",
		"folded, stripped":         "when: >-\n    settings.DEBUG == true &&\n\n    settings.WRONG == 1\n    && true",
		"folded, more indented":    "when: >-\n    settings.DEBUG == true &&\n      settings.WRONG == 1",
		"folded, first line":       "when: >-\n    settings.WRONG == 1\n    && true",
		"a template":               "when: settings.DEBUG == true\nanchors: [settings.DEBUG, settings.WRONG]",
		"a template in a block":    "when: settings.DEBUG == true\nanchors:\n  - settings.DEBUG\n  - >\n    settings.WRONG",
		"severities":               "when: settings.DEBUG == true\nseverity_when:\n  - when: |\n      settings.DEBUG == true\n      && settings.WRONG == 1\n    severity: minor",
		"a message":                "when: settings.DEBUG == true\nmessage: \"`a` {show(settings.WRONG)} b\"",
		"a message in a block":     "when: settings.DEBUG == true\nmessage: |\n  {settings.DEBUG}\n  and é {settings.WRONG}",
		"a folded message":         "when: settings.DEBUG == true\nmessage: >\n  {settings.DEBUG}\n  and é {settings.WRONG}",
	} {
		t.Run(name, func(t *testing.T) {
			source := sound
			for _, key := range []string{"when", "anchor", "message", "severity_when"} {
				if !strings.Contains(written, "\n"+key) && !strings.HasPrefix(written, key) && !(key == "anchor" && strings.Contains(written, "\nanchors")) {
					continue
				}
				before, after, _ := strings.Cut("\n"+source, "\n"+key+":")
				_, after, _ = strings.Cut(after, "\n")
				for strings.HasPrefix(after, " ") {
					_, after, _ = strings.Cut(after, "\n")
				}
				source = strings.TrimPrefix(before, "\n") + "\n" + after
			}
			source = strings.TrimRight(source, "\n") + "\n" + written + "\n"
			before, _, _ := strings.Cut(source, "WRONG")
			want := fmt.Sprintf("django/debug-true.yml:%d:%d: WRONG is no setting", 1+strings.Count(before, "\n"), 1+len([]rune(before[strings.LastIndexByte(before, '\n')+1:])))
			if _, err := load(t, source); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v; want %s in\n%s", err, want, source)
			}
		})
	}
}
