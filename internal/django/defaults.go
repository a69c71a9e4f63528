package django

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/rules"
)

// Defaults are the values that Django and the packages around it use for
// settings that nobody gives. It is immutable.
type Defaults struct {
	settings map[string][]change
}

// change is what a setting is in versions before one; in all others where before
// is empty.
type change struct {
	before string
	value  *fact.Value
}

// LoadDefaults returns the table of this program, which is read once.
var LoadDefaults = sync.OnceValues(func() (*Defaults, error) {
	d, err := parseDefaults([]byte(rules.DjangoDefaults()))
	if err != nil {
		return nil, fmt.Errorf("read the defaults of Django's settings: %w", err)
	}
	return d, nil
})

// parseDefaults reads a table of defaults. A field or a form of value that it
// does not know is an error.
func parseDefaults(data []byte) (*Defaults, error) {
	var packages []struct {
		Package  string `yaml:"package"`
		Source   string `yaml:"source"`
		Settings []struct {
			Name    string `yaml:"name"`
			Value   any    `yaml:"value"`
			Changes []struct {
				Before string `yaml:"before"`
				Value  any    `yaml:"value"`
			} `yaml:"changes"`
		} `yaml:"settings"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.UseOrderedMap()).Decode(&packages); err != nil {
		return nil, err
	}
	d := &Defaults{settings: make(map[string][]change)}
	for _, p := range packages {
		if p.Package == "" || !strings.HasPrefix(p.Source, "https://") {
			return nil, fmt.Errorf("package %q: without a name or a source", p.Package)
		}
		for _, s := range p.Settings {
			if !identifier(s.Name) || d.settings[s.Name] != nil {
				return nil, fmt.Errorf("setting %q: no name of a setting, or twice", s.Name)
			}
			changes := s.Changes
			if len(changes) == 0 {
				changes = append(changes, struct {
					Before string `yaml:"before"`
					Value  any    `yaml:"value"`
				}{Value: s.Value})
			} else if s.Value != nil {
				return nil, fmt.Errorf("setting %s: both a value and changes", s.Name)
			}
			for i, c := range changes {
				if last := i == len(changes)-1; last != (c.Before == "") {
					return nil, fmt.Errorf("setting %s: the last change, and no other, is without before", s.Name)
				}
				v, err := valueOf(c.Value)
				if err != nil {
					return nil, fmt.Errorf("setting %s: %w", s.Name, err)
				}
				d.settings[s.Name] = append(d.settings[s.Name], change{c.Before, v})
			}
		}
	}
	return d, nil
}

// valueOf turns what YAML holds into a value that is marked as a default.
func valueOf(data any) (*fact.Value, error) {
	v := &fact.Value{Default: true}
	switch data := data.(type) {
	case nil:
		v.Kind = fact.Null
	case bool:
		v.Kind, v.Bool = fact.Bool, data
	case uint64:
		v.Kind, v.Int = fact.Int, int64(data)
	case int64:
		v.Kind, v.Int = fact.Int, data
	case float64:
		v.Kind, v.Float = fact.Float, data
	case string:
		v.Kind, v.Text = fact.String, data
	case []any:
		v.Kind = fact.List
		for _, item := range data {
			i, err := valueOf(item)
			if err != nil {
				return nil, err
			}
			v.Items = append(v.Items, i)
		}
	case yaml.MapSlice:
		v.Kind = fact.Dict
		for _, entry := range data {
			key, ok := entry.Key.(string)
			if !ok {
				return nil, errors.New("a key that is no string")
			}
			e, err := valueOf(entry.Value)
			if err != nil {
				return nil, err
			}
			v.Entries = append(v.Entries, fact.Entry{Key: key, Value: e})
		}
	default:
		return nil, fmt.Errorf("a value of a kind that settings do not have: %T", data)
	}
	return v, nil
}

// Known reports whether a name is that of a setting in the table.
func (d *Defaults) Known(name string) bool { return d.settings[name] != nil }

// Names returns the settings of the table in order.
func (d *Defaults) Names() []string {
	names := make([]string, 0, len(d.settings))
	for name := range d.settings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Value returns what a setting is where nobody gives it, in a version of Django
// that is a String or not known; nil for a setting that is not in the table.
// Where the version decides and is not known, the value is a union.
func (d *Defaults) Value(name string, version *fact.Value) *fact.Value {
	changes := d.settings[name]
	switch {
	case len(changes) == 0:
		return nil
	case len(changes) == 1:
		return changes[0].value
	}
	if version == nil || version.Kind != fact.String {
		v := &fact.Value{Kind: fact.Union, Default: true}
		from := ""
		for _, c := range changes {
			guard := "Django is " + from
			switch {
			case c.before == "":
				guard += "or later"
			case from == "":
				guard += "older than " + c.before
			default:
				guard += "or later, and older than " + c.before
			}
			v.Alternatives = append(v.Alternatives, fact.Alternative{Value: c.value, Guard: guard})
			from = c.before + " "
		}
		return v
	}
	for _, c := range changes {
		if c.before == "" || compareVersions(version.Text, c.before) < 0 {
			return c.value
		}
	}
	return nil
}

// compareVersions compares the numbers of two versions; what follows them does
// not count.
func compareVersions(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if d := leadingNumber(x) - leadingNumber(y); d != 0 {
			return d
		}
	}
	return 0
}

func leadingNumber(s string) int {
	end := 0
	for end < len(s) && end < 9 && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	if err != nil {
		return 0
	}
	return n
}
