package secrets

import (
	"path"
	"strings"
)

// place says what a file is for, as far as its path tells. The same literal
// is a leak in one place and a sample in another.
type place int

const (
	placeSource place = iota
	// placeDevelopment is configuration of a developer's own machine.
	placeDevelopment
	// placeExample is documentation, examples and templates to fill in.
	placeExample
	// placeTest is tests, fixtures and what runs only with them.
	placeTest
	// placeGenerated is minified or bundled code.
	placeGenerated
	// placeLock is lock files and lists of checksums: only URLs are read.
	placeLock
)

// placeOf judges a path by its directories and its base name.
func placeOf(filePath string) place {
	lower := strings.ToLower(filePath)
	base := path.Base(lower)
	switch {
	case lockFile(base):
		return placeLock
	case strings.Contains("/"+lower, "/node_modules/") || strings.Contains("/"+lower, "/bower_components/"):
		// Other people's published code: what it holds is known to everybody.
		return placeExample
	case generatedFile(base):
		return placeGenerated
	}
	dirs := strings.Split(path.Dir(lower), "/")
	switch {
	case testFile(base) || anyIn(dirs, testDirectories):
		return placeTest
	case exampleFile(base) || anyIn(dirs, exampleDirectories):
		return placeExample
	case developmentFile(base) || anyIn(dirs, developmentDirectories):
		return placeDevelopment
	}
	return placeSource
}

func anyIn(parts []string, words map[string]bool) bool {
	for _, p := range parts {
		if words[p] {
			return true
		}
	}
	return false
}

func lockFile(base string) bool {
	switch base {
	case "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "pipfile.lock",
		"uv.lock", "pdm.lock", "cargo.lock", "composer.lock", "gemfile.lock", "go.sum", "deno.lock", "bun.lock",
		"flake.lock", "gradle.lockfile", "packages.lock.json", "podfile.lock", ".terraform.lock.hcl",
		"verification-metadata.xml", ".secrets.baseline":
		return true
	}
	return strings.HasSuffix(base, ".sha256") || strings.HasSuffix(base, ".sha512") || strings.HasSuffix(base, ".md5") ||
		base == "sha256sums" || base == "checksums.txt"
}

func generatedFile(base string) bool {
	for _, suffix := range []string{".min.js", ".min.css", ".map", ".bundle.js", ".chunk.js", ".min.mjs", ".svg"} {
		if strings.HasSuffix(base, suffix) {
			return true
		}
	}
	return false
}

var testDirectories = set("test", "tests", "testing", "testdata", "test_data", "test-data", "fixtures", "fixture", "__tests__",
	"__mocks__", "mocks", "spec", "specs", "e2e", "cypress", "cassettes", "unittests", "integration_tests",
	"test_utils", "testutils", "functional_tests", "playwright", "acceptance")

func testFile(base string) bool {
	stem, _, _ := strings.Cut(base, ".")
	for _, word := range []string{"test", "tests", "testing", "conftest", "factories", "spec"} {
		if stem == word || strings.HasPrefix(stem, word+"_") && word != "spec" || strings.HasSuffix(stem, "_"+word) ||
			strings.HasSuffix(stem, "-"+word) || strings.HasPrefix(stem, word+"-") && word == "test" {
			return true
		}
	}
	return strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") || strings.HasSuffix(base, ".test") ||
		base == "pytest.ini" || base == "tox.ini" || strings.HasSuffix(base, "_test.go") ||
		strings.HasSuffix(base, ".snap") || strings.Contains(base, "fixture") || strings.Contains(base, "mock")
}

var exampleDirectories = set("docs", "doc", "documentation", "example", "examples", "sample", "samples", "demo", "demos",
	"tutorial", "tutorials", "cookiecutter", "templates_example", "locale", "locales", "i18n", "translations")

func exampleFile(base string) bool {
	for _, ext := range []string{".md", ".rst", ".adoc", ".po", ".pot", ".txt.in"} {
		if strings.HasSuffix(base, ext) {
			return true
		}
	}
	for _, word := range strings.FieldsFunc(base, func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
		switch word {
		case "example", "examples", "sample", "samples", "template", "tmpl", "dist", "default", "defaults", "demo", "tpl",
			"changelog", "readme":
			return true
		}
	}
	return false
}

var developmentDirectories = set(".devcontainer", "devcontainer", "vagrant", ".local", "local", "dev", "development", "sandbox", "localdev", "docker-dev", ".vscode",
	".idea")

func developmentFile(base string) bool {
	for _, word := range strings.FieldsFunc(base, func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
		switch word {
		case "local", "dev", "develop", "development", "debug", "devstack", "sandbox", "override", "vagrantfile", "localhost", "devel":
			return true
		}
	}
	return false
}

// syntaxKind says how a file writes its assignments.
type syntaxKind int

const (
	// syntaxCode has quoted strings; what is not quoted is a reference.
	syntaxCode syntaxKind = iota
	// syntaxYAML, syntaxLines (.env, INI, properties) and syntaxShell have values without quotes.
	syntaxYAML
	syntaxLines
	syntaxShell
	syntaxDockerfile
	// syntaxHCL is code whose heredocs may hold shell.
	syntaxHCL
	// syntaxProse is text with snippets of anything in it.
	syntaxProse
	// syntaxData is JSON and the like: quoted strings, nobody's source code.
	syntaxData
)

// syntaxOf picks by name; a file without a telling name goes by its first line.
func syntaxOf(filePath, text string) syntaxKind {
	base := strings.ToLower(path.Base(filePath))
	if strings.HasPrefix(base, "dockerfile") || strings.HasSuffix(base, ".dockerfile") || strings.HasPrefix(base, "containerfile") {
		return syntaxDockerfile
	}
	ext := extension(filePath)
	for _, suffix := range []string{"example", "sample", "template", "dist", "default", "tmpl", "tpl", "j2", "in", "bak", "orig", "old"} {
		if ext == suffix && strings.Count(base, ".") > 1 {
			return syntaxOf(strings.TrimSuffix(filePath, path.Ext(filePath)), text)
		}
	}
	switch ext {
	case "yml", "yaml":
		return syntaxYAML
	case "env", "ini", "cfg", "conf", "properties", "service", "envrc", "npmrc", "pypirc", "netrc", "pgpass", "list", "cnf", "desktop", "flaskenv":
		return syntaxLines
	case "sh", "bash", "zsh", "ksh", "bat", "ps1", "fish", "profile", "bashrc", "zshrc", "mk", "make":
		return syntaxShell
	case "tf", "tfvars", "hcl", "tofu", "tfstate", "nomad":
		return syntaxHCL
	case "md", "rst", "txt", "adoc", "html", "htm", "ipynb", "po", "pot", "tex", "csv", "log", "svg":
		return syntaxProse
	case "json", "json5", "jsonc", "toml", "xml", "plist", "lock":
		return syntaxData
	case "py", "pyi", "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "rb", "go", "java", "kt", "php", "cs", "rs", "c", "h", "cpp", "hpp", "swift", "scala", "gradle", "groovy", "lua", "r", "pl", "css", "scss", "less", "sql", "svelte", "dart", "ex", "exs":
		return syntaxCode
	}
	if strings.HasPrefix(text, "#!") {
		first, _, _ := strings.Cut(text, "\n")
		if strings.Contains(first, "sh") && !strings.Contains(first, "python") {
			return syntaxShell
		}
		return syntaxCode
	}
	switch base {
	case "license", "licence", "copying", "readme", "authors", "contributors", "changelog", "changes", "notice", "todo", "codeowners", "news":
		return syntaxProse
	case "jenkinsfile", "vagrantfile", "gemfile", "rakefile", "fastfile", "podfile":
		return syntaxCode
	}
	if ext == "" || strings.Contains(base, "env") || strings.HasPrefix(base, ".") {
		return syntaxLines
	}
	return syntaxProse
}
