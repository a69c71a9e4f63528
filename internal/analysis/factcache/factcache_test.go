package factcache

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, dir string, now func() time.Time) *Cache {
	t.Helper()
	c := &Cache{dir: dir, logger: slog.New(slog.DiscardHandler), now: now}
	c.trim()
	return c
}

func TestEntriesStayAndDamagedOnesGo(t *testing.T) {
	c, err := Open(filepath.Join(t.TempDir(), "facts"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	key := Key("version", "python", "blob")
	if _, ok := c.Get(key); ok {
		t.Error("an entry that nobody stored")
	}
	c.Put(key, []byte("facts"))
	if data, ok := c.Get(key); !ok || string(data) != "facts" {
		t.Errorf("stored %q, %v", data, ok)
	}
	if _, ok := c.Get(Key("version", "python", "blo", "b")); ok {
		t.Error("another key has the entry")
	}
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { b[5] ^= 1; return b }, func(b []byte) []byte { return b[:len(b)-1] }, func([]byte) []byte { return nil },
	} {
		c.Put(key, []byte("facts"))
		stored, err := os.ReadFile(c.path(key))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.path(key), damage(stored), 0o600); err != nil {
			t.Fatal(err)
		}
		if data, ok := c.Get(key); ok {
			t.Errorf("a damaged entry is %q", data)
		}
		if _, err := os.Stat(c.path(key)); err == nil {
			t.Error("a damaged entry stays")
		}
	}
}

func TestNobodyWaitsForADisk(t *testing.T) {
	dir := t.TempDir()
	var log strings.Builder
	c := &Cache{dir: filepath.Join(dir, "file"), logger: slog.New(slog.NewTextHandler(&log, nil)), now: time.Now}
	if err := os.WriteFile(c.dir, nil, 0o600); err != nil { // no folder can be made there
		t.Fatal(err)
	}
	for range 3 {
		c.Put(Key("a"), []byte("x"))
	}
	if _, ok := c.Get(Key("a")); ok {
		t.Error("an entry is there")
	}
	if n := strings.Count(log.String(), "cannot be written"); n != 1 {
		t.Errorf("%d complaints, want 1", n)
	}
	var none *Cache
	none.Put(Key("a"), nil)
	if _, ok := none.Get(Key("a")); ok {
		t.Error("no cache has an entry")
	}
}

func TestUnusedEntriesGo(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	clock := func() time.Time { return now }
	c := open(t, dir, clock)
	used, unused := Key("used"), Key("unused")
	c.Put(used, []byte("x"))
	c.Put(unused, []byte("x"))
	now = now.Add(unusedFor - time.Hour)
	if _, ok := c.Get(used); !ok {
		t.Fatal("an entry is gone before its time")
	}
	now = now.Add(2 * time.Hour)
	c = open(t, dir, clock)
	if _, ok := c.Get(used); !ok {
		t.Error("an entry that is used goes")
	}
	if _, ok := c.Get(unused); ok {
		t.Error("an entry that nobody uses stays")
	}
}

func TestManyWriteAtATime(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			c := open(t, dir, time.Now)
			for n := range 50 {
				key := Key("k", string(rune('a'+n%10)))
				c.Put(key, []byte(strings.Repeat("x", 1000)))
				if data, ok := c.Get(key); !ok || len(data) != 1000 {
					t.Errorf("%d bytes, %v", len(data), ok)
				}
			}
		})
	}
	group.Wait()
}
