package secrets

import (
	"math"
	"strings"
)

// isPath reports whether a value is an absolute path: words between slashes.
// Base64 begins with a slash once in 64 times, so the words have to be ones.
func isPath(v string) bool {
	if v[0] != '/' {
		return false
	}
	for _, part := range strings.Split(v[1:], "/") {
		if part != "" && (!capitalised(part) || !readable(part) && len(part) > 6) {
			return false
		}
	}
	return true
}

// isPublic knows keys that are published on purpose.
func isPublic(v string) bool {
	for _, prefix := range []string{"pk_live_", "pk_test_", "pk_", "pk.", "ssh-rsa ", "ssh-ed25519 ", "AAAAB3Nza", "AAAAC3Nza", "UA-", "G-", "GTM-", "pubkey-"} {
		if strings.HasPrefix(v, prefix) {
			return true
		}
	}
	// The site keys of reCAPTCHA stand in every page that uses it.
	return len(v) == 40 && strings.HasPrefix(v, "6L")
}

// isEmail reports whether a value is an e-mail address, which is an account
// and not its secret.
func isEmail(v string) bool {
	user, host, ok := strings.Cut(v, "@")
	return ok && user != "" && strings.Contains(host, ".") && runOf(host, 0, func(c byte) bool { return isWordOrDash(c) || c == '.' }) == len(host) &&
		!strings.ContainsAny(user, "!#$%^&*()") && isLetter(host[len(host)-1])
}

func isUUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := range len(v) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if v[i] != '-' {
				return false
			}
		} else if !isHexDigit(v[i]) {
			return false
		}
	}
	return true
}

// looksLikeIdentifier reports whether a value is words joined by dashes,
// underscores, dots, slashes, colons or humps, without digits to speak of:
// something a person wrote to name a thing.
func looksLikeIdentifier(v string) bool {
	joints, letters, humps, capitals := 0, 0, 0, 0
	for i := range len(v) {
		switch c := v[i]; {
		case isLetter(c):
			letters++
			if isUpper(c) {
				capitals++
			}
			if i > 0 && isUpper(c) && isLower(v[i-1]) {
				humps++
			}
		case c == '-' || c == '_' || c == '.' || c == '/' || c == ':' || c == '[' || c == ']':
			joints++
		case isDigit(c) && i == len(v)-1 && joints > 0 && oneCase(v):
		default:
			return false
		}
	}
	if letters < 3 {
		return false
	}
	longest := longestLetters(v)
	switch {
	case joints > 0:
		// Random text with dashes has no long run of one case.
		return oneCase(v) && letters >= 3*joints || capitalised(v) && longest >= 4 && humps <= joints+1
	case humps > 0:
		return humps <= len(v)/4 && capitals <= humps+2 && readable(v) && len(v) <= 40
	}
	return oneCase(v) && readable(v) && len(v) <= 40 || capitalised(v) && readable(v) && len(v) <= 20
}

func oneCase(v string) bool { return v == strings.ToLower(v) || v == strings.ToUpper(v) }

// capitalised reports whether capitals stand only at the beginning of words.
func capitalised(v string) bool {
	for i := 1; i < len(v); i++ {
		if isUpper(v[i]) && isLetter(v[i-1]) {
			return false
		}
	}
	return true
}

// readable reports whether the letters of a value alternate the way words do:
// no run of six consonants, and between one fifth and two thirds vowels.
func readable(v string) bool {
	vowels, letters, run := 0, 0, 0
	for i := range len(v) {
		c := v[i] | 0x20
		if !isLower(c) {
			run = 0
			continue
		}
		letters++
		if strings.IndexByte("aeiouy", c) >= 0 {
			vowels++
			run = 0
		} else if run++; run >= 6 {
			return false
		}
	}
	return letters > 0 && vowels*5 >= letters && vowels*3 <= letters*2
}

func longestLetters(v string) int {
	longest, run := 0, 0
	for i := range len(v) {
		if isLetter(v[i]) {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// isSequence reports whether a value walks along the keyboard or the alphabet.
func isSequence(v string) bool {
	lower := strings.ToLower(v)
	for _, s := range []string{"0123456789", "1234567890", "abcdef", "qwerty", "asdfgh", "12345678", "87654321"} {
		if strings.HasPrefix(lower, s) && (len(v) <= len(s)+4 || strings.Count(lower, s) > 1 || strings.Contains(lower, "0123456789")) || len(lower) >= 3 && strings.HasPrefix(s, lower) {
			return true
		}
	}
	return false
}

func isDigits(v string) bool { return runOf(v, 0, isDigit) == len(v) }

func distinctRunes(v string) int {
	seen := map[rune]bool{}
	for _, r := range v {
		if seen[r] = true; len(seen) > 2 {
			break
		}
	}
	return len(seen)
}

func distinct(v string) int {
	var seen [256]bool
	n := 0
	for i := range len(v) {
		if !seen[v[i]] {
			seen[v[i]] = true
			n++
		}
	}
	return n
}

// characterClasses counts lower case, upper case, digits and everything else.
func characterClasses(v string) int {
	var lower, upper, digit, other int
	for i := range len(v) {
		switch c := v[i]; {
		case isLower(c):
			lower = 1
		case isUpper(c):
			upper = 1
		case isDigit(c):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

// entropy is Shannon's, in bits per byte.
func entropy(v string) float64 {
	var count [256]int
	for i := range len(v) {
		count[v[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
