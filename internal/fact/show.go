package fact

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// maxShown bounds what is shown of a value: it stands inside a sentence.
	maxShown = 80
	// maxShownItems bounds the elements shown.
	maxShownItems = 4
)

// Show words a value for people, in Python's spelling, bounded and never with a
// secret.
func Show(v *Value) string {
	text := show(v, 3)
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown-1]) + "…"
	}
	return text
}

func show(v *Value, depth int) string {
	switch {
	case v == nil:
		return "None"
	case depth == 0:
		return "…"
	case v.Env != nil && v.Kind == Unknown:
		return "the environment variable " + strings.Join(v.Env.Names, " or ")
	}
	switch v.Kind {
	case Null:
		return "None"
	case Bool:
		if v.Bool {
			return "True"
		}
		return "False"
	case Int:
		return strconv.FormatInt(v.Int, 10)
	case Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case String:
		if v.Secret != nil {
			return fmt.Sprintf("a literal of %d characters", v.Secret.Length)
		}
		return strconv.Quote(v.Text)
	case List:
		return "[" + showAll(len(v.Items), v.Open, func(i int) string { return show(v.Items[i], depth-1) }) + "]"
	case Dict:
		return "{" + showAll(len(v.Entries), v.Open, func(i int) string {
			return strconv.Quote(v.Entries[i].Key) + ": " + show(v.Entries[i].Value, depth-1)
		}) + "}"
	case Object:
		return v.Text + "(…)"
	case Union:
		return showAll(len(v.Alternatives), false, func(i int) string { return show(v.Alternatives[i].Value, depth-1) })
	}
	return "not known"
}

func showAll(n int, open bool, item func(int) string) string {
	var parts []string
	for i := range min(n, maxShownItems) {
		parts = append(parts, item(i))
	}
	if n > maxShownItems || open {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}
