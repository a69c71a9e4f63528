package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/rule"
	"github.com/lintel-bot/lintel/internal/telemetry"
)

// rulesCommand lists, explains and tests rules, and writes their pages.
type rulesCommand struct {
	List    rulesListCommand    `cmd:"" help:"List the rules."`
	Explain rulesExplainCommand `cmd:"" help:"Explain a rule: why, fix, sources."`
	Test    rulesTestCommand    `cmd:"" help:"Run the examples of rules, which are their tests."`
	Docs    rulesDocsCommand    `cmd:"" help:"Write a page for each built-in rule."`
}

// ownCatalogue is the built-in rules with those of LINTEL_RULES_DIR.
func ownCatalogue(io console) (*rule.Catalogue, error) {
	c, err := catalogue(environment{io.lookup, os.ReadFile}.text("LINTEL_RULES_DIR", ""))
	if err != nil {
		return nil, &exitError{exitFailed, err}
	}
	return c, nil
}

// rulesListCommand prints one line a rule.
type rulesListCommand struct {
	Family string `help:"Only the rules of a family: secrets, django." placeholder:"NAME"`
	Format string `enum:"text,json" default:"text" help:"Output: ${enum}."`
}

// Run prints.
func (c *rulesListCommand) Run(io console) error {
	all, err := ownCatalogue(io)
	if err != nil {
		return err
	}
	rules := slices.DeleteFunc(slices.Clone(all.Rules()), func(r *rule.Rule) bool { return c.Family != "" && r.Family != c.Family })
	if len(rules) == 0 {
		return &exitError{exitFailed, fmt.Errorf("no rules of the family %q", c.Family)}
	}
	if c.Format == "json" {
		return listJSON(io.stdout, rules)
	}
	width := 0
	for _, r := range rules {
		width = max(width, len(r.ID))
	}
	for _, r := range rules {
		if _, err := fmt.Fprintf(io.stdout, "%-*s  %-10s  %-22s  %s\n", width, r.ID, r.Severity, r.Quality, r.Title); err != nil {
			return err
		}
	}
	return nil
}

func listJSON(out io.Writer, rules []*rule.Rule) error {
	type listed struct {
		ID         string   `json:"id"`
		Title      string   `json:"title"`
		Family     string   `json:"family"`
		Severity   string   `json:"severity"`
		Quality    string   `json:"quality"`
		Since      string   `json:"since"`
		References []string `json:"references"`
	}
	list := make([]listed, 0, len(rules))
	for _, r := range rules {
		list = append(list, listed{r.ID, r.Title, r.Family, r.Severity.String(), r.Quality, r.Since, r.References})
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

// rulesExplainCommand prints the page of a rule as text.
type rulesExplainCommand struct {
	ID string `arg:"" help:"The rule's id, such as django/debug-true."`
}

// Run prints.
func (c *rulesExplainCommand) Run(io console) error {
	all, err := ownCatalogue(io)
	if err != nil {
		return err
	}
	r, ok := all.Rule(c.ID)
	if !ok {
		if like := all.Nearest(c.ID); like != "" {
			return &exitError{exitFailed, fmt.Errorf("no rule %s; did you mean %s?", c.ID, like)}
		}
		return &exitError{exitFailed, fmt.Errorf("no rule %s: lintel rules list shows them all", c.ID)}
	}
	_, err = io.stdout.Write(rule.Page(r))
	return err
}

// rulesTestCommand runs the examples of the built-in rules, or of those in a
// folder.
type rulesTestCommand struct {
	Dir string `arg:"" optional:"" help:"A folder of rules, FAMILY/NAME.yml with examples in FAMILY/NAME.txtar. Default: the built-in rules." type:"path"`
}

// Help explains what the flags cannot.
func (rulesTestCommand) Help() string {
	return `Each rule is run over the trees in its examples, and has to say of each what
the examples expect, no more and no less. A rule without examples fails.

Exit code 2: a rule does not load, or the tests could not run; else 1: an
example failed; else 0.`
}

// Run tests and prints what differs.
func (c *rulesTestCommand) Run(ctx context.Context, io console) (err error) {
	wanted, all, err := c.rules(io)
	if err != nil {
		return &exitError{exitFailed, err}
	}
	key, err := localKey(io)
	if err != nil {
		return &exitError{exitFailed, err}
	}
	command, err := workerArguments()
	if err != nil {
		return &exitError{exitFailed, err}
	}
	analyzer, err := analysis.NewAnalyzer(analysis.PoolOptions{
		Command: command, Key: key, Catalogue: all, Logger: telemetry.NewLogger(io.stderr, slog.LevelError),
	})
	if err != nil {
		return &exitError{exitFailed, err}
	}
	defer func() { err = errors.Join(err, analyzer.Close()) }()
	tested, err := analyzer.TestRules(ctx, wanted)
	if err != nil {
		return interrupted(ctx, &exitError{exitFailed, err})
	}
	return printTested(io.stdout, tested)
}

func (c *rulesTestCommand) rules(io console) (wanted []*rule.Rule, all *rule.Catalogue, err error) {
	if c.Dir == "" {
		all, err = ownCatalogue(io)
		if err != nil {
			return nil, nil, err
		}
		return all.Rules(), all, nil
	}
	if _, err := os.Stat(c.Dir); err != nil {
		return nil, nil, err
	}
	if wanted, err = analysis.LoadRules(os.DirFS(c.Dir), "rules in "+c.Dir); err != nil {
		return nil, nil, err
	}
	if len(wanted) == 0 {
		return nil, nil, fmt.Errorf("no rules in %s: they are called FAMILY/NAME.yml", c.Dir)
	}
	all, err = analysis.Catalogue(wanted)
	return wanted, all, err
}

func printTested(out io.Writer, tested []analysis.Tested) error {
	failed, cases := 0, 0
	for _, t := range tested {
		cases += t.Cases
		if len(t.Mismatches) == 0 {
			continue
		}
		failed++
		if _, err := fmt.Fprintf(out, "FAIL %s\n    %s\n", t.Rule.ID, strings.Join(t.Mismatches, "\n    ")); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(out, "%d rules, %d cases: %d rules failed\n", len(tested), cases, failed); err != nil {
		return err
	}
	if failed > 0 {
		return &exitError{code: 1}
	}
	return nil
}

// rulesDocsCommand writes the pages of the built-in rules.
type rulesDocsCommand struct {
	Dir string `arg:"" optional:"" default:"docs/rules" help:"Where the pages go." type:"path"`
}

// Help explains what the flags cannot.
func (rulesDocsCommand) Help() string {
	return `Writes FAMILY/NAME.md for each built-in rule and an index, README.md. Pages of
rules that are no more are deleted; nothing else in the folder is touched.`
}

// Run writes.
func (c *rulesDocsCommand) Run(io console) error {
	all, err := analysis.Catalogue()
	if err != nil {
		return &exitError{exitFailed, err}
	}
	pages := rulePages(all)
	written, err := writePages(c.Dir, pages)
	if err != nil {
		return &exitError{exitFailed, fmt.Errorf("write the pages: %w", err)}
	}
	_, err = fmt.Fprintf(io.stdout, "%d pages in %s, %d of them changed\n", len(pages), c.Dir, written)
	return err
}

// rulePages are the pages of a catalogue by their paths.
func rulePages(c *rule.Catalogue) map[string][]byte {
	pages := map[string][]byte{"README.md": rule.Index(c.Rules())}
	for _, r := range c.Rules() {
		pages[r.ID+".md"] = rule.Page(r)
	}
	return pages
}

// writePages writes what changed and deletes the pages of families that no rule
// has any more.
func writePages(dir string, pages map[string][]byte) (written int, err error) {
	families := make(map[string]bool)
	for name, page := range pages {
		path := filepath.Join(dir, filepath.FromSlash(name))
		families[filepath.Dir(path)] = true
		if old, err := os.ReadFile(path); err == nil && string(old) == string(page) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return written, err
		}
		if err := os.WriteFile(path, page, 0o644); err != nil {
			return written, err
		}
		written++
	}
	for family := range families {
		if family == dir {
			continue
		}
		entries, err := os.ReadDir(family)
		if err != nil {
			return written, err
		}
		for _, e := range entries {
			name := filepath.Base(family) + "/" + e.Name()
			if _, current := pages[name]; !current && filepath.Ext(e.Name()) == ".md" {
				if err := os.Remove(filepath.Join(family, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return written, err
				}
			}
		}
	}
	return written, nil
}
