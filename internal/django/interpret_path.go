package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// Paths are texts to rules: the folder that the settings are in is not known,
// and stands at the beginning of theirs as baseDirectory.

func pathOf(text string) *fact.Value { return fact.Of(text) }

// pathMethod works out a method that only paths have.
func pathMethod(v *fact.Value, name string, args []*fact.Value) (*fact.Value, bool) {
	if v.Kind != fact.String || v.Secret != nil {
		return nil, false
	}
	switch name {
	case "resolve", "absolute", "expanduser", "as_posix":
		return v, true
	case "joinpath", "path", "__call__":
		for _, a := range args {
			v = joinPath(v, a)
		}
		return v, true
	case "exists", "is_file", "is_dir":
		return fact.Missed("whether a file is there"), true
	case "read_text", "read_bytes", "open":
		return fact.Missed(fileContent), true
	}
	return nil, false
}

// baseDirectory stands for the part of a path that is not known.
const baseDirectory = "/…"

// joinPath appends to a path, as / and os.path.join do.
func joinPath(a, b *fact.Value) *fact.Value {
	switch {
	case b.Kind == fact.Union:
		return fact.Map(b, func(b *fact.Value) *fact.Value { return joinPath(a, b) })
	case b.Kind == fact.String && b.Secret == nil && strings.HasPrefix(b.Text, "/"):
		return derived(pathOf(b.Text), b)
	case a.Kind == fact.String && a.Secret == nil && b.Kind == fact.String && b.Secret == nil:
		return derived(pathOf(strings.TrimSuffix(a.Text, "/")+"/"+b.Text), a, b)
	}
	return lost(a, b)
}

func joined_(parts []*fact.Value) *fact.Value {
	if len(parts) == 0 {
		return fact.Missed()
	}
	out := parts[0]
	if out.Kind != fact.String {
		out = derived(pathOf(baseDirectory), out)
	}
	for _, part := range parts[1:] {
		out = joinPath(out, part)
	}
	return out
}
