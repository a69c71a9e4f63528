package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// ConfiguringCalls are the calls that configure a library as settings do, and
// whose arguments rules see as "calls". Sentry's is described at
// https://docs.sentry.io/platforms/python/configuration/options/.
func ConfiguringCalls() []string { return []string{callSentry} }

const callSentry = "sentry_sdk.init"

// configured returns the name of a call that configures a library, by the dotted
// name that the code has for it, or "".
func configured(name string) string {
	switch name {
	case "sentry_sdk.init", "sentry_sdk.sdk.init", "sentry_sdk.hub.init", "sentry_sdk._init_implementation.init":
		return callSentry
	}
	return ""
}

// configuration is one such call.
type configuration struct {
	name string
	// arguments is a Dict of those that have a name.
	arguments *fact.Value
	// guard says under which conditions, that nobody decides, it is made.
	guard string
}

// configure keeps what a call configures. Of several that are made for sure the
// last one counts.
func (i *interpreter) configure(f *frame, name string, args arguments, n python.Node) {
	c := configuration{name: name, guard: f.conditions()}
	c.arguments = &fact.Value{Kind: fact.Dict, Places: []fact.Place{f.place(n, name)}, Open: args.open}
	if args.open {
		c.arguments.Missing = []string{"the arguments of " + name}
	}
	for _, key := range sortedKeys(args.keywords) {
		c.arguments.Entries = append(c.arguments.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
	}
	if c.guard == "" {
		i.configurations = slices.DeleteFunc(i.configurations, func(o configuration) bool { return o.name == name })
	}
	i.configurations = append(i.configurations, c)
}

// conditions words those under which the code of a frame runs, callers included.
func (f *frame) conditions() string {
	out := ""
	for ; f != nil; f = f.caller {
		out = fact.JoinGuards(strings.Join(f.guards, " and "), out)
	}
	return out
}

// configuredCalls returns the configurations by their names. One that is made under a
// condition may as well not be there.
func (i *interpreter) configuredCalls() *fact.Value {
	out := &fact.Value{Kind: fact.Dict}
	for _, name := range ConfiguringCalls() {
		var ways []fact.Alternative
		always := false
		for _, c := range i.configurations {
			if c.name == name {
				ways = append(ways, fact.Alternative{Value: c.arguments, Guard: c.guard})
				always = always || c.guard == ""
			}
		}
		if len(ways) == 0 {
			continue
		}
		if !always {
			ways = append(ways, fact.Alternative{Value: fact.None()})
		}
		out.Entries = append(out.Entries, fact.Entry{Key: name, Value: fact.UnionOf(ways...)})
	}
	return out
}
