package django

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// serverOf returns the server that a word of a command runs.
func serverOf(word string) string {
	switch base := path.Base(word); base {
	case "gunicorn", "uvicorn", "daphne", "hypercorn", "uwsgi", "granian", "chaussette", "nginx-unit", "unitd":
		return base
	case "waitress-serve", "waitress":
		return "waitress"
	case "mod_wsgi-express":
		return "mod_wsgi"
	}
	return ""
}

// commands marks what is run: servers, management commands, Celery.
func (r *reader) commands() {
	for i := 0; i < len(r.lines); i++ {
		l, ok := r.line(i)
		if !ok {
			continue
		}
		r.buildStage(l)
		first := i
		for n := 0; strings.HasSuffix(l, `\`) && i+1 < len(r.lines) && n < maxJoined; n++ {
			i++
			next, ok := r.line(i)
			if !ok && strings.TrimSpace(r.lines[i]) != "" {
				continue // a comment between the lines of a command
			}
			l = strings.TrimSuffix(l, `\`) + " " + next
		}
		if r.kind == kindService {
			r.serviceLine(l, first+1)
		}
		r.command(l, first+1)
	}
	r.stage = ""
}

// separators are what stands between the words of a command in the many ways to
// write one: a shell, a list of JSON or YAML, a value of INI.
var separators = strings.NewReplacer(`"`, " ", "'", " ", ",", " ", "[", " ", "]", " ", "`", " ", "\t", " ", ";", " ; ", "&&", " ; ", "||", " ; ", "|", " ; ", "(", " ", ")", " ")

// installs are commands whose arguments are what they install.
var installs = regexp.MustCompile(`\b(?:pip3?|pipx|apt|apt-get|apk|yum|dnf|poetry|conda|uv|pdm|npm|yarn)\s+(?:-\S+\s+)*(?:install|add|pip|i)\b|^(?:image|container_name|FROM|COPY|ADD|RUN mkdir)\b`)

// command marks what one line of commands runs.
func (r *reader) command(line string, at int) {
	words := strings.Fields(separators.Replace(line))
	start := 0
	for i := 0; i <= len(words); i++ {
		if i == len(words) || words[i] == ";" {
			if part := words[start:i]; len(part) > 0 && !installs.MatchString(strings.Join(part, " ")) {
				r.words(part, at)
			}
			start = i + 1
		}
	}
}

// words marks what one command runs.
func (r *reader) words(words []string, at int) {
	for i, w := range words {
		rest := words[i+1:]
		base := path.Base(w)
		switch {
		case serverOf(w) != "":
			target := targetOf(rest)
			if target != "" || runs(words, i) {
				r.server(serverOf(w), target, rest, at)
				return
			}
		case base == "celery" && (len(rest) > 0 || i == 0):
			if app := celeryOf(rest); app != "" || slices.ContainsFunc(rest, func(w string) bool { return w == "worker" || w == "beat" }) {
				r.mark(MarkCelery, app, "", at)
				return
			}
		case base == "manage.py", base == "django-admin", base == "django-admin.py", base == "django" && i > 0 && words[i-1] == "-m":
			if name := managementCommand(rest); name != "" {
				r.mark(MarkCommand, name, "", at)
				if name == "runserver" {
					r.mark(MarkServer, "runserver", "", at)
				}
				return
			}
		}
	}
}

// runs reports whether the word at i is what the command runs: the first word
// but for keys, variables and programs that run another.
func runs(words []string, i int) bool {
	for _, w := range words[:i] {
		switch {
		case strings.HasSuffix(w, ":"), strings.HasSuffix(w, "="), strings.Contains(w, "="), w == "-", w == "exec", w == "run", w == "CMD", w == "ENTRYPOINT", w == "-m", w == "-c":
		case slices.Contains([]string{"python", "python3", "poetry", "uv", "pipenv", "newrelic-admin", "run-program", "ddtrace-run", "opentelemetry-instrument", "sh", "bash", "/bin/sh", "/bin/bash", "sudo", "nohup", "time", "tini", "--", "start-server"}, path.Base(w)), strings.HasPrefix(w, "-"):
		default:
			return false
		}
	}
	// A server alone, as the name of a service or an item of a list, is no command.
	return i+1 < len(words) && strings.HasPrefix(words[i+1], "-") || i > 0 && (words[0] == "CMD" || words[0] == "exec" || words[0] == "ENTRYPOINT" || strings.HasPrefix(words[0], "command"))
}

func (r *reader) server(name, target string, rest []string, at int) {
	if i := slices.Index(rest, "--interface"); i >= 0 && i+1 < len(rest) && strings.HasPrefix(rest[i+1], "asgi") {
		target = "asgi" // what granian is told, whatever the module is called
	}
	r.mark(MarkServer, name, target, at)
	for _, w := range rest {
		if strings.Contains(w, "uvicorn.workers") || strings.Contains(w, "uvicorn_worker") {
			r.mark(MarkServer, "uvicorn", target, at)
		}
	}
}

// targetPattern is an application as servers take it: package.module:name.
var targetPattern = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)(:[A-Za-z_][A-Za-z0-9_.]*)?$`)

// targetOf returns the module that a server serves, from its arguments.
func targetOf(words []string) string {
	var named string
	for i, w := range words {
		if key, value, ok := strings.Cut(w, "="); ok && (key == "--module" || key == "--wsgi" || key == "module") {
			w = value
		}
		if i > 0 && (words[i-1] == "--interface" || words[i-1] == "--user" || words[i-1] == "--uid") || serverOf(w) != "" {
			continue
		}
		if strings.HasSuffix(w, "wsgi.py") {
			return strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(w, "./"), ".py"), "/", ".")
		}
		m := targetPattern.FindStringSubmatch(w)
		if m == nil || strings.HasPrefix(m[1], "uvicorn") {
			continue
		}
		if m[2] != "" && !isHost(m[1]) {
			return m[1]
		}
		last := m[1][strings.LastIndexByte(m[1], '.')+1:]
		if named == "" && (strings.Contains(last, "wsgi") || strings.Contains(last, "asgi")) {
			named = m[1]
		}
	}
	return named
}

// isHost reports whether the part before a colon is a host or a scheme.
func isHost(s string) bool {
	return s == "unix" || s == "http" || s == "https" || s == "localhost" || s == "tcp" || s == "fd"
}

// celeryOf returns the module of the application, from Celery's arguments.
func celeryOf(words []string) string {
	for i, w := range words {
		var app string
		switch {
		case (w == "-A" || w == "--app") && i+1 < len(words):
			app = words[i+1]
		case strings.HasPrefix(w, "--app="):
			app = strings.TrimPrefix(w, "--app=")
		case strings.HasPrefix(w, "-A") && len(w) > 2:
			app = strings.TrimPrefix(strings.TrimPrefix(w, "-A"), "=")
		}
		if m := targetPattern.FindStringSubmatch(app); m != nil {
			return m[1]
		}
	}
	return ""
}

var commandPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// managementCommand returns the command after manage.py.
func managementCommand(words []string) string {
	for i, w := range words {
		if strings.HasPrefix(w, "-") || i > 0 && (words[i-1] == "--settings" || words[i-1] == "--configuration") || strings.Contains(w, "=") {
			continue
		}
		if commandPattern.MatchString(w) {
			return w
		}
		return ""
	}
	return ""
}

// iniPattern is a line of uwsgi.ini that names what is served.
var iniPattern = regexp.MustCompile(`^(module|wsgi|wsgi-file|mount)\s*=\s*(\S+)`)

// serviceLine marks what a line of a service's file says in its own way.
func (r *reader) serviceLine(line string, at int) {
	words := tokensOf(r.base())
	if slices.Contains(words, "uwsgi") {
		if m := iniPattern.FindStringSubmatch(line); m != nil {
			value := m[2]
			if _, after, ok := strings.Cut(value, "="); ok && m[1] == "mount" {
				value = after
			}
			if target := targetOf([]string{"-w", value}); target != "" {
				r.mark(MarkServer, "uwsgi", target, at)
			} else if t := targetPattern.FindStringSubmatch(value); t != nil {
				r.mark(MarkServer, "uwsgi", t[1], at)
			}
		}
	}
	if slices.Contains(words, "pgbouncer") {
		r.mark(MarkPool, "pgbouncer", "", at)
	}
}
