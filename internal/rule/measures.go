package rule

import (
	"math"

	"github.com/lintel-bot/lintel/internal/fact"
)

// seconds is a time in seconds: a number, or a datetime.timedelta.
func seconds(f *fact.Value) *fact.Value {
	switch {
	case f == nil:
		return fact.None()
	case f.Kind == fact.Int || f.Kind == fact.Float:
		return f
	case f.Kind == fact.Unknown || f.Kind == fact.Object && f.Text != "datetime.timedelta":
		return fact.Missed(texts(f)...)
	case f.Kind != fact.Object:
		return fact.None()
	}
	units := []struct {
		name    string
		seconds float64
	}{
		// In the order of the positional arguments.
		{"days", 86400}, {"seconds", 1}, {"microseconds", 1e-6}, {"milliseconds", 1e-3}, {"minutes", 60}, {"hours", 3600}, {"weeks", 7 * 86400},
	}
	total := 0.0
	for i, u := range units {
		part := f.Get(u.name)
		if part == nil && i < len(f.Items) {
			part = f.Items[i]
		}
		switch {
		case part == nil:
			continue
		case part.Kind == fact.Int:
			total += float64(part.Int) * u.seconds
		case part.Kind == fact.Float:
			total += part.Float * u.seconds
		default:
			return fact.Missed(texts(part)...)
		}
	}
	if whole := math.Trunc(total); whole == total && math.Abs(whole) < 1<<52 {
		return fact.Of(int64(whole))
	}
	return fact.Of(total)
}

// pathText is the text of a path: as a text, or as a pathlib.Path of one.
func pathText(f *fact.Value) *fact.Value {
	switch {
	case f == nil:
		return fact.None()
	case f.Kind == fact.String && f.Secret == nil:
		return fact.Of(f.Text)
	case f.Kind == fact.Object && f.Text == "pathlib.Path" && len(f.Items) == 1:
		return fact.Map(f.Items[0], pathText)
	case f.Kind == fact.Unknown || f.Kind == fact.Object || f.Secret != nil:
		return fact.Missed(texts(f)...)
	}
	return fact.None()
}
