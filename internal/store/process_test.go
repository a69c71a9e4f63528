package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/store"
)

// The environment of a test binary that plays another lintel process: what it
// does, and the database it does it with.
const (
	childRole = "STORE_TEST_CHILD"
	childPath = "STORE_TEST_DATABASE"
)

// playChild does a child's part, in a child.
func playChild() bool {
	role := os.Getenv(childRole)
	if role == "" {
		return false
	}
	if err := child(role, os.Getenv(childPath)); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	return true
}

// child opens the database and works until it is killed. It prints a line for
// everything that the store said was done.
func child(role, path string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite:"+path, store.Options{})
	if err != nil {
		return err
	}
	fmt.Println("opened")
	switch role {
	case "accept":
		errs := make(chan error)
		for sender := range 8 {
			go func() { errs <- acceptForever(ctx, s, sender) }()
		}
		return <-errs
	case "claim":
		for {
			l, err := s.Claim(ctx, "child", time.Now(), time.Hour)
			if err != nil {
				return err
			}
			if l == nil {
				select {} // until it is killed
			}
			fmt.Println("claimed", l.Number, l.Interruptions+1)
		}
	}
	select {}
}

func acceptForever(ctx context.Context, s *store.Store, sender int) error {
	for n := 0; ; n++ {
		guid := fmt.Sprintf("%d-%d-%d", os.Getpid(), sender, n)
		if _, err := s.Accept(ctx, delivery(guid, 1+(sender+n)%20)); err != nil {
			return err
		}
		fmt.Println("accepted", guid)
	}
}

func delivery(guid string, number int) queue.Delivery {
	return queue.Delivery{
		GUID: guid, Event: "pull_request", Action: "opened", InstallationID: 1, ReceivedAt: time.Now(),
		Want: &queue.Want{
			Key: queue.Key{RepositoryID: 1, Number: number}, Repository: "a/b", Head: "aaa",
		},
	}
}

// start runs a child and returns what it prints, line by line.
func start(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childPath+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "opened" {
		t.Fatalf("the child did not open the database: %s", lines.Text())
	}
	return cmd, lines
}

// kill is SIGKILL; killing what has ended already is no error here.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// TestKilledWhileAccepting: what was acknowledged before SIGKILL is there after
// it, every time.
func TestKilledWhileAccepting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lintel.db")
	var accepted []string
	for round := range 5 {
		cmd, lines := start(t, "accept", path)
		for n := 0; lines.Scan(); n++ {
			accepted = append(accepted, strings.TrimPrefix(lines.Text(), "accepted "))
			if n == 200+37*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		kill(cmd)
	}
	s := open(t, path, store.Options{})
	for _, guid := range accepted {
		outcome, err := s.Accept(t.Context(), delivery(guid, 1))
		if err != nil || outcome != queue.Duplicate {
			t.Fatalf("delivery %s was acknowledged and is gone: outcome %d, error %v", guid, outcome, err)
		}
	}
	counts, err := s.Counts(t.Context(), time.Now())
	if err != nil || counts.Queued != 20 {
		t.Errorf("counts %+v, error %v, want work for 20 pull requests", counts, err)
	}
}

// TestKilledWhileReviewing: the rows of a process that died are ready at once,
// and are charged, so that a review that kills its process ends some day.
func TestKilledWhileReviewing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lintel.db")
	s := open(t, path, store.Options{})
	for number := 1; number <= 3; number++ {
		if _, err := s.Accept(t.Context(), delivery(fmt.Sprint(number), number)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for attempt := 1; attempt <= 4; attempt++ {
		cmd, lines := start(t, "claim", path)
		for range 3 {
			var number, got int
			if !lines.Scan() {
				t.Fatal("the child ended")
			}
			if _, err := fmt.Sscanf(lines.Text(), "claimed %d %d", &number, &got); err != nil || got != attempt {
				t.Fatalf("child %d said %q, want try %d", attempt, lines.Text(), attempt)
			}
		}
		kill(cmd)
	}
	s = open(t, path, store.Options{})
	counts, err := s.Counts(t.Context(), time.Now())
	if err != nil || counts.Queued != 3 || counts.Running != 0 {
		t.Errorf("counts %+v, error %v, want three rows that wait", counts, err)
	}
}

// TestSecondProcess: SQLite serves one lintel.
func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lintel.db")
	cmd, _ := start(t, "hold", path)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		_, err := store.Open(t.Context(), "sqlite:"+name, store.Options{})
		want := fmt.Sprintf("in use by another lintel (process %d)", cmd.Process.Pid)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("opening %s while a child has it: %v, want %q", filepath.Base(name), err, want)
		}
	}
	kill(cmd)
	open(t, link, store.Options{})
}
