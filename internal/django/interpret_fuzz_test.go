package django

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzInterpret: any source is settings that end, in time and without a panic.
func FuzzInterpret(f *testing.F) {
	paths, err := filepath.Glob("testdata/interpret/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(data).Files {
			f.Add(string(file.Data), "X = 1\n")
		}
	}
	f.Add("f = lambda g: g(g)\nX = f(f)\n", "from settings import *\n")
	f.Add("X = [1]\nfor x in X:\n    X += X\n", "")
	f.Add("X = 'a'\nwhile X: X += X\nfor i in [1]*9: X = X + X\n", "")
	f.Fuzz(func(t *testing.T, one, two string) {
		for _, leaf := range []string{"settings", "settings:Production"} {
			interpreted(t, map[string]string{"settings.py": one, "base.py": two, "manage.py": ""}, leaf)
		}
	})
}
