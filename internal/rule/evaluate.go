package rule

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// maxEntries bounds the entries one rule goes over in one subject: a handful
	// of databases, or all settings, which with the defaults are some hundred.
	maxEntries = 2000
	// maxSites bounds the use sites that a finding carries.
	maxSites = 50
)

// program is what a rule runs.
type program struct {
	when    expression
	each    expression
	anchors []expression
	subject template
	message template
}

// Subject is what rules are evaluated on.
type Subject struct {
	// Kind is ForSettings or ForProject.
	Kind string
	// Identity is a part of the fingerprint: the leaf's module.
	Identity string
	// Path is the file that a finding without a place is about.
	Path string
	// Vars are the facts by the names of CEL's variables.
	Vars map[string]*fact.Value
	// Uses returns where names that fit one of the patterns are used.
	Uses func(patterns []string) []fact.Place
}

// Outcome is what a rule came to on one subject.
type Outcome struct {
	Rule *Rule
	// Identity is that of the subject, Name what the rule is about inside it.
	Identity, Name string
	// Finding stands at the first place; it is not set if Undecided or Failed is.
	Finding finding.Finding
	// Value is the fact that the finding is about, or nil.
	Value *fact.Value
	// Places are where that value was given, the best first; Sites where what
	// makes the defect matter is used.
	Places, Sites []fact.Place
	// Undecided says what the rule lacks.
	Undecided *finding.Undecided
	// Failed says why the rule could not be evaluated.
	Failed string

	// where words when the finding holds, if not always, and unless what is
	// missing to know whether it does otherwise.
	where  string
	unless []string
}

// Evaluate runs every rule over the subjects of its kind. Outcomes come by rule
// and subject, in order. The error is that of ctx.
func (c *Catalogue) Evaluate(ctx context.Context, subjects []Subject) ([]Outcome, error) {
	var out []Outcome
	for _, r := range c.rules {
		for _, s := range subjects {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if r.For == s.Kind && r.For != "" {
				bounded, cancel := context.WithTimeoutCause(ctx, timeLimit, errBound)
				out = append(out, r.evaluate(bounded, s)...)
				cancel()
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

func (r *Rule) evaluate(ctx context.Context, s Subject) []Outcome {
	base := Outcome{Rule: r, Identity: s.Identity}
	if len(r.Uses) > 0 && s.Uses != nil {
		base.Sites = s.Uses(r.Uses)
		base.Sites = base.Sites[:min(len(base.Sites), maxSites)]
	}
	in := scope{facts: s.Vars, uses: len(base.Sites) > 0}
	if r.program.each.program == nil {
		if o, ok := r.decide(ctx, s, in, base); ok {
			return []Outcome{o.worded()}
		}
		return nil
	}
	over, err := r.program.each.of(ctx, in)
	if err != nil {
		return []Outcome{r.failed(base, err)}
	}
	var out []Outcome
	open := false
	ways := alternatives(over)
	for at, alternative := range ways {
		keys, values, more := entries(alternative.Value)
		open = open || more
		for i := range keys[:min(len(keys), maxEntries)] {
			entry := in.with(keys[i], values[i])
			if only, unless := r.onlySometimes(ctx, entry, slices.Delete(slices.Clone(ways), at, at+1)); only {
				entry.sometimes, entry.guard, entry.unless = true, alternative.Guard, unless
			}
			o, ok := r.decide(ctx, s, entry, base)
			if o.Failed != "" {
				// The others would fail alike, or take as long.
				return append(out, o)
			}
			if !ok {
				continue
			}
			if same := slices.IndexFunc(out, func(other Outcome) bool { return other.Name == o.Name && other.kind() == o.kind() }); same >= 0 {
				out[same].Places = append(out[same].Places, o.Places...)
				if out[same].Finding.Message == o.Finding.Message {
					out[same].where = fact.CommonGuard(out[same].where, o.where)
				}
				continue
			}
			out = append(out, o)
		}
		if len(keys) > maxEntries {
			out = append(out, r.failed(base, fmt.Errorf("%s has more than %d entries", r.Each, maxEntries)))
		}
	}
	for i := range out {
		out[i] = out[i].worded()
	}
	if open {
		o := base
		o.Name = "more of " + strings.TrimPrefix(r.Each, varSettings+".")
		o.Undecided = r.undecided(o, texts(over))
		out = append(out, o)
	}
	return out
}

// worded returns the outcome with when it holds in its message.
func (o Outcome) worded() Outcome {
	if o.kind() != 0 {
		return o
	}
	var words []string
	if o.where != "" {
		words = append(words, " where "+fact.SayGuard(o.where))
	}
	if unless := lacking(o.unless); unless != "" {
		words = append(words, " unless "+unless+" says otherwise")
	}
	if len(words) > 0 {
		o.Finding.Message += " This holds" + clean(strings.Join(words, ",")) + "."
	}
	return o
}

// lacking names what is missing besides conditions, the first two of it.
func lacking(missing []string) string {
	var names []string
	for _, m := range missing {
		if !strings.HasPrefix(m, "whether ") && !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	return strings.Join(names[:min(len(names), maxLacking)], " or ")
}

// maxLacking bounds what one message says may be otherwise.
const maxLacking = 2

// undecided says what a rule lacks.
func (r *Rule) undecided(o Outcome, missing []string) *finding.Undecided {
	subject := o.Name
	if o.Identity != "" {
		subject = fmt.Sprintf("%s in %s", o.Name, o.Identity)
	}
	return &finding.Undecided{Rule: r.ID, Subject: cut(subject, maxWords), Missing: missing}
}

func (o Outcome) kind() int {
	switch {
	case o.Failed != "":
		return 2
	case o.Undecided != nil:
		return 1
	}
	return 0
}

func alternatives(v *fact.Value) []fact.Alternative {
	if v == nil || v.Kind != fact.Union {
		return []fact.Alternative{{Value: v}}
	}
	return v.Alternatives
}

// onlySometimes reports whether the condition holds for an entry, and does not
// for that of the same name in another way in which the dict or list may be
// given, and what is missing to know it of those. A condition that fails does so
// again when it is decided.
func (r *Rule) onlySometimes(ctx context.Context, entry scope, others []fact.Alternative) (only bool, unless []string) {
	if len(others) == 0 {
		return false, nil
	}
	if holds, _, err := r.program.when.condition(ctx, entry); err != nil || holds != fact.True {
		return false, nil
	}
	key := entry.facts[varKey]
	for _, other := range others {
		keys, values, open := entries(other.Value)
		at := slices.IndexFunc(keys, func(k *fact.Value) bool { return fact.Equal(k, key) == fact.True })
		if at < 0 {
			only = true
			if open && other.Guard == "" {
				unless = append(unless, texts(other.Value)...)
			}
			continue
		}
		holds, missing, err := r.program.when.condition(ctx, entry.with(key, values[at]))
		only = only || err != nil || holds != fact.True
		if holds == fact.Undecided && other.Guard == "" {
			unless = append(unless, missing...)
		}
	}
	return only, unless
}

// entries returns what a rule goes over.
func entries(v *fact.Value) (keys, values []*fact.Value, open bool) {
	if v == nil {
		return nil, nil, false
	}
	switch v.Kind {
	case fact.Dict:
		for _, e := range v.Entries {
			keys, values = append(keys, fact.Of(e.Key)), append(values, e.Value)
		}
		return keys, values, v.Open
	case fact.List:
		for i, item := range v.Items {
			keys, values = append(keys, fact.Of(i)), append(values, item)
		}
		return keys, values, v.Open
	case fact.Unknown, fact.Object:
		return nil, nil, true
	}
	return nil, nil, false
}

// decide runs the condition once. It reports false when there is nothing to say.
func (r *Rule) decide(ctx context.Context, s Subject, in scope, o Outcome) (Outcome, bool) {
	holds, missing, err := r.program.when.condition(ctx, in)
	if err == nil && holds == fact.False {
		return o, false
	}
	if err == nil {
		o.Name, err = r.program.subject.render(ctx, in)
	}
	if err != nil {
		return r.failed(o, err), true
	}
	if holds == fact.Undecided {
		o.Undecided = r.undecided(o, missing)
		return o, true
	}
	if err := r.report(ctx, s, in, &o); err != nil {
		return r.failed(o, err), true
	}
	return o, true
}

func (r *Rule) failed(o Outcome, err error) Outcome {
	o.Failed = fmt.Sprintf("the rule %s could not be evaluated: %v", r.ID, err)
	return o
}

// report fills in the finding.
func (r *Rule) report(ctx context.Context, s Subject, in scope, o *Outcome) error {
	ways, err := r.ways(ctx, in)
	if err != nil {
		return err
	}
	first := ways[0]
	in.sometimes = in.sometimes || first.sometimes
	first.scope.sometimes = in.sometimes
	message, err := r.program.message.render(ctx, first.scope)
	if err != nil {
		return err
	}
	o.where, o.unless = fact.JoinGuards(in.guard, first.guard), slices.Concat(in.unless, first.unless)
	for _, w := range ways[1:] {
		w.scope.sometimes = in.sometimes
		other, err := r.program.message.render(ctx, w.scope)
		if err != nil {
			return err
		}
		if other == message {
			o.where = fact.CommonGuard(o.where, fact.JoinGuards(in.guard, w.guard))
		}
	}
	severity, err := r.severity(ctx, in)
	if err != nil {
		return err
	}
	for _, w := range ways {
		for _, anchor := range r.program.anchors {
			v, err := anchor.of(ctx, w.scope)
			if err != nil {
				return err
			}
			places := placesOf(v)
			if o.Value == nil && len(places) > 0 {
				o.Value = v
			}
			o.Places = append(o.Places, places...)
		}
	}
	o.Finding = finding.Finding{
		Rule: r.ID, Severity: severity, Quality: r.Quality, Path: s.Path, Title: r.Title, Message: message,
		Why: r.Why, Fix: r.Fix, Fingerprint: finding.NewFingerprint(r.ID, o.Identity, o.Name), Trace: []finding.Frame{},
	}
	if len(o.Places) > 0 {
		first := o.Places[0]
		o.Finding.Path, o.Finding.Line, o.Finding.EndLine = first.Path, first.Line, max(first.Line, first.EndLine)
	} else if len(o.Sites) > 0 && r.For == ForProject {
		first := o.Sites[0]
		o.Finding.Path, o.Finding.Line, o.Finding.EndLine = first.Path, first.Line, max(first.Line, first.EndLine)
	}
	o.Finding.Trace = trace(o.Value)
	return nil
}

// severity is that of the first case that holds; one that the facts do not
// decide is passed over.
func (r *Rule) severity(ctx context.Context, in scope) (finding.Severity, error) {
	for _, c := range r.SeverityWhen {
		holds, _, err := c.program.condition(ctx, in)
		if err != nil {
			return 0, err
		}
		if holds == fact.True {
			return c.Severity, nil
		}
	}
	return r.Severity, nil
}

// placesOf returns where a value was given; of a union, where any alternative
// was.
func placesOf(v *fact.Value) []fact.Place {
	if v == nil {
		return nil
	}
	if v.Kind != fact.Union {
		return v.Places
	}
	var out []fact.Place
	for _, known := range []bool{true, false} {
		for _, a := range v.Alternatives {
			if (a.Value.Kind != fact.Unknown && a.Value.Env == nil) != known {
				continue // a way that the code decides says more
			}
			for _, p := range a.Value.Places {
				if !slices.Contains(out, p) {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// maxTrace bounds the frames of a trace.
const maxTrace = 20

// trace leads from where a value was given to the leaf.
func trace(v *fact.Value) []finding.Frame {
	out := []finding.Frame{}
	if v == nil || len(v.Places) < 2 {
		return out
	}
	for _, p := range v.Places[:min(len(v.Places), maxTrace)] {
		frame := finding.Frame{Path: p.Path, Line: p.Line, Symbol: cut(p.Symbol, maxWords)}
		if len(out) == 0 || out[len(out)-1].Path != frame.Path || out[len(out)-1].Line != frame.Line {
			out = append(out, frame)
		}
	}
	if len(out) < 2 {
		return []finding.Frame{}
	}
	return out
}
