package secrets

import "slices"

// keywordSet finds many literal words in one pass over a text, without regard
// to ASCII case: an Aho-Corasick automaton with a full transition table over
// the byte classes that occur in the words. It decides which lines the rules
// look at, so it runs over every byte of every file.
type keywordSet struct {
	class [256]uint8
	width int
	next  []int32
	// found holds, per state, the words that end there, as indexes into words.
	found [][]int32
	words []string
	// confirm holds, per word, a cheaper test than the rule itself for words
	// that are in half of all lines; nil where the word alone is rare enough.
	confirm []func(text string, start int) bool
}

// newKeywordSet builds the automaton over lower-case words.
func newKeywordSet(words []string) *keywordSet {
	k := &keywordSet{words: slices.Clone(words), width: 1}
	slices.Sort(k.words)
	k.words = slices.Compact(k.words)
	for _, w := range k.words {
		for i := range len(w) {
			if k.class[w[i]] == 0 {
				k.class[w[i]] = uint8(k.width)
				k.width++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		k.class[c] = k.class[c+'a'-'A']
	}
	k.addState()
	for i, w := range k.words {
		state := int32(0)
		for j := range len(w) {
			slot := int(state)*k.width + int(k.class[w[j]])
			if k.next[slot] == 0 {
				k.next[slot] = k.addState()
			}
			state = k.next[slot]
		}
		k.found[state] = append(k.found[state], int32(i))
	}
	k.link()
	k.confirm = make([]func(string, int) bool, len(k.words))
	for i, w := range k.words {
		k.confirm[i] = confirmations[w]
	}
	return k
}

func (k *keywordSet) addState() int32 {
	k.next = append(k.next, make([]int32, k.width)...)
	k.found = append(k.found, nil)
	return int32(len(k.found) - 1)
}

// link turns the trie into an automaton, breadth first: a missing transition
// goes where the longest proper suffix would go.
func (k *keywordSet) link() {
	fail := make([]int32, len(k.found))
	var queue []int32
	for c := range k.width {
		if s := k.next[c]; s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		for c := range k.width {
			slot := int(state)*k.width + c
			fallback := k.next[int(fail[state])*k.width+c]
			if s := k.next[slot]; s != 0 {
				fail[s] = fallback
				k.found[s] = append(k.found[s], k.found[fallback]...)
				queue = append(queue, s)
			} else {
				k.next[slot] = fallback
			}
		}
	}
}

// each calls visit with the start of every confirmed word in text.
func (k *keywordSet) each(text string, visit func(word, start int)) {
	state := int32(0)
	for i := range len(text) {
		state = k.next[int(state)*k.width+int(k.class[text[i]])]
		if state == 0 || k.found[state] == nil {
			continue
		}
		for _, w := range k.found[state] {
			start := i + 1 - len(k.words[w])
			if c := k.confirm[w]; c == nil || c(text, start) {
				visit(int(w), start)
			}
		}
	}
}

// in reports whether any word is in text.
func (k *keywordSet) in(text string) bool {
	state := int32(0)
	for i := range len(text) {
		state = k.next[int(state)*k.width+int(k.class[text[i]])]
		if state != 0 && k.found[state] != nil {
			return true
		}
	}
	return false
}

// confirmations holds, for keywords that stand in a large part of all
// source lines, a test that every match of their rules passes. Without them
// most of a tree would be handed to the regular expressions because of "sk"
// in "task". A test compares the result with gitleaks run on whole files.
var confirmations = map[string]func(text string, start int) bool{
	// twilio-api-key: SK and 32 hexadecimal digits.
	"sk": func(t string, s int) bool {
		return t[s] == 'S' && t[s+1] == 'K' && runOf(t, s+2, isHexDigit) >= 32
	},
	// octopus-deploy-api-key: API- and 26 capitals or digits.
	"api-": func(t string, s int) bool {
		return t[s:s+4] == "API-" && runOf(t, s+4, isUpperOrDigit) >= 26
	},
	// harness-api-key: pat. or sat. and 22 word characters.
	"pat.": func(t string, s int) bool { return runOf(t, s+4, isWordOrDash) >= 22 },
	"sat.": func(t string, s int) bool { return runOf(t, s+4, isWordOrDash) >= 22 },
	// azure-ad-client-secret: a digit, Q~, 31 characters.
	"q~": func(t string, s int) bool { return t[s] == 'Q' && s > 0 && isDigit(t[s-1]) },
	// 1password-secret-key: A3- and six capitals or digits.
	"a3-": func(t string, s int) bool { return runOf(t, s+3, isUpperOrDigit) >= 6 },
	// sendgrid-api-token: SG. and 66 characters.
	"sg.": func(t string, s int) bool { return t[s:s+3] == "SG." },
	// jwt: a word that begins with ey and goes on for 17 letters or digits.
	"ey": func(t string, s int) bool {
		return t[s:s+2] == "ey" && (s == 0 || !isWord(t[s-1])) && runOf(t, s+2, isLetterOrDigit) >= 17
	},
	// square-access-token: EAAA or sq0atp-.
	"eaaa": func(t string, s int) bool { return t[s:s+4] == "EAAA" },
}

func runOf(text string, start int, is func(byte) bool) int {
	end := start
	for end < len(text) && is(text[end]) {
		end++
	}
	return end - start
}

func isDigit(c byte) bool         { return '0' <= c && c <= '9' }
func isUpper(c byte) bool         { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool         { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool        { return isUpper(c) || isLower(c) }
func isUpperOrDigit(c byte) bool  { return isUpper(c) || isDigit(c) }
func isLetterOrDigit(c byte) bool { return isLetter(c) || isDigit(c) }
func isWord(c byte) bool          { return isLetter(c) || isDigit(c) || c == '_' }
func isWordOrDash(c byte) bool    { return isWord(c) || c == '-' }
func isHexDigit(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
