package python

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// Version identifies the facts and their encoding. It changes whenever the same
// source may give other facts.
const Version = "python-3"

// header starts every encoded file; the checksum of what follows comes next.
const header = "lpf1"

// ErrCorrupt is wrapped by the errors of Decode.
var ErrCorrupt = errors.New("no facts about Python")

// checksums is the polynomial that processors compute.
func checksums() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// Encode returns the file as bytes: the summary first, then the tree.
func (f *File) Encode() []byte {
	out := make([]byte, 0, 64+len(f.nodes)*9+len(f.texts)*12)
	out = append(out, header...)
	out = append(out, 0, 0, 0, 0)
	summary := f.summary.encode(nil)
	out = binary.AppendUvarint(out, uint64(len(summary)))
	out = append(out, summary...)
	out = binary.AppendUvarint(out, uint64(len(f.texts)))
	for _, text := range f.texts {
		out = appendText(out, text)
	}
	out = binary.AppendUvarint(out, uint64(len(f.secrets)))
	for _, s := range f.secrets {
		out = appendText(out, s.Kind)
		out = appendText(out, s.Digest)
		out = appendText(out, s.Prefix)
		out = appendText(out, s.masked)
		weak := uint64(0)
		if s.Weak {
			weak = 1
		}
		for _, n := range []uint64{uint64(s.Length), uint64(s.Distinct), weak} {
			out = binary.AppendUvarint(out, n)
		}
	}
	out = binary.AppendUvarint(out, uint64(len(f.broken)))
	for _, b := range f.broken {
		out = binary.AppendUvarint(out, uint64(b.Line))
		out = binary.AppendUvarint(out, uint64(b.EndLine-b.Line))
	}
	out = f.appendNodes(out)
	binary.BigEndian.PutUint32(out[len(header):], crc32.Checksum(out[len(header)+4:], checksums()))
	return out
}

func (f *File) appendNodes(out []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(f.nodes)))
	var line, start int64
	for i := range f.nodes {
		n := &f.nodes[i]
		out = append(out, byte(n.kind), byte(n.role), byte(n.flags))
		out = binary.AppendUvarint(out, uint64(n.text))
		out = binary.AppendVarint(out, int64(n.line)-line)
		out = binary.AppendUvarint(out, uint64(n.last-n.line))
		out = binary.AppendVarint(out, int64(n.start)-start)
		out = binary.AppendUvarint(out, uint64(n.end-n.start))
		out = binary.AppendUvarint(out, uint64(n.next)-uint64(i))
		line, start = int64(n.line), int64(n.start)
	}
	return out
}

func (s Summary) encode(out []byte) []byte {
	for _, list := range [][]Reference{s.Imports, s.Names, s.Uses} {
		out = binary.AppendUvarint(out, uint64(len(list)))
		for _, r := range list {
			out = appendText(out, r.Name)
			out = binary.AppendUvarint(out, uint64(r.Line))
		}
	}
	return out
}

func appendText(out []byte, text string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(text))), text...)
}

// decoder reads what Encode wrote. After its first failure everything it
// returns is zero.
type decoder struct {
	data   []byte
	failed bool
}

func (d *decoder) uvarint(limit uint64) int {
	// Most numbers have one byte.
	if len(d.data) > 0 && d.data[0] < 0x80 && uint64(d.data[0]) <= limit {
		n := int(d.data[0])
		d.data = d.data[1:]
		return n
	}
	n, size := binary.Uvarint(d.data)
	if size <= 0 || n > limit {
		d.fail()
		return 0
	}
	d.data = d.data[size:]
	return int(n)
}

func (d *decoder) varint() int64 {
	n, size := binary.Varint(d.data)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[size:]
	return n
}

func (d *decoder) text() string {
	n := d.uvarint(uint64(len(d.data)))
	if d.failed || n > len(d.data) {
		d.fail()
		return ""
	}
	text := string(d.data[:n])
	d.data = d.data[n:]
	return text
}

func (d *decoder) fail() { d.failed, d.data = true, nil }

// open checks the header and the checksum and returns what follows.
func open(data []byte) (*decoder, error) {
	if len(data) < len(header)+4 || string(data[:len(header)]) != header {
		return nil, fmt.Errorf("%w: no header", ErrCorrupt)
	}
	body := data[len(header)+4:]
	if binary.BigEndian.Uint32(data[len(header):]) != crc32.Checksum(body, checksums()) {
		return nil, fmt.Errorf("%w: wrong checksum", ErrCorrupt)
	}
	return &decoder{data: body}, nil
}

// DecodeSummary reads only the summary of what Encode returned.
func DecodeSummary(data []byte) (Summary, error) {
	d, err := open(data)
	if err != nil {
		return Summary{}, err
	}
	s := d.summary()
	if d.failed {
		return Summary{}, fmt.Errorf("%w: bad summary", ErrCorrupt)
	}
	return s, nil
}

func (d *decoder) summary() Summary {
	size := d.uvarint(uint64(len(d.data)))
	if d.failed || size > len(d.data) {
		d.fail()
		return Summary{}
	}
	inner := &decoder{data: d.data[:size]}
	d.data = d.data[size:]
	var lists [3][]Reference
	for i := range lists {
		n := inner.uvarint(maxReferences)
		lists[i] = make([]Reference, 0, min(n, len(inner.data)))
		for range n {
			r := Reference{Name: inner.text(), Line: inner.uvarint(1 << 31)}
			if inner.failed {
				break
			}
			lists[i] = append(lists[i], r)
		}
	}
	if inner.failed || len(inner.data) > 0 {
		d.fail()
	}
	return Summary{Imports: lists[0], Names: lists[1], Uses: lists[2]}
}

// Decode reads what Encode returned and checks it, so that no walk over the
// result can fail.
func Decode(data []byte) (*File, error) {
	d, err := open(data)
	if err != nil {
		return nil, err
	}
	f := &File{summary: d.summary()}
	n := d.uvarint(uint64(len(d.data)))
	f.texts = make([]string, 0, n)
	for range n {
		f.texts = append(f.texts, d.text())
	}
	for range d.uvarint(uint64(len(d.data))) {
		s := maskedSecret{Secret: Secret{Kind: d.text(), Digest: d.text(), Prefix: d.text()}, masked: d.text()}
		s.Length, s.Distinct = d.uvarint(MaxSource), d.uvarint(MaxSource)
		s.Weak = d.uvarint(1) == 1
		f.secrets = append(f.secrets, s)
		if d.failed {
			break
		}
	}
	for range d.uvarint(uint64(len(d.data))) {
		line := d.uvarint(1 << 31)
		f.broken = append(f.broken, Span{line, line + d.uvarint(1<<31)})
		if d.failed {
			break
		}
	}
	if d.failed || len(f.texts) == 0 || f.texts[0] != "" {
		return nil, fmt.Errorf("%w: bad tables", ErrCorrupt)
	}
	if !d.nodes(f) || d.failed || len(d.data) > 0 {
		return nil, fmt.Errorf("%w: bad tree", ErrCorrupt)
	}
	return f, nil
}

// nodes reads the tree and reports whether it is one: every node inside its
// parent, every index inside its table.
func (d *decoder) nodes(f *File) bool {
	count := d.uvarint(maxNodes * 2)
	if d.failed || count == 0 || count > len(d.data) {
		return false
	}
	f.nodes = make([]node, count)
	ends := make([]uint32, 0, 64)
	var line, start int64
	for i := range f.nodes {
		if len(d.data) < 3 {
			return false
		}
		n := &f.nodes[i]
		n.kind, n.role, n.flags = Kind(d.data[0]), Role(d.data[1]), Flag(d.data[2])
		d.data = d.data[3:]
		table := len(f.texts)
		if n.flags&FlagSecret != 0 {
			table = len(f.secrets)
		}
		n.text = uint32(d.uvarint(1 << 31))
		line += d.varint()
		last := int64(d.uvarint(1 << 31))
		start += d.varint()
		length := int64(d.uvarint(MaxSource))
		next := i + d.uvarint(uint64(count-i))
		for len(ends) > 0 && ends[len(ends)-1] <= uint32(i) {
			ends = ends[:len(ends)-1]
		}
		end := count
		if len(ends) > 0 {
			end = int(ends[len(ends)-1])
		}
		if d.failed || n.kind == KindInvalid || n.kind > KindOther || n.role > RolePart || int(n.text) >= table ||
			line < 1 || line+last > 1<<31 || start < 0 || start+length > MaxSource || next <= i || next > end || len(ends) > maxDepth*4 {
			return false
		}
		n.line, n.last, n.start, n.end, n.next = uint32(line), uint32(line+last), uint32(start), uint32(start+length), uint32(next)
		ends = append(ends, n.next)
	}
	return f.nodes[0].kind == KindModule && int(f.nodes[0].next) == count
}
