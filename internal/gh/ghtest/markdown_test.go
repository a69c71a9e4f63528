package ghtest

import (
	"regexp"
	"strings"
	"testing"
)

func TestMarkdown(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"emphasis", "**Fixed** in ~~old~~", "<p><strong>Fixed</strong> in <del>old</del></p>"},
		{"an escape", `SECRET\_KEY \<b\>`, "<p>SECRET_KEY &lt;b&gt;</p>"},
		{"code keeps what is in it", "`**a** <b>`", "<p><code>**a** &lt;b&gt;</code></p>"},
		{"code with a longer fence", "`` a`b ``", "<p><code>a`b</code></p>"},
		{"a link", "[`a.py:1`](http://127.0.0.1/a#L1)", `<p><a href="http://127.0.0.1/a#L1"><code>a.py:1</code></a></p>`},
		{"an address", "<https://example.com/?a=b&c>", `<p><a href="https://example.com/?a=b&amp;c">https://example.com/?a=b&amp;c</a></p>`},
		{"a script is no link", "[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"},
		{"lines of a paragraph", "a\nb\n\nc", "<p>a<br>b</p>\n<p>c</p>"},
		{"lists", "- a\n  more\n- b\n\n1. c", "<ul><li>a<br>more<li>b</ul>\n<ol><li>c</ol>"},
		{"a table", "| | secrets |\n|---|---:|\n| x | 3 |", "<table><tr><td></td><td>secrets</td></tr><tr><td>x</td><td>3</td></tr></table>"},
		{"a fold", "<details open><summary>Why</summary>\n\nx\n\n</details>", "<details open><summary>Why</summary>\n<p>x</p>\n</details>"},
		{"a fold that is not closed", "<details><summary>Why</summary>\nx", "<details><summary>Why</summary>\n<p>x</p>\n</details>"},
		{"a fence", "```py\n<b>\n```\nx", "<pre>&lt;b&gt;\n</pre>\n<p>x</p>"},
		{"a heading and a rule", "### Must fix\n---", "<h3>Must fix</h3>\n<hr>"},
		{"a marker is hidden", "a\n\n<!-- lintel:v1\nfp=1 -->", "<p>a</p>"},
		{"no other tag", "<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.TrimSpace(string(markdown(tt.source))); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

var ownTags = regexp.MustCompile(`</?(?:p|ul|ol|table|tr|td|pre|h3|strong|del|code|details|summary)>|<(?:li|br|hr|details open)>|` +
	`<a href="https?://[^"<>]*">|</a>`)

func FuzzMarkdown(f *testing.F) {
	f.Add("### a\n- [`x`](http://y) **b** ~~c~~\n| a |\n|---|\n```\n<b>\n```\n<details><summary>d</summary>\n<https://e>")
	f.Add("[a](http://x\"onclick=1)\\[<script>")
	f.Fuzz(func(t *testing.T, source string) {
		if left := ownTags.ReplaceAllString(string(markdown(source)), ""); strings.ContainsAny(left, "<>\"") {
			t.Errorf("%q leaves %q", source, left)
		}
	})
}
