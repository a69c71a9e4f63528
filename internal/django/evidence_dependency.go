package django

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// requirementPattern is a requirement of PEP 508: a name, extras, a constraint.
var requirementPattern = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[A-Za-z0-9._,\s-]*\])?\s*\(?((?:(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+\s*,?\s*)*)\)?\s*(?:[;#@\\].*|--hash.*)?$`)

// eggPattern is the name in a link to a repository or an archive.
var eggPattern = regexp.MustCompile(`[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)|^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@`)

// separatorPattern is what PEP 503 takes for one dash in the name of a distribution.
var separatorPattern = regexp.MustCompile(`[-_.]+`)

// normalise returns the name of a distribution as PEP 503 writes it.
func normalise(name string) string {
	return separatorPattern.ReplaceAllString(strings.ToLower(name), "-")
}

// requirement marks one requirement.
func (r *reader) requirement(text string, line int) {
	text = strings.TrimSpace(text)
	if m := requirementPattern.FindStringSubmatch(text); m != nil {
		constraint := strings.Join(strings.Fields(m[2]), "")
		r.mark(MarkDependency, normalise(m[1]), strings.TrimSuffix(constraint, ","), line)
	} else if m := eggPattern.FindStringSubmatch(text); m != nil {
		r.mark(MarkDependency, normalise(m[1]+m[2]), "", line)
	}
}

// groupStage says what the name of a group of dependencies tells.
func groupStage(name string) Stage {
	tokens := tokensOf(name)
	if hasAny(tokens, "dev", "development", "local", "debug") {
		return StageDevelopment
	}
	if hasAny(tokens, "test", "tests", "testing", "ci", "lint", "linting", "docs", "doc", "typing", "types", "mypy", "style", "quality", "check", "coverage", "pre", "e2e", "playwright", "tox", "pip", "tools", "benchmark") {
		return StageTest
	}
	return ""
}

// requirements reads a requirements file of pip.
func (r *reader) requirements() {
	r.stage = groupStage(strings.TrimSuffix(path.Base(r.path), path.Ext(r.path)))
	for i := range r.lines {
		if l, ok := r.line(i); ok && l[0] != '-' {
			r.requirement(l, i+1)
		} else if ok && (strings.HasPrefix(l, "-e ") || strings.HasPrefix(l, "--editable")) {
			r.requirement(l[strings.IndexAny(l, " =")+1:], i+1)
		}
	}
	r.stage = ""
}

// tomlKey is a key and the rest of its line.
var tomlKey = regexp.MustCompile(`^["']?([A-Za-z0-9._-]+)["']?\s*=\s*(.*)$`)

// quoted is a string in single or double quotes.
var quoted = regexp.MustCompile(`"([^"\\]*)"|'([^'\\]*)'`)

// versionIn is the version that a table of TOML or JSON gives.
var versionIn = regexp.MustCompile(`["']?\bversion["']?\s*[=:]\s*["']([^"']*)["']`)

// section returns the name of a table that a line of TOML or INI opens.
func section(line string) (string, bool) {
	if line[0] != '[' || !strings.Contains(line, "]") {
		return "", false
	}
	name := strings.Trim(line[:strings.LastIndexByte(line, ']')+1], "[]")
	return strings.ReplaceAll(strings.ReplaceAll(name, `"`, ""), "'", ""), true
}

// project reads pyproject.toml.
func (r *reader) project() {
	var table string
	var array bool // within a list of requirements
	for i := range r.lines {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		if array {
			r.requirementList(l, i+1)
			array = !closes(l)
			continue
		}
		if name, ok := section(l); ok {
			table = name
			continue
		}
		m := tomlKey.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		key, rest := m[1], m[2]
		if lower := strings.ToLower(key); lower == "django_settings_module" || lower == "django_configuration" {
			r.stage = StageTest // pytest-django and the plugin of mypy read it
			if q := quoted.FindStringSubmatch(rest); q != nil {
				r.setting(lower == "django_configuration", q[1]+q[2], i+1)
			}
			r.stage = ""
			continue
		}
		if strings.Contains(rest, "--ds") || strings.Contains(rest, "--settings") {
			r.stage = StageTest
			for _, o := range optionPattern.FindAllStringSubmatch(rest, -1) {
				r.setting(o[1] == "--dc" || o[1] == "--configuration", o[2], i+1)
			}
			r.stage = ""
		}
		list, stage := requirementTable(table, key)
		switch {
		case list && strings.HasPrefix(rest, "["):
			r.stage = stage
			r.requirementList(rest, i+1)
			array = !closes(rest)
		case strings.HasPrefix(table, "tool.poetry") && strings.HasSuffix(table, "dependencies"):
			r.stage = poetryStage(table)
			r.poetry(key, rest, i+1)
		}
		if !array {
			r.stage = ""
		}
	}
	r.stage = ""
}

// closes reports whether a line ends the list of strings it is part of.
func closes(line string) bool {
	return strings.Contains(quoted.ReplaceAllString(line, ""), "]")
}

// requirementTable reports whether a key of a table of pyproject.toml lists
// requirements, and where those are used.
func requirementTable(table, key string) (bool, Stage) {
	switch {
	case table == "project" && key == "dependencies":
		return true, ""
	case table == "project.optional-dependencies", table == "dependency-groups":
		return true, groupStage(key)
	case table == "tool.uv" && key == "dev-dependencies", strings.HasPrefix(table, "tool.pdm.dev-dependencies"):
		return true, StageDevelopment
	case strings.HasPrefix(table, "tool.hatch.envs.") && (key == "dependencies" || key == "extra-dependencies"):
		return true, StageTest
	}
	return false, ""
}

func poetryStage(table string) Stage {
	if table == "tool.poetry.dev-dependencies" {
		return StageDevelopment
	}
	if group, ok := strings.CutPrefix(table, "tool.poetry.group."); ok {
		return groupStage(strings.TrimSuffix(group, ".dependencies"))
	}
	return ""
}

func (r *reader) requirementList(text string, line int) {
	for _, q := range quoted.FindAllStringSubmatch(text, -1) {
		r.requirement(q[1]+q[2], line)
	}
}

// poetry marks a dependency as Poetry and Pipenv write it.
func (r *reader) poetry(name, rest string, line int) {
	if strings.EqualFold(name, "python") {
		return
	}
	var version string
	if strings.HasPrefix(rest, "{") || strings.HasPrefix(rest, "[") {
		if m := versionIn.FindStringSubmatch(rest); m != nil {
			version = m[1]
		}
	} else if q := quoted.FindStringSubmatch(rest); q != nil {
		version = q[1] + q[2]
	}
	if !constraintPattern.MatchString(version) {
		version = ""
	}
	r.mark(MarkDependency, normalise(name), strings.Join(strings.Fields(version), ""), line)
}

// constraintPattern is a constraint on a version, in the ways of PEP 440 and Poetry.
var constraintPattern = regexp.MustCompile(`^[0-9*^~<>=!][0-9A-Za-z.*^~<>=!,| +-]{0,80}$`)

// pipfile reads a Pipfile.
func (r *reader) pipfile() {
	var table string
	for i := range r.lines {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		if name, ok := section(l); ok {
			table = name
			continue
		}
		if m := tomlKey.FindStringSubmatch(l); m != nil && (table == "packages" || table == "dev-packages") {
			if table == "dev-packages" {
				r.stage = StageDevelopment
			}
			r.poetry(m[1], m[2], i+1)
			r.stage = ""
		}
	}
}

// setup reads setup.cfg.
func (r *reader) setup() {
	var table, key string
	for i := range r.lines {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		if name, ok := section(l); ok {
			table, key = name, ""
			continue
		}
		value := l
		if raw := r.lines[i]; raw[0] != ' ' && raw[0] != '\t' {
			k, v, _ := strings.Cut(l, "=")
			key, value = strings.TrimSpace(k), strings.TrimSpace(v)
		}
		switch {
		case table == "options" && key == "install_requires":
			r.requirement(value, i+1)
		case table == "options.extras_require":
			r.stage = groupStage(key)
			r.requirement(value, i+1)
		case strings.Contains(table, "pytest") || strings.Contains(table, "django"):
			r.stage = StageTest
			if lower := strings.ToLower(key); lower == "django_settings_module" || lower == "django_configuration" {
				r.setting(lower == "django_configuration", value, i+1)
			}
			for _, o := range optionPattern.FindAllStringSubmatch(value, -1) {
				r.setting(o[1] == "--dc" || o[1] == "--configuration", o[2], i+1)
			}
		}
		r.stage = ""
	}
}

// lockedName and lockedVersion are the lines of poetry.lock and uv.lock.
var (
	lockedName    = regexp.MustCompile(`^name\s*=\s*["']([^"']+)["']`)
	lockedVersion = regexp.MustCompile(`^["']?version["']?\s*[=:]\s*["'](?:==)?([0-9][0-9A-Za-z.]*)["']`)
	lockedEntry   = regexp.MustCompile(`^["']([A-Za-z0-9._-]+)["']\s*:\s*\{`)
)

// lock marks the exact versions of what rules ask for in a lock file; what else
// it lists is in the manifest or nobody's own choice.
func (r *reader) lock() {
	var name string
	for i := range r.lines {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		if m := lockedName.FindStringSubmatch(l); m != nil {
			name = normalise(m[1])
		} else if m := lockedEntry.FindStringSubmatch(l); m != nil {
			name = normalise(m[1])
		} else if m := lockedVersion.FindStringSubmatch(l); m != nil && slices.ContainsFunc(versioned(), func(d distribution) bool { return d.name == name }) {
			r.mark(MarkLocked, name, m[1], i+1)
			name = ""
		}
	}
}
