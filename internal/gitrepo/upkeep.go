package gitrepo

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
)

// maxPacks is how many packs a mirror may have before they are joined. Each
// push brings one or two, and every look-up asks each of them.
const maxPacks = 40

// pack joins the packs of a mirror once they are many. A mirror that cannot be
// packed is given up: fetching it anew costs less than trying again at each
// push. The caller holds the slot's turn; readers are not disturbed.
func (m *Mirrors) pack(ctx context.Context, s *slot, current *mirror, f *fetcher) {
	packs, err := filepath.Glob(filepath.Join(current.path, "objects", "pack", "*.pack"))
	if err == nil && len(packs) <= maxPacks {
		return
	}
	if err == nil {
		err = m.repack(ctx, current, f)
	}
	m.measure(current)
	if err == nil {
		m.log.Debug("packed a mirror", "repository", s.repository, "packs", len(packs))
		return
	}
	if ctx.Err() != nil {
		return // at the next push
	}
	m.log.Warn("a mirror cannot be packed and is given up", "repository", s.repository, "error", err.Error())
	m.mu.Lock()
	defer m.mu.Unlock()
	s.mirror, current.discarded = nil, true // removed when its last snapshot is released
}

// repack runs `git repack`, which must know that missing contents are meant to
// be missing.
func (m *Mirrors) repack(ctx context.Context, current *mirror, f *fetcher) error {
	ctx, cancel := context.WithTimeoutCause(ctx, m.timeout, errTimeout)
	defer cancel()
	settings := slices.Concat(objectSettings(emptyTreeSHA1), remoteSettings(f.transport), []setting{{"pack.threads", "1"}})
	g := &git{program: m.program, dir: current.path, env: environment(m.home, current.path, "", settings)}
	if err := g.stream(ctx, nil, nil, "repack", "-a", "-d", "-q"); err != nil {
		return fmt.Errorf("pack mirror: %w", err)
	}
	return nil
}
