package secrets

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	gitleaks "github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/regexp"
)

// maxNewlines is how many line ends a rule may match and still be run on the
// lines around its keywords only. The rules that gitleaks generates from
// "name, operator, value" can match 9; one that can match more sees the file.
const maxNewlines = 12

// scopeFile is the value of "scope" that runs a rule on the whole file.
const scopeFile = "file"

// ruleSet is the parsed and compiled catalogue: rules that are run on the
// lines around their keywords, and rules that need the whole file.
type ruleSet struct {
	near, whole gitleaks.Config
	// reach holds, per keyword of near, how many lines away from it a match of
	// its rules can begin or end.
	reach map[string]int
	// loose holds the ids of rules that only know a length and an alphabet
	// beside the name of a service, so that their matches are judged like
	// assignments.
	loose map[string]bool
	// marked holds the loose rules whose provider puts something into its values
	// that tells them from any other text; see hasMark.
	marked map[string]bool
}

type tomlAllowlist struct {
	Description string   `toml:"description"`
	Condition   string   `toml:"condition"`
	Commits     []string `toml:"commits"`
	Paths       []string `toml:"paths"`
	RegexTarget string   `toml:"regexTarget"`
	Regexes     []string `toml:"regexes"`
	StopWords   []string `toml:"stopwords"`
	TargetRules []string `toml:"targetRules"`
}

type tomlRule struct {
	ID          string          `toml:"id"`
	Description string          `toml:"description"`
	Path        string          `toml:"path"`
	Regex       string          `toml:"regex"`
	SecretGroup int             `toml:"secretGroup"`
	Entropy     float64         `toml:"entropy"`
	Keywords    []string        `toml:"keywords"`
	Tags        []string        `toml:"tags"`
	Allowlists  []tomlAllowlist `toml:"allowlists"`
	Scope       string          `toml:"scope"`
}

type tomlBase struct {
	Title      string        `toml:"title"`
	MinVersion string        `toml:"minVersion"`
	AllowList  tomlAllowlist `toml:"allowlist"`
	Rules      []tomlRule    `toml:"rules"`
}

type tomlOverlay struct {
	Drop []struct {
		IDs    []string `toml:"ids"`
		Reason string   `toml:"reason"`
	} `toml:"drop"`
	Change []struct {
		ID       string   `toml:"id"`
		Regex    string   `toml:"regex"`
		Keywords []string `toml:"keywords"`
		Entropy  *float64 `toml:"entropy"`
		Scope    string   `toml:"scope"`
		Reason   string   `toml:"reason"`
	} `toml:"change"`
	Rules []tomlRule `toml:"rules"`
}

// parseRules lays overlay over base, both TOML, and compiles the result. It
// never goes through gitleaks' own loader: that one keeps a package counter
// that makes the third load lose every default rule, reads files named by
// extend.path, uses the global viper and panics on a bad pattern.
func parseRules(base, overlay string) (*ruleSet, error) {
	var b tomlBase
	if err := decodeStrict(base, &b); err != nil {
		return nil, fmt.Errorf("parsing the default rules: %w", err)
	}
	var o tomlOverlay
	if err := decodeStrict(overlay, &o); err != nil {
		return nil, fmt.Errorf("parsing the rule overlay: %w", err)
	}
	rules, err := merge(b.Rules, o)
	if err != nil {
		return nil, fmt.Errorf("merging the rule overlay: %w", err)
	}
	return compileRules(rules)
}

func decodeStrict(text string, into any) error {
	err := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(into)
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		return fmt.Errorf("unknown key %q", strings.Join(strict.Errors[0].Key(), "."))
	}
	return err
}

// merge applies drops, changes and additions. Naming a rule that does not
// exist is an error: a change that silently does nothing is a hole.
func merge(rules []tomlRule, o tomlOverlay) ([]tomlRule, error) {
	index := func(id string) int {
		return slices.IndexFunc(rules, func(r tomlRule) bool { return r.ID == id })
	}
	for _, d := range o.Drop {
		if d.Reason == "" {
			return nil, fmt.Errorf("drop of %v has no reason", d.IDs)
		}
		for _, id := range d.IDs {
			i := index(id)
			if i < 0 {
				return nil, fmt.Errorf("drop of unknown rule %q", id)
			}
			rules = slices.Delete(slices.Clone(rules), i, i+1)
		}
	}
	for _, c := range o.Change {
		i := index(c.ID)
		if i < 0 {
			return nil, fmt.Errorf("change of unknown rule %q", c.ID)
		}
		if c.Reason == "" {
			return nil, fmt.Errorf("change of %q has no reason", c.ID)
		}
		if c.Regex != "" {
			rules[i].Regex = c.Regex
		}
		if c.Keywords != nil {
			rules[i].Keywords = c.Keywords
		}
		if c.Entropy != nil {
			rules[i].Entropy = *c.Entropy
		}
		rules[i].Scope = c.Scope
	}
	for _, r := range o.Rules {
		if index(r.ID) >= 0 {
			return nil, fmt.Errorf("rule %q exists already", r.ID)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func compileRules(rules []tomlRule) (*ruleSet, error) {
	set := &ruleSet{
		near:  gitleaks.Config{Rules: map[string]gitleaks.Rule{}, Keywords: map[string]struct{}{}},
		whole: gitleaks.Config{Rules: map[string]gitleaks.Rule{}, Keywords: map[string]struct{}{}},
		reach: map[string]int{},
		loose: map[string]bool{}, marked: map[string]bool{},
	}
	for _, r := range rules {
		if r.Regex == "" {
			// A rule on the path alone: key stores are recognised in scope.go.
			continue
		}
		compiled, err := compileRule(r)
		if err != nil {
			return nil, err
		}
		newlines, err := newlinesMatched(r.Regex)
		if err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.ID, err)
		}
		into := &set.near
		if r.Scope == scopeFile || newlines > maxNewlines {
			into = &set.whole
		}
		into.Rules[compiled.RuleID] = compiled
		into.OrderedRules = append(into.OrderedRules, compiled.RuleID)
		for _, k := range compiled.Keywords {
			into.Keywords[k] = struct{}{}
			set.reach[k] = max(set.reach[k], newlines)
		}
		set.loose[r.ID] = strings.Contains(r.Regex, `[\w.-]{0,50}?`)
		if set.marked[r.ID], err = markedValues(r.Regex); err != nil {
			return nil, fmt.Errorf("rule %q: %w", r.ID, err)
		}
	}
	return set, nil
}

func compileRule(r tomlRule) (gitleaks.Rule, error) {
	fail := func(err error) (gitleaks.Rule, error) {
		return gitleaks.Rule{}, fmt.Errorf("rule %q: %w", r.ID, err)
	}
	if r.Scope != "" && r.Scope != scopeFile {
		return fail(fmt.Errorf("unknown scope %q", r.Scope))
	}
	if len(r.Keywords) == 0 {
		return fail(errors.New("no keywords: it would run on every line of every file"))
	}
	out := gitleaks.Rule{
		RuleID: r.ID, Description: r.Description, SecretGroup: r.SecretGroup,
		Entropy: r.Entropy, Tags: r.Tags,
	}
	for _, k := range r.Keywords {
		out.Keywords = append(out.Keywords, strings.ToLower(k))
	}
	var err error
	if out.Regex, err = compilePattern(r.Regex); err != nil {
		return fail(err)
	}
	if r.Path != "" {
		if out.Path, err = compilePattern(r.Path); err != nil {
			return fail(err)
		}
	}
	for _, a := range r.Allowlists {
		allow, err := compileAllowlist(a)
		if err != nil {
			return fail(err)
		}
		out.Allowlists = append(out.Allowlists, allow)
	}
	if err := out.Validate(); err != nil {
		return fail(err)
	}
	return out, nil
}

func compileAllowlist(a tomlAllowlist) (*gitleaks.Allowlist, error) {
	out := &gitleaks.Allowlist{Description: a.Description, StopWords: a.StopWords, Commits: a.Commits}
	switch strings.ToUpper(a.Condition) {
	case "", "OR", "||":
		out.MatchCondition = gitleaks.AllowlistMatchOr
	case "AND", "&&":
		out.MatchCondition = gitleaks.AllowlistMatchAnd
	default:
		return nil, fmt.Errorf("unknown allowlist condition %q", a.Condition)
	}
	switch a.RegexTarget {
	case "", "secret":
	case "match", "line":
		out.RegexTarget = a.RegexTarget
	default:
		return nil, fmt.Errorf("unknown allowlist target %q", a.RegexTarget)
	}
	for _, p := range a.Regexes {
		re, err := compilePattern(p)
		if err != nil {
			return nil, err
		}
		out.Regexes = append(out.Regexes, re)
	}
	for _, p := range a.Paths {
		re, err := compilePattern(p)
		if err != nil {
			return nil, err
		}
		out.Paths = append(out.Paths, re)
	}
	if err := out.Validate(); err != nil {
		return nil, err
	}
	return out, nil
}

// compilePattern compiles with the regular expressions gitleaks was built
// with (RE2 under the build tag gore2regex), which only offer a MustCompile.
// The standard library's parser goes first: RE2 prints a bad pattern to
// standard error.
func compilePattern(pattern string) (re *regexp.Regexp, err error) {
	if _, err := syntax.Parse(pattern, syntax.Perl); err != nil {
		return nil, fmt.Errorf("bad pattern: %w", err)
	}
	defer func() {
		if r := recover(); r != nil {
			re, err = nil, fmt.Errorf("bad pattern: %v", r)
		}
	}()
	return regexp.MustCompile(pattern), nil
}

// newlinesMatched returns how many line feeds a match of pattern can hold at
// most, or a number above maxNewlines when there is no bound.
func newlinesMatched(pattern string) (int, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0, fmt.Errorf("bad pattern: %w", err)
	}
	return countNewlines(re), nil
}

func countNewlines(re *syntax.Regexp) int {
	n := 0
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r == '\n' {
				n++
			}
		}
	case syntax.OpCharClass:
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i] <= '\n' && '\n' <= re.Rune[i+1] {
				n = 1
			}
		}
	case syntax.OpAnyChar:
		n = 1
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n += countNewlines(sub)
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			n = max(n, countNewlines(sub))
		}
	case syntax.OpCapture, syntax.OpQuest:
		n = countNewlines(re.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		if countNewlines(re.Sub[0]) > 0 {
			n = maxNewlines + 1
		}
	case syntax.OpRepeat:
		n = countNewlines(re.Sub[0])
		if re.Max < 0 && n > 0 {
			n = maxNewlines + 1
		} else {
			n *= max(re.Max, 0)
		}
	}
	return min(n, maxNewlines+1)
}

// markedValues reports whether pattern asks for a mark in the values that it
// captures. One that its alphabet only allows is there by chance, and tells
// nothing.
func markedValues(pattern string) (bool, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false, fmt.Errorf("bad pattern: %w", err)
	}
	return slices.ContainsFunc(literals(re, false), func(l string) bool {
		return strings.ContainsAny(l, valueMarks) || slices.ContainsFunc(publicPrefixes, func(p string) bool {
			return len(l) >= len(p) && strings.EqualFold(l[:len(p)], p)
		})
	}), nil
}

// literals returns the literal texts inside of the groups of a pattern.
func literals(re *syntax.Regexp, inGroup bool) []string {
	if re.Op == syntax.OpLiteral && inGroup {
		return []string{string(re.Rune)}
	}
	var out []string
	for _, sub := range re.Sub {
		out = append(out, literals(sub, inGroup || re.Op == syntax.OpCapture)...)
	}
	return out
}
