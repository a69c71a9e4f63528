package main

import (
	"slices"
	"syscall"
	"testing"
)

// TestSignalsToWorkersLoseNothing signals the workers as a service manager does
// that stops everything in a control group, while the server still reviews.
func TestSignalsToWorkersLoseNothing(t *testing.T) {
	w := newWorld(t)
	w.start()
	clean := w.propose("docs", map[string]string{"README.md": "# Our shop\n"})
	if got := w.check(clean); got.Conclusion != "success" {
		t.Fatalf("a clean pull request: %s %q", got.Conclusion, got.Title)
	}
	workers := children(t, w.server.command.Process.Pid, "worker")
	if len(workers) == 0 {
		t.Fatal("the server has no workers")
	}
	for _, id := range workers {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			if err := syscall.Kill(id, signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	leaking := w.propose("leak", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
	if got := w.check(leaking); got.Conclusion != "failure" || len(leaking.Comments()) != 1 {
		t.Errorf("after the signals: %s %q, %d comments", got.Conclusion, got.Title, len(leaking.Comments()))
	}
	after := children(t, w.server.command.Process.Pid, "worker")
	for _, id := range workers {
		if !slices.Contains(after, id) {
			t.Errorf("worker %d ended; there are %v", id, after)
		}
	}
}
