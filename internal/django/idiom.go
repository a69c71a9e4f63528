package django

import "github.com/lintel-bot/lintel/internal/python"

// EnvRead returns an expression that reads a variable from the environment in
// the way that f already has the imports for. cast is "str", "bool", "int",
// "float" or "list". ok is false when nothing is imported for it, or when it
// cannot be cast safely in that way.
func EnvRead(f *python.File, variable, cast string) (expression string, ok bool) {
	return "", false
}
