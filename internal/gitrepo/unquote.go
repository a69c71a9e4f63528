package gitrepo

import (
	"errors"
	"strings"
)

var errQuoting = errors.New("a path is quoted in a way git does not use")

// unquotePath undoes git's C-style quoting of unusual paths, with
// core.quotePath on (https://git-scm.com/docs/git-config#Documentation/git-config.txt-corequotePath).
func unquotePath(text string) (string, error) {
	if !strings.HasPrefix(text, `"`) {
		if text == "" || strings.ContainsAny(text, "\"\\\n\t") {
			return "", errQuoting
		}
		return text, nil
	}
	inner, ok := strings.CutSuffix(text[1:], `"`)
	if !ok || inner == "" {
		return "", errQuoting
	}
	var path strings.Builder
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '"':
			return "", errQuoting
		case '\\':
			char, used, err := unescape(inner[i+1:])
			if err != nil {
				return "", err
			}
			path.WriteByte(char)
			i += used
		default:
			path.WriteByte(inner[i])
		}
	}
	return path.String(), nil
}

// unescape reads what follows a backslash: a letter, or three octal digits.
func unescape(text string) (char byte, used int, err error) {
	if text == "" {
		return 0, 0, errQuoting
	}
	if i := strings.IndexByte(`abtnvfr"\`, text[0]); i >= 0 {
		return "\a\b\t\n\v\f\r\"\\"[i], 1, nil
	}
	if len(text) < 3 || text[0] > '3' {
		return 0, 0, errQuoting
	}
	for _, digit := range []byte(text[:3]) {
		if digit < '0' || digit > '7' {
			return 0, 0, errQuoting
		}
		char = char<<3 | (digit - '0')
	}
	if char == 0 {
		return 0, 0, errQuoting
	}
	return char, 3, nil
}
