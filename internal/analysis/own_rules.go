package analysis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
)

const (
	// ownRulesFolder is where a repository keeps rules of its own.
	ownRulesFolder = ".github/lintel/rules"
	// maxOwnRules bounds their number: they are loaded for each review.
	maxOwnRules = 200
	// maxOwnRuleBytes bounds one file of them.
	maxOwnRuleBytes = 64 << 10
)

// addOwnRules adds to the run the rules that the repository has on its default
// branch. Those with a mistake are named as not scanned, which blocks: a team
// that relies on a rule must not be told that all is well without it. A change
// to the rules counts once it is merged.
func (r *run) addOwnRules(ctx context.Context, result *finding.Result) error {
	if r.options.Config == "" {
		return nil
	}
	files, problems, err := r.ownRuleFiles(ctx)
	if err != nil {
		return err
	}
	own, err := LoadRules(files, "rules of the repository")
	problems = append(problems, ruleProblems(err)...)
	catalogue, err := rule.NewCatalogue(r.catalogue.Rules(), own)
	problems = append(problems, ruleProblems(err)...)
	r.catalogue = catalogue
	for _, p := range problems {
		name := ownRulesFolder
		reason := p.Message
		if p.Path != "" {
			name = path.Join(ownRulesFolder, p.Path)
		}
		if p.Line > 0 {
			reason = fmt.Sprintf("line %d: %s", p.Line, p.Message)
		}
		result.NotScanned = append(result.NotScanned, finding.NotScanned{Path: name, Reason: "not a valid rule: " + reason, Blocking: true})
	}
	return nil
}

// ownRuleFiles reads the folder of rules.
func (r *run) ownRuleFiles(ctx context.Context) (fs.FS, []*rule.Problem, error) {
	tree, err := r.source.Tree(ctx, r.options.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("list the files of %s: %w", r.options.Config, err)
	}
	files := &txtar.Archive{}
	var problems []*rule.Problem
	for _, e := range tree {
		name, ok := strings.CutPrefix(e.Path, ownRulesFolder+"/")
		if !ok || !e.Mode.Regular() || !slices.Contains([]string{".yml", ".yaml", ".txtar"}, path.Ext(name)) || !fs.ValidPath(name) {
			continue
		}
		if len(files.Files) >= 2*maxOwnRules {
			problems = append(problems, &rule.Problem{Message: fmt.Sprintf("more than %d rules", maxOwnRules)})
			break
		}
		data, size, err := r.source.ReadBlob(ctx, e.Blob, maxOwnRuleBytes)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", e.Path, err)
		}
		if size > maxOwnRuleBytes {
			problems = append(problems, &rule.Problem{Path: name, Message: fmt.Sprintf("it has more than %d KiB", maxOwnRuleBytes>>10)})
			continue
		}
		files.Files = append(files.Files, txtar.File{Name: name, Data: data})
	}
	own, err := txtar.FS(files)
	if err != nil {
		return nil, nil, fmt.Errorf("read the rules of the repository: %w", err)
	}
	return own, problems, nil
}

// ruleProblems takes joined errors apart.
func ruleProblems(err error) []*rule.Problem {
	if err == nil {
		return nil
	}
	var p *rule.Problem
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*rule.Problem
		for _, e := range joined.Unwrap() {
			out = append(out, ruleProblems(e)...)
		}
		return out
	}
	if errors.As(err, &p) {
		return []*rule.Problem{p}
	}
	return []*rule.Problem{{Message: err.Error()}}
}
