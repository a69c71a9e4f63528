package django

import (
	"path"
	"regexp"
	"strings"
)

const (
	// maxEvidence is the size in bytes up to which a file is read for evidence:
	// lock files of large projects have 2 MiB, what is larger is data.
	maxEvidence = 4 << 20
	// maxEvidenceLine is the longest line that is looked at; nobody writes a
	// longer one by hand.
	maxEvidenceLine = 4096
	// maxJoined bounds how many lines that end in a backslash are one command.
	maxJoined = 64
)

// reader reads one file into marks.
type reader struct {
	kind  FileKind
	path  string
	lines []string
	marks []Mark
	seen  map[Mark]bool
	// stage is that of the part of the file that is read.
	stage Stage
}

// readEvidence reads a file of evidence.
func readEvidence(name string, content []byte) Evidence {
	kind := kindOf(name)
	e := Evidence{Kind: kind, Stage: stageOf(kind, name)}
	if len(content) > maxEvidence {
		content = content[:maxEvidence]
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	r := &reader{kind: kind, path: name, lines: strings.Split(text, "\n"), seen: make(map[Mark]bool)}
	switch kind {
	case kindRequirements:
		r.requirements()
	case kindPipfile:
		r.pipfile()
	case kindLock:
		r.lock()
	case kindProject:
		r.project()
	case kindSetup:
		r.setup()
	case kindProxy:
		r.proxyFile()
	case kindTerraform:
		r.variables()
		r.proxies()
	default:
		r.variables()
		r.commands()
		r.proxies()
	}
	e.Marks = r.marks
	return e
}

// mark keeps a mark unless the same is there already or there are too many.
func (r *reader) mark(kind MarkKind, name, detail string, line int) {
	if len(r.marks) >= maxMarks || !plain(name) || !plain(detail) {
		return
	}
	m := Mark{Kind: kind, Name: name, Detail: detail, Stage: r.stage}
	if r.seen[m] {
		return
	}
	r.seen[m] = true
	m.Line = line
	r.marks = append(r.marks, m)
}

// line returns a line that is not empty, not a comment and not too long.
func (r *reader) line(i int) (string, bool) {
	if i >= len(r.lines) || len(r.lines[i]) > maxEvidenceLine {
		return "", false
	}
	l := strings.TrimSpace(r.lines[i])
	if l == "" || l[0] == '#' || l[0] == ';' || strings.HasPrefix(l, "//") || strings.HasPrefix(l, "REM ") {
		return "", false
	}
	return l, true
}

// variablePattern finds a variable that names a settings module or class, and
// what it is given: NAME=x, NAME: x, NAME "x", NAME=${OTHER:-x}.
var variablePattern = regexp.MustCompile(`DJANGO_(SETTINGS_MODULE|CONFIGURATION)\b["'\]]*[ \t]*(=>|:=|\?=|[=:,]|[ \t])?[ \t]*["'(]*(?:\$\{[A-Za-z_][A-Za-z0-9_]*:?-)?["']?([A-Za-z_][A-Za-z0-9_.]*)?`)

// valuePattern finds the value that stands on a line of its own after the name,
// as in the manifests of Kubernetes and ECS.
var valuePattern = regexp.MustCompile(`^[\s{,-]*["']?(?i:value|default)["']?\s*[:=]\s*["']?([A-Za-z_][A-Za-z0-9_.]*)["']?`)

// optionPattern finds options that name a settings module or class.
var optionPattern = regexp.MustCompile(`(?:^|[\s"',\[])(--settings|--ds|--configuration|--dc)(?:=|["',\s]+)["']?(?:\$\{[A-Za-z_][A-Za-z0-9_]*:?-)?([A-Za-z_][A-Za-z0-9_.]*)`)

// variables marks the settings modules and classes that are named.
func (r *reader) variables() {
	// building is true within a RUN, whose variables hold while an image is built;
	// comments may stand between its lines.
	building, continued := false, false
	for i := range r.lines {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		r.buildStage(l)
		if r.kind == kindDockerfile {
			building = building && continued || strings.HasPrefix(l, "RUN ")
			continued = strings.HasSuffix(l, `\`)
			if building {
				continue
			}
		}
		r.unsafeVariables(l, i)
		if !strings.Contains(l, "DJANGO_") && !strings.Contains(l, "--") {
			continue
		}
		for _, m := range variablePattern.FindAllStringSubmatch(l, -1) {
			value := m[3]
			if value == "" || value == "value" || value == "default" {
				value = r.valueNear(i)
			}
			if given := strings.ContainsAny(m[2], "=:"); given && identifier(value) && m[1] != "CONFIGURATION" {
				r.mark(MarkSettings, value, "", i+1)
			} else {
				r.setting(m[1] == "CONFIGURATION", value, i+1)
			}
		}
		for _, m := range optionPattern.FindAllStringSubmatch(l, -1) {
			r.setting(m[1] == "--configuration" || m[1] == "--dc", m[2], i+1)
		}
	}
	r.stage = ""
}

// valueNear returns the value that one of the next lines gives.
func (r *reader) valueNear(i int) string {
	if m := inlineValue.FindStringSubmatch(r.lines[i]); m != nil {
		return m[1]
	}
	for j := i + 1; j <= i+maxApart && j < len(r.lines); j++ {
		if len(r.lines[j]) > maxEvidenceLine {
			return ""
		}
		if m := valuePattern.FindStringSubmatch(r.lines[j]); m != nil {
			return m[1]
		}
		if nextEntry.MatchString(r.lines[j]) {
			return ""
		}
	}
	return ""
}

// maxApart is how many lines may lie between a name and its value: platforms put
// a scope and a type there.
const maxApart = 4

// nextEntry is a line on which another variable begins.
var nextEntry = regexp.MustCompile(`^\s*(?:-|["']?(?i:name|key)["']?\s*[:=])`)

// inlineValue is a value after the name on the same line, as in
// {"name": "DJANGO_SETTINGS_MODULE", "value": "x"}.
var inlineValue = regexp.MustCompile(`(?i)["'\s,{](?:value|default)["']?\s*[:=]\s*["']?([A-Za-z_][A-Za-z0-9_.]*)["']?`)

func (r *reader) setting(class bool, value string, line int) {
	value = strings.TrimRight(value, ".")
	switch {
	case value == "":
	case class && !strings.Contains(value, "."):
		r.mark(MarkConfiguration, value, "", line)
	case !class && isModule(value):
		r.mark(MarkSettings, value, "", line)
	}
}

// isModule reports whether s is the dotted name of a module that could hold
// settings. Names of one word are taken only where they say so: a word after
// the name of the variable may be anything.
func isModule(s string) bool {
	if s == "" || strings.HasSuffix(s, ".py") && strings.Count(s, ".") == 1 {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || part[0] >= '0' && part[0] <= '9' {
			return false
		}
	}
	if strings.Contains(s, ".") {
		return true
	}
	return strings.Contains(strings.ToLower(s), "settings") && s != "DJANGO_SETTINGS_MODULE"
}

// stagePattern finds the name of a build stage.
var stagePattern = regexp.MustCompile(`(?i)^FROM\s+(?:--platform=\S+\s+)?\S+(?:\s+AS\s+(\S+))?`)

// buildStage notes which stage of a Dockerfile the following lines are in.
func (r *reader) buildStage(line string) {
	if r.kind != kindDockerfile {
		return
	}
	if m := stagePattern.FindStringSubmatch(line); m != nil {
		r.stage = stageOfTokens(tokensOf(m[1]))
	}
}

// base is the file's own name, in lower case.
func (r *reader) base() string { return strings.ToLower(path.Base(r.path)) }
