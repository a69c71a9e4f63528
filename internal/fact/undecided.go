package fact

import (
	"slices"
	"strings"
)

// missing says what would decide a value, with a word for the case that nobody
// said it.
func (v *Value) missing() []string {
	if len(v.Missing) > 0 {
		return v.Missing
	}
	if v.Kind == Object {
		return []string{"the result of " + v.Text}
	}
	return nil
}

// Undecidedness lists what would decide a value: its own missing inputs and the
// guards of its unions.
func Undecidedness(v *Value) []string {
	var out []string
	work := maxWork
	collectMissing(v, maxDepth, &work, &out)
	return unique(out)
}

func collectMissing(v *Value, depth int, work *int, out *[]string) {
	if *work--; v == nil || depth == 0 || *work < 0 {
		return
	}
	*out = append(*out, v.missing()...)
	for _, item := range v.Items {
		if item.kind() == Unknown || item.kind() == Union {
			collectMissing(item, depth-1, work, out)
		}
	}
	for _, e := range v.Entries {
		if e.Value.kind() == Unknown || e.Value.kind() == Union {
			collectMissing(e.Value, depth-1, work, out)
		}
	}
	for _, a := range v.Alternatives {
		if a.Guard != "" {
			*out = append(*out, "whether "+strings.TrimPrefix(a.Guard, "not "))
		}
		if a.Value.kind() == Unknown {
			collectMissing(a.Value, depth-1, work, out)
		}
	}
}

func unique(texts []string) []string {
	var out []string
	for _, t := range texts {
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
