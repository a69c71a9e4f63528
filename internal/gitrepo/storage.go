package gitrepo

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mirrorName is the name of a mirror's directory: repository, generation.
var mirrorName = regexp.MustCompile(`^([0-9]{1,19})\.([0-9]{1,9})$`)

// What a directory of the mirrors is called before it is whole and once it is
// no longer wanted; both are removed at the next start.
const (
	unfinishedSuffix = ".new"
	unwantedSuffix   = ".old"
)

// load takes over the mirrors of an earlier run.
func (m *Mirrors) load() error {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, unfinishedSuffix) || strings.HasSuffix(name, unwantedSuffix) {
			if err := os.RemoveAll(filepath.Join(m.dir, name)); err != nil {
				return err
			}
			continue
		}
		match := mirrorName.FindStringSubmatch(name)
		if match == nil || !entry.IsDir() {
			continue
		}
		repository, err := strconv.ParseInt(match[1], 10, 64)
		if err != nil {
			continue // no id of ours
		}
		generation, err := strconv.Atoi(match[2])
		if err != nil {
			continue
		}
		if err := m.adopt(repository, generation, filepath.Join(m.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// adopt takes over one mirror. Of several generations the newest stays.
func (m *Mirrors) adopt(repository int64, generation int, path string) error {
	s := m.slotOf(repository)
	s.next = max(s.next, generation+1)
	if s.mirror != nil && s.mirror.generation > generation {
		return remove(path)
	}
	if s.mirror != nil {
		if err := remove(s.mirror.path); err != nil {
			return err
		}
	}
	if err := cleanLeftovers(path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	s.mirror = &mirror{path: path, generation: generation, used: info.ModTime()}
	s.mirror.size, err = sizeOf(path)
	return err
}

func (m *Mirrors) slotOf(repository int64) *slot {
	s := m.slots[repository]
	if s == nil {
		s = &slot{repository: repository, turn: make(chan struct{}, 1)}
		m.slots[repository] = s
	}
	return s
}

// enter announces a user of a repository, whose mirror then stays.
func (m *Mirrors) enter(repository int64) (*slot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closing.Err() != nil {
		return nil, errClosed
	}
	m.working.Add(1)
	s := m.slotOf(repository)
	s.users++
	return s, nil
}

// leave ends what enter began. used is the mirror of a snapshot that was handed
// out, nil when none was; suspect tells that it could not be read.
func (m *Mirrors) leave(s *slot, used *mirror, suspect bool) error {
	now := time.Now()
	m.mu.Lock()
	s.users--
	gone := false
	if used != nil {
		used.users--
		used.used = now
		used.suspect = used.suspect || suspect
		gone = used.discarded && used.users == 0
	}
	m.mu.Unlock()
	var err error
	if gone {
		err = remove(used.path)
	} else if used != nil {
		m.touch(used.path, now)
	}
	m.evict()
	return err
}

// touch keeps the order of use for the next start. A discarded mirror that is
// gone meanwhile needs none.
func (m *Mirrors) touch(path string, now time.Time) {
	if err := os.Chtimes(path, now, now); err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.log.Warn("cannot note when a mirror was used", "error", err.Error())
	}
}

// current returns the slot's mirror, creating an empty one where there is none.
// The caller holds the slot's turn.
func (m *Mirrors) current(s *slot) (_ *mirror, fresh bool, err error) {
	m.mu.Lock()
	current := s.mirror
	suspect := current != nil && current.suspect
	m.mu.Unlock()
	if current != nil && !suspect {
		return current, false, nil
	}
	if suspect {
		m.log.Warn("a mirror could not be read and is fetched anew", "repository", s.repository)
		if err := m.discard(s); err != nil {
			return nil, true, err
		}
	}
	path, generation, err := m.nextPath(s)
	if err != nil {
		return nil, true, err
	}
	unfinished := path + unfinishedSuffix
	if err := createBare(unfinished, sha1Digits); err != nil {
		return nil, true, err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return nil, true, fmt.Errorf("create mirror: %w", err)
	}
	current = &mirror{path: path, generation: generation, used: time.Now()}
	m.mu.Lock()
	s.mirror = current
	m.mu.Unlock()
	return current, true, nil
}

// nextPath returns the directory of the slot's next generation. Generations are
// never used twice, so a directory on its way out is in nobody's way.
func (m *Mirrors) nextPath(s *slot) (string, int, error) {
	for {
		generation := s.next
		s.next++
		path := filepath.Join(m.dir, fmt.Sprintf("%d.%d", s.repository, generation))
		_, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, generation, nil
		}
		if err != nil {
			return "", 0, fmt.Errorf("create mirror: %w", err)
		}
	}
}

// discard gives the slot's mirror up. Snapshots that read it keep it until they
// are released. The caller holds the slot's turn.
func (m *Mirrors) discard(s *slot) error {
	m.mu.Lock()
	old := s.mirror
	s.mirror = nil
	inUse := false
	if old != nil {
		old.discarded = true
		inUse = old.users > 0
	}
	m.mu.Unlock()
	if old == nil || inUse {
		return nil
	}
	return remove(old.path)
}

// measure notes what a mirror takes on disk.
func (m *Mirrors) measure(current *mirror) {
	size, err := sizeOf(current.path)
	if err != nil {
		m.log.Warn("cannot measure a mirror", "error", err.Error())
		return
	}
	m.mu.Lock()
	current.size = size
	m.mu.Unlock()
}

// evict removes unused mirrors, the one used longest ago first, until the
// others fit the budget.
func (m *Mirrors) evict() {
	for _, path := range m.takeEvicted() {
		if err := remove(path); err != nil {
			m.log.Warn("cannot remove a mirror", "error", err.Error())
		}
	}
}

// takeEvicted chooses the mirrors to remove and forgets them.
func (m *Mirrors) takeEvicted() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var total int64
	var idle []*slot
	for _, s := range m.slots {
		if s.mirror == nil {
			continue
		}
		total += s.mirror.size
		if s.users == 0 {
			idle = append(idle, s)
		}
	}
	slices.SortFunc(idle, func(a, b *slot) int {
		return cmp.Or(a.mirror.used.Compare(b.mirror.used), cmp.Compare(a.repository, b.repository))
	})
	var paths []string
	for _, s := range idle {
		if total <= m.budget {
			break
		}
		total -= s.mirror.size
		// Renamed under the lock, so that a new user cannot meet half of it.
		away := s.mirror.path + unwantedSuffix
		if err := os.Rename(s.mirror.path, away); err != nil {
			m.log.Warn("cannot remove a mirror", "error", err.Error())
			continue
		}
		paths = append(paths, away)
		s.mirror = nil
	}
	return paths
}

// remove deletes a mirror. It is renamed first, so that a crash in between does
// not leave half of one.
func remove(path string) error {
	away := path
	if !strings.HasSuffix(path, unwantedSuffix) {
		away = path + unwantedSuffix
		if err := os.Rename(path, away); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove mirror: %w", err)
		}
	}
	if err := os.RemoveAll(away); err != nil {
		return fmt.Errorf("remove mirror: %w", err)
	}
	return nil
}

// cleanLeftovers removes lock files and half-written packs. Only whoever alone
// writes to the mirror may call it.
func cleanLeftovers(path string) error {
	return filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && !strings.HasPrefix(name, "tmp_objdir") {
			return nil
		}
		leftover := strings.HasSuffix(name, ".lock") || strings.HasPrefix(name, "tmp_") || strings.HasPrefix(name, ".tmp-")
		if !leftover {
			return nil
		}
		if err := os.RemoveAll(file); err != nil {
			return err
		}
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
}

// sizeOf sums the sizes of all files below path. Files may vanish meanwhile.
func sizeOf(path string) (int64, error) {
	var total int64
	err := filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var info fs.FileInfo
			if info, err = entry.Info(); err == nil {
				total += info.Size()
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return total, err
}
