package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lintel-bot/lintel/internal/store"
	"github.com/lintel-bot/lintel/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if playChild() {
		return
	}
	goleak.VerifyTestMain(m)
}

func TestConformance(t *testing.T) {
	storetest.TestQueue(t, func(t testing.TB, now func() time.Time) storetest.Store {
		return open(t, filepath.Join(t.TempDir(), "lintel.db"), store.Options{Now: now})
	})
}

// open opens a database that closes with the test.
func open(t testing.TB, path string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite:"+path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
