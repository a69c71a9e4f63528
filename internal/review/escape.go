package review

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds in characters of what is quoted from a repository. A title is a line,
// a message a short paragraph; a path of Linux has at most 4,096 bytes.
const (
	maxTitle   = 200
	maxMessage = 600
	maxAdvice  = 800
	maxPath    = 300
	maxRule    = 120
)

// invisible stands after a character to break what GitHub would make of it: a
// mention, a reference to an issue, a link. Zero-width space; a backslash does
// not help, because these are found after Markdown was rendered
// (https://github.com/gjtorikian/html-pipeline, the filters GitHub began with).
const invisible = "\u200b"

// plain makes one line of valid, visible text out of anything, at most max
// characters long. Line ends and tabs become spaces; control, bidirectional,
// zero-width and private characters become U+FFFD, so that they can neither
// act nor hide.
func plain(text string, max int) string {
	var b strings.Builder
	length, space := 0, true
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || unicode.Is(unicode.Zs, r):
			r = ' '
		case !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		if r == ' ' && space {
			continue
		}
		space = r == ' '
		if length == max {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
		length++
	}
	return strings.TrimRight(b.String(), " ")
}

// prose renders text as Markdown that shows exactly that text, except that
// pairs of backticks around a name make a code span, as writers of messages
// mean them. Nothing in it can be a mention, a link, HTML or a block.
func prose(text string, max int) string { return spans(plain(text, max), escape) }

// advice is prose whose https addresses stay links. It is for the words of
// rules, never for text of a repository.
func advice(text string, max int) string { return spans(plain(text, max), escapeKeepingLinks) }

func spans(text string, escape func(string) string) string {
	parts := strings.Split(text, "`")
	var b strings.Builder
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(escape(part))
		case i == len(parts)-1: // an opening backtick without its partner
			b.WriteString("\\`" + escape(part))
		case part == "":
			b.WriteString("\\`\\`")
		default:
			b.WriteString(codeSpan(part))
		}
	}
	return startOfLine(b.String())
}

// escape neutralises one piece of plain text.
func escape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if strings.IndexByte("\\`*_[]<>~|&#$", c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		if i+1 < len(text) && breaks(text[:i+1], text[i+1]) {
			b.WriteString(invisible)
		}
	}
	return b.String()
}

// breaks reports whether something invisible has to stand between before and
// next: @name, #1, GH-1, https://, www.
func breaks(before string, next byte) bool {
	last := before[len(before)-1]
	switch {
	case last == '@':
		return isWordByte(next)
	case last == '#':
		return isDigit(next)
	case last == '-' && isDigit(next):
		return hasSuffixFold(before, "gh-")
	case last == ':':
		return next == '/' || hasSuffixFold(before, "mailto:") || hasSuffixFold(before, "xmpp:")
	case next == '.':
		return hasSuffixFold(before, "www")
	}
	return false
}

// startOfLine escapes what would begin a heading, a list, a rule or a table
// at the start of a line; the other such characters are escaped everywhere.
func startOfLine(text string) string {
	if text == "" {
		return text
	}
	if strings.IndexByte("-+=:", text[0]) >= 0 {
		return "\\" + text
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 && digits < len(text) && (text[digits] == '.' || text[digits] == ')') {
		return text[:digits] + "\\" + text[digits:]
	}
	return text
}

// linkCharacters are what an address in the words of a rule may hold; none of
// them means anything to Markdown between < and >.
const linkCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/?#=%+:"

func escapeKeepingLinks(text string) string {
	var b strings.Builder
	for {
		start := strings.Index(text, "https://")
		if start < 0 {
			b.WriteString(escape(text))
			return b.String()
		}
		end := start
		for end < len(text) && strings.IndexByte(linkCharacters, text[end]) >= 0 {
			end++
		}
		address := strings.TrimRight(text[start:end], ".:?")
		end = start + len(address)
		b.WriteString(escape(text[:start]))
		if len(address) > len("https://") {
			b.WriteString("<" + address + ">")
		} else {
			b.WriteString(escape(address))
		}
		text = text[end:]
	}
}

// code renders text as a code span: shown as it is, and never a mention or
// HTML.
func code(text string, max int) string {
	text = plain(text, max)
	if text == "" {
		return "(no name)"
	}
	return codeSpan(text)
}

// codeSpan fences one line of plain text with more backticks than it holds in
// a row (https://spec.commonmark.org/0.31.2/#code-spans).
func codeSpan(text string) string {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if text[0] == '`' || text[len(text)-1] == '`' {
		text = " " + text + " "
	}
	return fence + text + fence
}

// blobURL is the address of a line of a file at a commit. A rendered Markdown
// file has no lines, so it is asked for as text.
func blobURL(webURL, commit, file string, line int) string {
	address := webURL + "/blob/" + percent(commit) + "/" + percent(file)
	switch strings.ToLower(path.Ext(file)) {
	case ".md", ".markdown", ".rst", ".adoc", ".org", ".textile", ".ipynb", ".svg":
		address += "?plain=1"
	}
	if line > 0 {
		address += "#L" + strconv.Itoa(line)
	}
	return address
}

// percent encodes all bytes but slashes and those that mean nothing anywhere
// (https://www.rfc-editor.org/rfc/rfc3986#section-2.3). url.PathEscape would
// leave @, & and : for Markdown to find.
func percent(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c < utf8.RuneSelf && isWordByte(c) || strings.IndexByte("-.~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// ruleName shows a rule's id. Ids have no backticks, and without them the last
// code span of a heading is found again.
func ruleName(rule string) string {
	if plain(rule, maxRule) == "" {
		rule = "unnamed"
	}
	return code(strings.ReplaceAll(rule, "`", "'"), maxRule)
}

// short is a commit id as people read it. GitHub makes a link of it.
func short(commit string) string {
	const length = 7
	if len(commit) < length || !isFingerprint(commit[:length]) {
		return "an unknown commit"
	}
	return commit[:length]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordByte(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}
