package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// callOutside runs what is known of functions outside of the repository.
func (i *interpreter) callOutside(f *frame, name string, args arguments, n python.Node) *object {
	if configures := configured(name); configures != "" {
		i.configure(f, configures, args, n)
	}
	if o, ok := i.callReader(f, name, args, n); ok {
		return o
	}
	if o, ok := i.newConfig(name); ok {
		return o
	}
	if v, ok := i.builtin(strings.TrimPrefix(name, "builtins."), args); ok && strings.HasPrefix(name, "builtins.") {
		return objectOf(v)
	}
	if first := args.value(0); last(name) == "strtobool" && first != nil {
		return objectOf(asBool(first))
	}
	if isRandom(name) {
		return objectOf(&fact.Value{Kind: fact.Object, Text: name})
	}
	switch name {
	case "builtins.super":
		return i.superOf(f, args)
	case "importlib.import_module", "builtins.__import__", "django.utils.importlib.import_module":
		return i.moduleByName(f, args.value(0))
	case "builtins.setattr":
		return i.setattr(f, args, n)
	case "pathlib.Path", "pathlib.PurePath", "environ.Path", "path.Path", "unipath.Path", "builtins.Path":
		first := args.value(0)
		switch {
		case first == nil || first.Kind == fact.String && first.Secret == nil && strings.HasSuffix(first.Text, ".py"):
			return objectOf(pathOf(baseDirectory))
		case first.Kind == fact.String && first.Secret == nil:
			out := pathOf(first.Text)
			for _, v := range args.values()[1:] {
				out = joinPath(out, v)
			}
			return objectOf(derived(out, first, out))
		}
		return objectOf(first)
	case "os.path.join", "posixpath.join":
		return objectOf(joined_(args.values()))
	case "os.path.dirname", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.getcwd", "os.path.split":
		if first := args.value(0); first != nil && first.Env != nil {
			return objectOf(first)
		}
		return objectOf(pathOf(baseDirectory))
	case "os.path.exists", "os.path.isfile", "os.path.isdir":
		return objectOf(fact.Missed("whether a file is there"))
	case "os.fspath", "django.utils.translation.gettext_lazy", "django.utils.translation.gettext", "django.utils.translation.ugettext_lazy",
		"django.urls.reverse_lazy", "django.utils.functional.lazy", "typing.cast":
		if v := args.value(len(args.positional) - 1); v != nil && len(args.positional) > 0 {
			return objectOf(v)
		}
	case "copy.copy", "copy.deepcopy":
		if first := args.value(0); first != nil {
			return objectOf(copied(first, name == "copy.deepcopy", maxNesting))
		}
	case "json.loads", "ast.literal_eval", "yaml.safe_load":
		if first := args.value(0); first != nil {
			return objectOf(cast(fact.Map(first, decoded), "json"))
		}
	case "json.load", "yaml.load", "toml.load", "tomllib.load", "tomli.load", "pickle.load":
		return objectOf(fact.Missed(fileContent))
	case "builtins.next":
		if first := args.value(0); first != nil && len(args.positional) == 2 {
			if items, ok := elementsOf(first); ok && len(items) > 0 {
				return objectOf(items[0])
			} else if ok {
				return args.positional[1]
			}
		}
	case "warnings.warn", "logging.warning", "builtins.print", "os.environ.setdefault":
		return objectOf(fact.None())
	}
	i.handedNames(args, name)
	v := &fact.Value{Kind: fact.Object, Text: strings.TrimPrefix(name, "builtins."), Items: args.values()}
	for _, key := range sortedKeys(args.keywords) {
		v.Entries = append(v.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
	}
	return objectOf(i.guessed(f, n.Child(python.RoleFunction), args, v))
}
