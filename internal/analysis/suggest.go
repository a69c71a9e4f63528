package analysis

import (
	"bytes"
	"context"
	"strings"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/python"
	"github.com/lintel-bot/lintel/internal/rule"
)

// maxSuggestedLine bounds a line that a suggestion replaces: a longer one is
// generated.
const maxSuggestedLine = 300

// suggest returns the edit of one line that mends a finding, or nil: only where
// the comment stands on the line that gives the value, and the changed file is
// as sound as it was and holds no other secret.
func (r *run) suggest(ctx context.Context, head *snapshot, g group, f finding.Finding) *finding.Replacement {
	first := g.first()
	if first.Rule.Edit == nil || first.Value == nil || len(g.places()) == 0 {
		return nil
	}
	place, ok := first.Value.Place()
	if !ok || place.Path != f.Path || place.Line != f.Line || place.EndLine != place.Line || place.Start >= place.End {
		return nil
	}
	content, ok := r.content(ctx, head, f.Path)
	if !ok || place.End > len(content) {
		return nil
	}
	lineStart := bytes.LastIndexByte(content[:place.Start], '\n') + 1
	lineEnd := len(content)
	if n := bytes.IndexByte(content[place.Start:], '\n'); n >= 0 {
		lineEnd = place.Start + n
	}
	if place.End > lineEnd || lineEnd-lineStart > maxSuggestedLine || bytes.ContainsAny(content[lineStart:lineEnd], "\r\x00") {
		return nil
	}
	replacement, ok := replacementFor(first, head, content[place.Start:place.End])
	if !ok {
		return nil
	}
	line := string(content[lineStart:place.Start]) + replacement + string(content[place.End:lineEnd])
	patched := bytes.Join([][]byte{content[:lineStart], []byte(line), content[lineEnd:]}, nil)
	if !r.sound(ctx, head, f.Path, patched, f.Line) {
		return nil
	}
	return &finding.Replacement{Line: f.Line, EndLine: f.Line, Text: line}
}

// content reads a file of the head.
func (r *run) content(ctx context.Context, head *snapshot, path string) ([]byte, bool) {
	blob, ok := head.blobs[path]
	if !ok {
		return nil, false
	}
	data, size, err := r.source.ReadBlob(ctx, blob, MaxFileBytes)
	return data, err == nil && int64(len(data)) == size
}

// replacementFor is the text in the place of a value.
func replacementFor(o rule.Outcome, head *snapshot, old []byte) (string, bool) {
	e := o.Rule.Edit
	switch {
	case e.Value != "":
		return e.Value, true
	case e.EnvName != "":
		tree, err := head.Python(o.Places[0].Path)
		if err != nil {
			return "", false
		}
		return django.EnvRead(tree, e.EnvName, e.EnvCast)
	case e.Entry != "":
		text := string(old)
		if o.Value.Kind != fact.Dict || len(o.Value.Entries) == 0 || !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
			return "", false
		}
		inner := strings.TrimRight(strings.TrimSuffix(text, "}"), " ,")
		return inner + ", " + e.Entry + "}", true
	}
	return "", false
}

// sound reports whether a changed file parses where the change is, and is as
// clean of secrets there as it should be.
func (r *run) sound(ctx context.Context, head *snapshot, path string, patched []byte, line int) bool {
	v, err := r.analyzer.scanner.Scan(ctx, worker.File{Path: path, Content: patched, Facts: true})
	if err != nil || v.Facts == nil {
		return false
	}
	tree, err := python.Decode(v.Facts)
	before, beforeErr := head.Python(path)
	if err != nil || beforeErr != nil || len(tree.Broken()) > len(before.Broken()) {
		return false
	}
	scanned, err := r.analyzer.scanner.Scan(ctx, worker.File{Path: path, Content: patched})
	if err != nil || !scanned.Judged() {
		return false
	}
	for _, f := range scanned.Findings {
		if f.Line <= line && line <= f.EndLine {
			return false
		}
	}
	return true
}
