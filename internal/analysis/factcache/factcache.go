// Package factcache keeps facts about file contents in a folder, one file each,
// so that a scan reads only what changed. Entries are never changed: a key says
// all that they depend on. Losing the folder, or any part of it, costs time only.
package factcache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// touchAfter is how old the time of last use may be before it is renewed, as
	// Go's own build cache does it: writing it at every use would cost more than
	// the rest.
	touchAfter = 24 * time.Hour
	// unusedFor is how long an entry that nobody asks for stays.
	unusedFor = 14 * 24 * time.Hour
	// trimEvery is the time between two looks for such entries.
	trimEvery = 24 * time.Hour
	// maxEntry bounds an entry, above what a worker may answer.
	maxEntry = 32 << 20
	// trimmedFile holds the time of the last look.
	trimmedFile = "trimmed"
)

// Cache is a folder of entries. It is safe for concurrent use, also by several
// processes. A nil Cache holds nothing.
type Cache struct {
	dir    string
	logger *slog.Logger
	now    func() time.Time
	// complained is true once a failed write was logged: a full disk fails all.
	complained atomic.Bool
}

// Open returns the cache in a folder, which it makes.
func Open(dir string, logger *slog.Logger) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the fact cache: %w", err)
	}
	c := &Cache{dir: dir, logger: logger, now: time.Now}
	c.trim()
	return c, nil
}

// Key names an entry by everything it depends on.
func Key(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c *Cache) path(key string) string { return filepath.Join(c.dir, key[:2], key[2:]) }

// Get returns an entry. One that is damaged is deleted and not there.
func (c *Cache) Get(key string) ([]byte, bool) {
	if c == nil {
		return nil, false
	}
	path := c.path(key)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	if len(data) < 4 || binary.BigEndian.Uint32(data) != crc32.Checksum(data[4:], table()) {
		c.Drop(key)
		return nil, false
	}
	if info, err := os.Stat(path); err == nil && c.now().Sub(info.ModTime()) > touchAfter {
		// Without it the entry goes earlier than it has to, which costs time only.
		_ = os.Chtimes(path, c.now(), c.now())
	}
	return data[4:], true
}

func table() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// Drop deletes an entry whose content turned out not to be usable.
func (c *Cache) Drop(key string) {
	if c == nil {
		return
	}
	if err := os.Remove(c.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.complain(err)
	}
}

// Put stores an entry. It never fails: what cannot be stored is read again.
func (c *Cache) Put(key string, data []byte) {
	if c == nil || len(data) > maxEntry {
		return
	}
	if err := c.put(c.path(key), data); err != nil {
		c.complain(err)
	}
}

func (c *Cache) complain(err error) {
	if !c.complained.Swap(true) {
		c.logger.Warn("the fact cache cannot be written; scans read everything again", "error", err)
	}
}

// put writes beside the entry and renames, so that nobody reads a part of it.
// Nothing is synced: after a power cut a damaged entry fails its checksum.
func (c *Cache) put(path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	draft, err := os.CreateTemp(dir, "draft-")
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		draft, err = os.CreateTemp(dir, "draft-")
	}
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(draft.Name()))
		}
	}()
	sum := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), crc32.Checksum(data, table()))
	if _, err := draft.Write(append(sum, data...)); err != nil {
		return errors.Join(err, draft.Close())
	}
	if err := draft.Close(); err != nil {
		return err
	}
	return os.Rename(draft.Name(), path)
}

// trim deletes what nobody asked for in a long time, once a day.
func (c *Cache) trim() {
	marker := filepath.Join(c.dir, trimmedFile)
	if info, err := os.Stat(marker); err == nil && c.now().Sub(info.ModTime()) < trimEvery {
		return
	}
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		c.complain(err)
		return
	}
	if err := os.Chtimes(marker, c.now(), c.now()); err != nil {
		c.complain(err)
	}
	err := filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == trimmedFile {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process was faster
		}
		if err != nil {
			return err
		}
		age := c.now().Sub(info.ModTime())
		if age > unusedFor || age > touchAfter && strings.HasPrefix(entry.Name(), "draft-") {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.complain(err)
	}
}
