package django

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Evidence is what a file that is no Python tells of how the project runs. It
// holds names only, never the values of variables.
type Evidence struct {
	// Kind is the kind of the file.
	Kind FileKind
	// Stage says where the file is used, as far as its path tells.
	Stage Stage
	// Marks are what was found, in the order of the file.
	Marks []Mark
}

// FileKind says what a file of evidence is.
type FileKind string

// Stage says where something is used; empty when that is not known.
type Stage string

// The stages.
const (
	StageProduction  Stage = "production"
	StageDevelopment Stage = "development"
	StageTest        Stage = "test"
	StageExample     Stage = "example"
)

// MarkKind says what a Mark is.
type MarkKind string

// The kinds of marks.
const (
	// MarkSettings names a settings module: DJANGO_SETTINGS_MODULE or --settings.
	MarkSettings MarkKind = "settings"
	// MarkConfiguration names a class: DJANGO_CONFIGURATION or --configuration.
	MarkConfiguration MarkKind = "configuration"
	// MarkCommand names a management command that is run: "runserver".
	MarkCommand MarkKind = "command"
	// MarkServer names a server that is run; Detail is the module it serves.
	MarkServer MarkKind = "server"
	// MarkCelery is a Celery process; Name is the module of its application.
	MarkCelery MarkKind = "celery"
	// MarkDependency names a distribution, normalised; Detail is its constraint.
	MarkDependency MarkKind = "dependency"
	// MarkLocked names a distribution in a lock file; Detail is its version.
	MarkLocked MarkKind = "locked"
	// MarkProxy names something that ends TLS before Django.
	MarkProxy MarkKind = "proxy"
	// MarkPool names a connection pooler between Django and its database.
	MarkPool MarkKind = "pool"
	// MarkVariable names a variable that gives up a protection; Detail is what it
	// is given.
	MarkVariable MarkKind = "variable"
)

// Mark is one thing that a file tells.
type Mark struct {
	Kind   MarkKind `json:"kind"`
	Name   string   `json:"name,omitempty"`
	Detail string   `json:"detail,omitempty"`
	// Line is 1-based.
	Line int `json:"line"`
	// Stage is set where the file says it of this mark alone: a dependency of the
	// group "dev", a build stage "test".
	Stage Stage `json:"stage,omitempty"`
}

// IsEvidence reports whether a file that is no Python may tell how the project
// runs, by its path.
func IsEvidence(path string) bool { return kindOf(path) != "" }

// ReadEvidence reads a file that IsEvidence names and returns its Evidence,
// encoded. Content that is malformed gives what can be read of it.
func ReadEvidence(ctx context.Context, path string, content []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return encodeEvidence(readEvidence(path, content))
}

// DecodeEvidence reads what ReadEvidence returned.
func DecodeEvidence(data []byte) (Evidence, error) {
	var e Evidence
	if err := json.Unmarshal(data, &e); err != nil {
		return Evidence{}, fmt.Errorf("decode evidence: %w", err)
	}
	if err := e.check(); err != nil {
		return Evidence{}, fmt.Errorf("decode evidence: %w", err)
	}
	return e, nil
}

func encodeEvidence(e Evidence) ([]byte, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	return data, nil
}

// check holds e to what readEvidence can return, since it comes from a cache.
func (e Evidence) check() error {
	switch e.Kind {
	case kindDockerfile, kindCompose, kindProcfile, kindManifest, kindService, kindShell, kindVariables, kindWorkflow, kindMake, kindPlatform,
		kindTerraform, kindProxy, kindPackage, kindTest, kindSetup, kindProject, kindRequirements, kindPipfile, kindLock:
	default:
		return errors.New("a file of no kind")
	}
	if len(e.Marks) > maxMarks {
		return errors.New("too many marks")
	}
	if !e.Stage.valid() {
		return errors.New("a file of no stage")
	}
	for _, m := range e.Marks {
		switch m.Kind {
		case MarkSettings, MarkConfiguration, MarkCommand, MarkServer, MarkCelery, MarkDependency, MarkLocked, MarkProxy, MarkPool, MarkVariable:
		default:
			return errors.New("a mark of no kind")
		}
		if m.Line < 1 || !m.Stage.valid() || !plain(m.Name) || !plain(m.Detail) {
			return errors.New("a mark out of bounds")
		}
	}
	return nil
}

func (s Stage) valid() bool {
	switch s {
	case "", StageProduction, StageDevelopment, StageTest, StageExample:
		return true
	}
	return false
}

// plain reports whether a name is one that marks have: short, and without
// anything that names do not have.
func plain(name string) bool {
	return len(name) <= maxName && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' })
}

const (
	// maxMarks bounds what one file tells: the longest requirements files have
	// some hundred lines, a bundled package manifest has more than anyone reads.
	maxMarks = 2000
	// maxName bounds a name: the longest file name of most systems.
	maxName = 255
)
