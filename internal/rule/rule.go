// Package rule holds what a rule is: data that says what is wrong, where to say
// it and how to mend it. Conditions are CEL expressions over facts, in which
// what a fact does not decide stays undecided, so that a rule never takes "not
// known" for "no".
package rule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// Rule is one rule of the catalogue. It is immutable.
type Rule struct {
	// ID is family/name, named after the thing and its defect.
	ID, Title, Family string
	// Quality is the ISO/IEC 25010 attribute it is about.
	Quality  string
	Severity finding.Severity
	// SeverityWhen is tried in order; the first that holds replaces Severity.
	SeverityWhen []SeverityCase
	// For is the kind of subject it is evaluated on: ForSettings or ForProject.
	// It is empty for a rule with a Finder.
	For string
	// Uses are patterns of names whose use in the code matters to the rule.
	Uses []string
	// Absent is true for a rule about something that is missing.
	Absent bool
	// Finder is the engine that makes its findings in the place of a condition.
	Finder string
	// Condition and Each are the sources of expressions, for the rule's page.
	// Each is empty for a rule that is evaluated once.
	Condition, Each string
	// Why is one paragraph on what goes wrong; Fix are the steps, first first.
	Why string
	Fix []string
	// References are the documents the rule rests on.
	References []string
	// Since is the version of lintel that has it first.
	Since string
	// Edit is how the defect can be mended in one line, or nil.
	Edit *Edit
	// Origin is where the rule comes from, Path its file there.
	Origin, Path string
	// Examples are the cases that are its tests; nil when it has none.
	Examples *Examples

	program program
}

// SeverityCase is a severity and when it holds.
type SeverityCase struct {
	// When is the source of the expression.
	When     string
	Severity finding.Severity

	program expression
}

// The kinds of subjects.
const (
	// ForSettings: each settings module that production loads.
	ForSettings = "settings"
	// ForProject: the project, once.
	ForProject = "project"
)

// Edit mends a defect on one line. Exactly one of its ways is set.
type Edit struct {
	// Value replaces the text of the value that the finding is about.
	Value string
	// EnvName and EnvCast replace it by reading that variable.
	EnvName, EnvCast string
	// Entry is added to the dict that the finding is about.
	Entry string
}

// Problem is a mistake in a rule. Line and Column are 1-based, zero where the
// file as a whole is meant.
type Problem struct {
	Path         string
	Line, Column int
	Message      string
}

func (p *Problem) Error() string {
	switch {
	case p.Line == 0:
		return fmt.Sprintf("%s: %s", p.Path, p.Message)
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
}

// Catalogue is a set of rules with an id each. It is immutable and safe for
// concurrent use.
type Catalogue struct {
	rules []*Rule
	byID  map[string]*Rule
}

// NewCatalogue joins lists of rules. An id that is there twice is an error.
func NewCatalogue(lists ...[]*Rule) (*Catalogue, error) {
	c := &Catalogue{byID: make(map[string]*Rule)}
	var problems []error
	for _, list := range lists {
		for _, r := range list {
			if other, taken := c.byID[r.ID]; taken {
				problems = append(problems, &Problem{Path: r.Path, Message: fmt.Sprintf("the id %s is taken by %s of the %s", r.ID, other.Path, other.Origin)})
				continue
			}
			c.byID[r.ID] = r
			c.rules = append(c.rules, r)
		}
	}
	slices.SortFunc(c.rules, func(a, b *Rule) int { return cmp.Compare(a.ID, b.ID) })
	return c, errors.Join(problems...)
}

// Rules returns all rules, sorted by id.
func (c *Catalogue) Rules() []*Rule { return c.rules }

// Rule returns the rule with an id.
func (c *Catalogue) Rule(id string) (*Rule, bool) {
	r, ok := c.byID[id]
	return r, ok
}

// Nearest returns the id that is most like a misspelt one, or nothing.
func (c *Catalogue) Nearest(id string) string {
	ids := make([]string, len(c.rules))
	for i, r := range c.rules {
		ids[i] = r.ID
		if _, name, _ := strings.Cut(r.ID, "/"); name == id {
			return r.ID
		}
	}
	return nearest(id, ids)
}

// nearest returns the word that takes the fewest edits, if they are few.
func nearest(word string, words []string) string {
	best, distance := "", len(word)/2+1
	for _, w := range words {
		if d := editDistance(word, w); d < distance {
			best, distance = w, d
		}
	}
	return best
}

// maxWord bounds the words whose distance is computed.
const maxWord = 100

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	if len(a) > maxWord || len(b) > maxWord {
		return maxWord
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			before, row[j] = row[j], min(row[j]+1, row[j-1]+1, before+cost)
		}
	}
	return row[len(b)]
}
