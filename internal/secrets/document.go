package secrets

import (
	"bytes"
	"encoding/binary"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// longLine is the length in bytes from which a line counts as generated:
// assignments in it are not read as ones a person wrote.
const longLine = 1000

// document is one file as text, with the positions of its lines. Lines are
// counted by line feed, as git and GitHub count them.
type document struct {
	path string
	// text is what is searched: valid UTF-8, ending in a line feed.
	text string
	// lines holds the offset of the start of each line in text.
	lines  []int
	place  place
	syntax syntaxKind
}

// newDocument decodes content. Offsets in text are not offsets in content
// when that was UTF-16; lines always agree.
func newDocument(path string, content []byte) (*document, error) {
	text, err := decodeText(path, content)
	if err != nil {
		return nil, err
	}
	d := &document{path: path, text: text, place: placeOf(path), syntax: syntaxOf(path, text)}
	d.lines = append(d.lines, 0)
	for i := 0; ; {
		n := strings.IndexByte(text[i:], '\n')
		if n < 0 || i+n+1 == len(text) {
			break
		}
		i += n + 1
		d.lines = append(d.lines, i)
	}
	return d, nil
}

// line returns the 1-based number of the line that holds offset.
func (d *document) line(offset int) int {
	return sort.SearchInts(d.lines, offset+1)
}

// bounds returns the start and the end of a 1-based line; the end excludes
// its line feed.
func (d *document) bounds(line int) (start, end int) {
	start = d.lines[line-1]
	end = len(d.text)
	if line < len(d.lines) {
		end = d.lines[line]
	}
	if end > start && d.text[end-1] == '\n' {
		end--
	}
	return start, end
}

// onLongLine reports whether offset lies on a line that no person wrote.
func (d *document) onLongLine(offset int) bool {
	start, end := d.bounds(d.line(offset))
	return end-start > longLine
}

// decodeText returns content as valid UTF-8 that ends in a line feed. Bytes
// that are not UTF-8 become one question mark each, so offsets stay.
func decodeText(path string, content []byte) (string, error) {
	if decoded, ok := decodeUTF16(content); ok {
		content = decoded
	} else if bytes.IndexByte(content, 0) >= 0 {
		return "", &pathError{path: path, err: ErrUndecodable}
	}
	var b strings.Builder
	b.Grow(len(content) + 1)
	if bytes.HasPrefix(content, []byte("\xef\xbb\xbf")) {
		// A byte order mark would stick to the first name.
		b.WriteString("   ")
		content = content[3:]
	}
	if utf8.Valid(content) {
		b.Write(content)
	} else {
		writeRepaired(&b, content)
	}
	if len(content) == 0 || content[len(content)-1] != '\n' {
		b.WriteByte('\n')
	}
	return b.String(), nil
}

func writeRepaired(b *strings.Builder, content []byte) {
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		if r == utf8.RuneError && size == 1 {
			b.WriteByte('?')
		} else {
			b.Write(content[:size])
		}
		content = content[size:]
	}
}

// decodeUTF16 transcodes content that starts with a UTF-16 byte order mark.
// UTF-32 little endian starts with the same two bytes followed by two NULs and
// stays undecodable, as does an odd number of bytes.
func decodeUTF16(content []byte) ([]byte, bool) {
	if len(content) < 2 || len(content)%2 != 0 {
		return nil, false
	}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe, 0, 0}):
		return nil, false
	case content[0] == 0xff && content[1] == 0xfe:
		order = binary.LittleEndian
	case content[0] == 0xfe && content[1] == 0xff:
		order = binary.BigEndian
	default:
		return nil, false
	}
	units := make([]uint16, 0, len(content)/2-1)
	for i := 2; i < len(content); i += 2 {
		units = append(units, order.Uint16(content[i:]))
	}
	decoded := []byte(string(utf16.Decode(units)))
	return decoded, bytes.IndexByte(decoded, 0) < 0
}
