package django

import (
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// configFile is a ConfigParser: the file that it reads belongs to whoever runs
// the process, as the environment does. What the code puts into it counts where
// the file says nothing.
type configFile struct {
	layers []configLayer
	// unknown is what it was given besides, that is not known.
	unknown []string
}

// configLayer is a dict of sections that was put into a ConfigParser; perhaps is
// true if a condition decided that.
type configLayer struct {
	sections *fact.Value
	perhaps  bool
}

const (
	// maxConfigs bounds the ConfigParsers of a leaf, and maxLayers what is put into
	// one; projects have one and a few.
	maxConfigs = 20
	maxLayers  = 50
)

// configText is the name under which a ConfigParser is a fact; its only item
// tells which one it is. A section of it has the section's name besides.
const configText = "configparser.ConfigParser"

// newConfig makes a ConfigParser of a class, if it is one.
func (i *interpreter) newConfig(class string) (*object, bool) {
	switch class {
	case "configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser", "ConfigParser.ConfigParser",
		"ConfigParser.RawConfigParser", "ConfigParser.SafeConfigParser", "six.moves.configparser.ConfigParser", "six.moves.configparser.RawConfigParser":
	default:
		return nil, false
	}
	if len(i.configs) >= maxConfigs {
		return unknown("what a ConfigParser holds"), true
	}
	i.configs = append(i.configs, &configFile{})
	return objectOf(&fact.Value{Kind: fact.Object, Text: configText, Items: []*fact.Value{fact.Of(len(i.configs) - 1)}}), true
}

// configOf returns the ConfigParser that a value is, and the section of it.
func (i *interpreter) configOf(v *fact.Value) (c *configFile, section string) {
	if v == nil || v.Kind != fact.Object || v.Text != configText || len(v.Items) == 0 || v.Items[0].Int >= int64(len(i.configs)) {
		return nil, ""
	}
	if len(v.Items) > 1 {
		section = v.Items[1].Text
	}
	return i.configs[v.Items[0].Int], section
}

// handedOut records that code outside of the repository has the ConfigParsers
// among its arguments, and may put anything into them.
func (i *interpreter) handedOut(to string, args arguments) {
	values := args.values()
	for _, o := range args.keywords {
		values = append(values, o.value())
	}
	for _, v := range values {
		if c, section := i.configOf(v); c != nil && section == "" {
			c.loses("what " + to + " puts into the configuration")
		}
	}
}

func (c *configFile) loses(missing string) {
	if !slices.Contains(c.unknown, missing) {
		c.unknown = append(c.unknown, missing)
	}
}

// put adds a layer of sections.
func (i *interpreter) put(c *configFile, sections *fact.Value) {
	if sections == nil || sections.Kind != fact.Dict || sections.Open || len(c.layers) >= maxLayers ||
		slices.ContainsFunc(sections.Entries, func(e fact.Entry) bool { return e.Value.Kind != fact.Dict || e.Value.Open }) {
		c.loses("what is put into the configuration")
		return
	}
	c.layers = append(c.layers, configLayer{sections, i.journal.forks > 0})
}

// configMethod calls a method of a ConfigParser, or of a section of one
// (https://docs.python.org/3/library/configparser.html#configparser-objects).
func (i *interpreter) configMethod(on *fact.Value, name string, args arguments) *fact.Value {
	c, section := i.configOf(on)
	at := 0
	if section == "" {
		at = 1
	}
	switch name {
	case "get", "getboolean", "getint", "getfloat":
		option := args.either(at, "option")
		if at == 1 {
			s := args.either(0, "section")
			if s == nil || s.Kind != fact.String || s.Secret != nil {
				return fact.Missed("an option of the configuration")
			}
			section = s.Text
		}
		fallback := args.keyword("fallback")
		if fallback == nil && at == 0 {
			if fallback = args.value(1); fallback == nil {
				fallback = fact.None() // as a dict's
			}
		}
		return i.option(c, section, option, fallback, strings.TrimPrefix(name, "get"))
	case "read_dict":
		i.put(c, args.value(0))
	case "set":
		s, option, v := args.either(0, "section"), args.either(1, "option"), args.either(2, "value")
		if at == 0 || s == nil || option == nil || v == nil || s.Kind != fact.String || option.Kind != fact.String {
			c.loses("what is put into the configuration")
			break
		}
		i.put(c, fact.DictOf(fact.Entry{Key: s.Text, Value: fact.DictOf(fact.Entry{Key: option.Text, Value: v})}))
	case "read", "read_file", "readfp":
		v := args.value(0)
		if v != nil && v.Kind != fact.List {
			v = fact.ListOf(v)
		}
		for _, file := range v.Items {
			if file.Kind == fact.String && file.Secret == nil && i.modules.holdsData(path.Base(file.Text)) {
				c.loses("what the file " + path.Base(file.Text) + " holds")
			}
		}
		return fact.Missed("which files of configuration are there")
	case "add_section", "write":
	case "has_option", "has_section", "sections", "options", "items", "keys", "values", "defaults":
		return fact.Missed("what the file of configuration holds")
	default:
		c.loses("what " + name + " makes of the configuration")
		return fact.Missed("what the file of configuration holds")
	}
	return fact.None()
}

// option is what a ConfigParser holds: as if read from a variable, with what the
// code put there, or else its fallback, where the file says nothing.
func (i *interpreter) option(c *configFile, section string, name, fallback *fact.Value, kind string) *fact.Value {
	if name == nil || name.Kind != fact.String || name.Secret != nil {
		return fact.Missed("an option of the configuration")
	}
	if len(c.unknown) > 0 {
		return fact.Missed(c.unknown...)
	}
	var env *fact.Env
	v := fallback
	for _, l := range c.layers {
		for _, s := range []string{"DEFAULT", section} {
			var given *fact.Value
			for _, e := range fact.Field(l.sections, s).Entries {
				if strings.EqualFold(e.Key, name.Text) {
					given = e.Value
				}
			}
			if given == nil {
				continue
			}
			perhaps := l.perhaps
			if rest, ok := withoutUnset(given); ok {
				given, perhaps = rest, true
			}
			if given.Env != nil && (given.Kind == fact.Null || given.Kind == fact.Unknown) {
				env = given.Env
				continue
			}
			if given.Kind == fact.Bool || given.Kind == fact.Int {
				given = asText(given)
			}
			if perhaps && v != nil {
				given = unionOf(fact.Alternative{Value: given}, fact.Alternative{Value: v})
			}
			v = given
		}
	}
	words := "[" + section + "] " + name.Text
	out := *i.variableRead("configparser.get"+kind, fact.Of(words), v, true)
	if out.Kind == fact.Unknown && v == nil {
		out.Missing = []string{"option " + words + " of the configuration"}
	}
	if env != nil {
		out.Env.Names = append([]string{}, append(env.Names, out.Env.Names...)...)
	}
	return castTo(&out, map[string]string{"boolean": "bool"}[kind]+map[string]string{"int": "int", "float": "float"}[kind])
}

// withoutUnset is one of two ways of a value where the other is that it is not
// there.
func withoutUnset(v *fact.Value) (*fact.Value, bool) {
	if v.Kind != fact.Union || len(v.Alternatives) != 2 {
		return v, false
	}
	for at, a := range v.Alternatives {
		if a.Value.Kind == fact.Null && a.Value.Default {
			return v.Alternatives[1-at].Value, true
		}
	}
	return v, false
}
