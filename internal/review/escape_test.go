package review

import (
	"strings"
	"testing"
	"unicode/utf8"
)

const z = invisible

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"plain words, (in brackets) - and 3.5%": "plain words, (in brackets) - and 3.5%",
		"@octocat and @org/team":                "@" + z + "octocat and @" + z + "org/team",
		"a@b.example":                           "a@" + z + "b.example",
		"an @ alone":                            "an @ alone",
		"#12, GH-12, gh-3":                      "\\#" + z + "12, GH-" + z + "12, gh-" + z + "3",
		"acme/shop#12":                          "acme/shop\\#" + z + "12",
		"https://evil.example":                  "https:" + z + "//evil.example",
		"www.evil.example":                      "www" + z + ".evil.example",
		"mailto:x xmpp:y":                       "mailto:" + z + "x xmpp:" + z + "y",
		"<img src=x onerror=y>":                 "\\<img src=x onerror=y\\>",
		"</details>":                            "\\</details\\>",
		"<!-- lintel:v1 fp=aa run=1 -->":        "\\<!-- lintel:v1 fp=aa run=1 --\\>",
		"&lt; &amp;":                            "\\&lt; \\&amp;",
		"[text](https://x)":                     "\\[text\\](https:" + z + "//x)",
		"![img](x)":                             "!\\[img\\](x)",
		"*bold* _it_ ~~no~~":                    "\\*bold\\* \\_it\\_ \\~\\~no\\~\\~",
		"a | b":                                 "a \\| b",
		"$x$":                                   "\\$x\\$",
		"back\\slash":                           "back\\\\slash",
		"name `x_y` is @kept":                   "name `x_y` is @" + z + "kept",
		"`<b>` and `@me`":                       "`<b>` and `@me`",
		"one ` alone @me":                       "one \\` alone @" + z + "me",
		"``":                                    "\\`\\`",
		"# heading":                             "\\# heading",
		"- item":                                "\\- item",
		"+ item":                                "\\+ item",
		"1. item":                               "1\\. item",
		"12) item":                              "12\\) item",
		"=====":                                 "\\=====",
		"> quote":                               "\\> quote",
		"two\nlines\r\n\tand  spaces ":          "two lines and spaces",
		"\n\n- item":                            "\\- item",
		"right\u202eleft\u2066\u200b\x1b[31m":   "right�left���\\[31m",
		"broken \xff\xfe":                       "broken ��",
		"":                                      "",
		" \n ":                                  "",
	} {
		if got := prose(text, 100); got != want {
			t.Errorf("prose(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAdviceKeepsItsLinks(t *testing.T) {
	for text, want := range map[string]string{
		"See https://docs.example/a_b?c=d#e.":   "See <https://docs.example/a_b?c=d#e>.",
		"(https://docs.example/)":               "(<https://docs.example/>)",
		"https:// nowhere":                      "https:" + z + "// nowhere",
		"https://a.example/<script>":            "<https://a.example/>\\<script\\>",
		"https://a.example/@you":                "<https://a.example/>@" + z + "you",
		"http://a.example":                      "http:" + z + "//a.example",
		"`https://a.example` in a name":         "`https://a.example` in a name",
		"https://a.example https://b.example/x": "<https://a.example> <https://b.example/x>",
	} {
		if got := advice(text, 100); got != want {
			t.Errorf("advice(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	for text, want := range map[string]string{
		"a/b.py":                 "`a/b.py`",
		"a`b":                    "``a`b``",
		"`a``":                   "``` `a`` ```",
		"</code>@me":             "`</code>@me`",
		"a\nb":                   "`a b`",
		"":                       "(no name)",
		"\n":                     "(no name)",
		"\u202egnp.py":           "`�gnp.py`",
		strings.Repeat("x", 120): "`" + strings.Repeat("x", 100) + "…`",
	} {
		if got := code(text, 100); got != want {
			t.Errorf("code(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestBlobURL(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.py":        "a/b.py#L3",
		"a b(c)[d].py":  "a%20b%28c%29%5Bd%5D.py#L3",
		"a#b?c&d=e.py":  "a%23b%3Fc%26d%3De.py#L3",
		"a\nb\"<>'.py":  "a%0Ab%22%3C%3E%27.py#L3",
		"a\xff.py":      "a%FF.py#L3",
		"@me/x:y.py":    "%40me/x%3Ay.py#L3",
		"é/100%.py":     "%C3%A9/100%25.py#L3",
		"docs/guide.md": "docs/guide.md?plain=1#L3",
	} {
		if got := blobURL(webURL, headCommit, path, 3); got != webURL+"/blob/"+headCommit+"/"+want {
			t.Errorf("blobURL(%q) = %q", path, got)
		}
	}
	if got := blobURL(webURL, headCommit, "a.py", 0); strings.Contains(got, "#") {
		t.Errorf("a file as a whole: %q", got)
	}
}

func TestShort(t *testing.T) {
	for commit, want := range map[string]string{
		headCommit: "abc1234", "abc": "an unknown commit", "": "an unknown commit", "@octocat": "an unknown commit",
	} {
		if got := short(commit); got != want {
			t.Errorf("short(%q) = %q, want %q", commit, got, want)
		}
	}
}

func TestBounded(t *testing.T) {
	for n := 10; n < 20; n++ {
		if got := bounded(strings.Repeat("é", 20), n); len(got) > n || !utf8.ValidString(got) {
			t.Errorf("bounded to %d: %d bytes %q", n, len(got), got)
		}
	}
}
