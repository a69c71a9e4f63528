package analysis

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// memory is a repository in memory. Its diffs know renames of unchanged
// content and of those listed in renames, and take every line that the old
// file does not have for added.
type memory struct {
	mu      sync.Mutex
	blobs   map[string][]byte
	sizes   map[string]int64 // of blobs that claim another size
	commits []memoryCommit
	renames map[string]string
	reads   map[string]int
	// onRead, when set, is called before a blob is read.
	onRead func(id string) error
}

type memoryCommit struct {
	id      string
	parents []int
	tree    map[string]diff.Entry
}

func newMemory() *memory {
	return &memory{
		blobs: make(map[string][]byte), sizes: make(map[string]int64), renames: make(map[string]string), reads: make(map[string]int),
	}
}

func (m *memory) blob(content string) string {
	sum := sha1.Sum([]byte(content))
	id := hex.EncodeToString(sum[:])
	m.blobs[id] = []byte(content)
	return id
}

// files is a tree: contents by path. A path that ends in "@" is a symbolic
// link, one that ends in "/" a submodule, in "*" an executable.
type files map[string]string

// commit adds a commit with the given tree and returns its number.
func (m *memory) commit(tree files, parents ...int) int {
	c := memoryCommit{parents: parents, tree: make(map[string]diff.Entry)}
	for path, content := range tree {
		entry := diff.Entry{Path: strings.TrimRight(path, "@/*"), Mode: diff.ModeFile, Blob: m.blob(content)}
		switch path[len(path)-1] {
		case '@':
			entry.Mode = diff.ModeSymlink
		case '/':
			entry.Mode = diff.ModeSubmodule
		case '*':
			entry.Mode = diff.ModeExecutable
		}
		c.tree[entry.Path] = entry
	}
	c.id = fmt.Sprintf("%040x", len(m.commits)+1)
	m.commits = append(m.commits, c)
	return len(m.commits) - 1
}

func (m *memory) id(commit int) string { return m.commits[commit].id }

func (m *memory) change(base, head int) Change {
	return Change{MergeBase: m.id(base), Base: m.id(base), Head: m.id(head)}
}

func (m *memory) find(id string) (memoryCommit, error) {
	i := slices.IndexFunc(m.commits, func(c memoryCommit) bool { return c.id == id })
	if i < 0 {
		return memoryCommit{}, fmt.Errorf("no commit %s", id)
	}
	return m.commits[i], nil
}

func (m *memory) Tree(_ context.Context, commit string) ([]diff.Entry, error) {
	c, err := m.find(commit)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(c.tree), func(a, b diff.Entry) int { return strings.Compare(a.Path, b.Path) }), nil
}

func (m *memory) ReadBlob(ctx context.Context, id string, limit int64) ([]byte, int64, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.onRead != nil {
		if err := m.onRead(id); err != nil {
			return nil, 0, err
		}
	}
	data, ok := m.blobs[id]
	if !ok {
		return nil, 0, fmt.Errorf("blob %s: %w", id, gitrepo.ErrMissingObject)
	}
	m.reads[id]++
	size, ok := m.sizes[id]
	if !ok {
		size = int64(len(data))
	}
	if size > limit {
		return nil, size, nil
	}
	return data, size, nil
}

func (m *memory) Diff(_ context.Context, base, head string) ([]diff.File, error) {
	before, err := m.find(base)
	if err != nil {
		return nil, err
	}
	after, err := m.find(head)
	if err != nil {
		return nil, err
	}
	var changed []diff.File
	renamed := make(map[string]bool)
	for _, path := range slices.Sorted(maps.Keys(after.tree)) {
		now := after.tree[path]
		old, existed := before.tree[path]
		if existed && old == now {
			continue
		}
		f := diff.File{Status: diff.Added, Path: path, Blob: now.Blob, Mode: now.Mode}
		if !existed {
			old, existed = m.renamedFrom(now, before, after)
			renamed[old.Path] = existed
		}
		if existed {
			f.OldPath, f.OldBlob, f.OldMode = old.Path, old.Blob, old.Mode
			switch {
			case old.Path != path:
				f.Status = diff.Renamed
			case old.Mode.Regular() != now.Mode.Regular():
				f.Status = diff.TypeChanged
			default:
				f.Status = diff.Modified
			}
		}
		f.Hunks = m.hunks(f)
		changed = append(changed, f)
	}
	for _, path := range slices.Sorted(maps.Keys(before.tree)) {
		if _, stays := after.tree[path]; !stays && !renamed[path] {
			old := before.tree[path]
			changed = append(changed, diff.File{
				Status: diff.Deleted, Path: path, OldPath: path, OldBlob: old.Blob, OldMode: old.Mode,
			})
		}
	}
	return changed, nil
}

func (m *memory) renamedFrom(now diff.Entry, before, after memoryCommit) (diff.Entry, bool) {
	if path, ok := m.renames[now.Path]; ok {
		return before.tree[path], true
	}
	for _, path := range slices.Sorted(maps.Keys(before.tree)) {
		if _, stays := after.tree[path]; !stays && before.tree[path].Blob == now.Blob {
			return before.tree[path], true
		}
	}
	return diff.Entry{}, false
}

// hunks returns one hunk over the whole file.
func (m *memory) hunks(f diff.File) []diff.Hunk {
	if f.Blob == f.OldBlob {
		return nil
	}
	old := strings.Split(string(m.blobs[f.OldBlob]), "\n")
	lines := strings.Split(string(m.blobs[f.Blob]), "\n")
	hunk := diff.Hunk{OldStart: 1, OldLines: len(old), NewStart: 1, NewLines: len(lines)}
	for i, line := range lines {
		if !slices.Contains(old, line) {
			hunk.Added = append(hunk.Added, diff.Range{First: i + 1, Last: i + 1})
		}
	}
	return []diff.Hunk{hunk}
}

func (m *memory) Introduced(_ context.Context, base, head string) ([]diff.Introduction, []string, error) {
	reach := func(id string) map[int]bool {
		seen := make(map[int]bool)
		var visit func(int)
		visit = func(n int) {
			if !seen[n] {
				seen[n] = true
				for _, p := range m.commits[n].parents {
					visit(p)
				}
			}
		}
		visit(slices.IndexFunc(m.commits, func(c memoryCommit) bool { return c.id == id }))
		return seen
	}
	theirs, ours := reach(base), reach(head)
	var introductions []diff.Introduction
	var ids []string
	for n, c := range m.commits {
		if ours[n] && !theirs[n] {
			ids = append(ids, c.id)
			introductions = append(introductions, m.introductions(c)...)
		}
	}
	return introductions, ids, nil
}

func (m *memory) introductions(c memoryCommit) []diff.Introduction {
	paths := make(map[string]bool)
	for path := range c.tree {
		paths[path] = true
	}
	for _, p := range c.parents {
		for path := range m.commits[p].tree {
			paths[path] = true
		}
	}
	var introductions []diff.Introduction
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		i := diff.Introduction{Commit: c.id, Path: path, Blob: c.tree[path].Blob, Mode: c.tree[path].Mode}
		same := false
		for _, p := range c.parents {
			old := m.commits[p].tree[path]
			same = same || old.Blob == i.Blob && old.Mode.Regular() == i.Mode.Regular()
			if old.Blob != "" && old.Mode != diff.ModeSubmodule {
				i.ParentBlobs = append(i.ParentBlobs, old.Blob)
			}
		}
		if !same {
			introductions = append(introductions, i)
		}
	}
	return introductions
}
