package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// blobRepository makes a repository that holds the given contents, and returns
// it opened with their ids.
func blobRepository(t testing.TB, contents ...string) (*Repository, []string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bare.git")
	if err := createBare(dir, sha1Digits); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(contents))
	for i, content := range contents {
		cmd := exec.Command("git", "--git-dir", dir, "hash-object", "-w", "--stdin")
		cmd.Stdin = strings.NewReader(content)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = strings.TrimSpace(string(out))
	}
	repo, err := Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := repo.Close(); err != nil {
			t.Error(err)
		}
	})
	return repo, ids
}

func TestReadBlob(t *testing.T) {
	large := strings.Repeat("0123456789", 1<<20)
	contents := []string{"", "x", "no newline", "with\n\nnewlines\n", "NUL \x00 and \xff\n", large}
	repo, ids := blobRepository(t, contents...)
	for i, content := range contents {
		data, size, err := repo.ReadBlob(context.Background(), ids[i], int64(len(content)))
		if err != nil || size != int64(len(content)) || string(data) != content || data == nil {
			t.Errorf("ReadBlob of %q = %d bytes, size %d, %v", clip(content), len(data), size, err)
		}
		data, size, err = repo.ReadBlob(context.Background(), ids[i], int64(len(content))-1)
		if err != nil || size != int64(len(content)) || data != nil {
			t.Errorf("ReadBlob of %q above the bound = %d bytes, size %d, %v; want none", clip(content), len(data), size, err)
		}
	}
}

func TestReadBlobOfWhatIsNoBlob(t *testing.T) {
	repo, ids := blobRepository(t, "x")
	for name, test := range map[string]struct {
		id   string
		want string
	}{
		"absent":          {strings.Repeat("1", 40), "missing"},
		"a tree":          {emptyTreeSHA1, "it is a tree"},
		"not an id":       {"HEAD\ncontents " + ids[0], "not a full object id"},
		"of another kind": {strings.Repeat("1", 64), "64 digits"},
	} {
		if _, _, err := repo.ReadBlob(context.Background(), test.id, 10); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
	if data, _, err := repo.ReadBlob(context.Background(), ids[0], 10); err != nil || string(data) != "x" {
		t.Errorf("afterwards: %q, %v", data, err)
	}
}

func TestIsBinary(t *testing.T) {
	text := strings.Repeat("t", binaryProbeBytes)
	contents := map[string]bool{"": false, "text\n": false, "a\x00b": true, text[1:] + "\x00": true, text + "\x00": false, strings.Repeat("x", 20<<20): false}
	for content, want := range contents {
		repo, ids := blobRepository(t, content)
		if got, err := repo.IsBinary(context.Background(), ids[0]); err != nil || got != want {
			t.Errorf("IsBinary of %q = %v, %v; want %v", clip(content), got, err, want)
		}
	}
	repo, _ := blobRepository(t)
	if _, err := repo.IsBinary(context.Background(), strings.Repeat("1", 40)); !errors.Is(err, ErrMissingObject) {
		t.Errorf("IsBinary of an absent blob: %v", err)
	}
}

func TestReadersShareOneProcess(t *testing.T) {
	contents := make([]string, 50)
	for i := range contents {
		contents[i] = strings.Repeat(fmt.Sprintf("blob %d\n", i), i*100)
	}
	repo, ids := blobRepository(t, contents...)
	var wait sync.WaitGroup
	for reader := range 8 {
		wait.Go(func() {
			for i := range ids {
				k := (i*7 + reader) % len(ids)
				data, _, err := repo.ReadBlob(context.Background(), ids[k], 1<<20)
				if err != nil || string(data) != contents[k] {
					t.Errorf("blob %d: %d bytes, %v", k, len(data), err)
				}
			}
		})
	}
	wait.Wait()
}

func TestADeadReaderIsReplaced(t *testing.T) {
	repo, ids := blobRepository(t, "content")
	for range 3 {
		if data, _, err := repo.ReadBlob(context.Background(), ids[0], 10); err != nil || string(data) != "content" {
			t.Fatalf("ReadBlob = %q, %v", data, err)
		}
		repo.reader.process.kill()
	}
}

func TestCancellationFreesTheReader(t *testing.T) {
	content := strings.Repeat("x", 8<<20)
	repo, ids := blobRepository(t, content)
	// The process waits: it was asked nothing, and its reader wants an answer.
	ctx, cancel := context.WithCancel(context.Background())
	err := repo.reader.use(ctx, func(c *catFile) error {
		cancel()
		_, err := c.out.ReadByte()
		return fmt.Errorf("%w: %w", errProtocol, err)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read: %v; want context.Canceled", err)
	}
	if _, _, err := repo.ReadBlob(ctx, ids[0], 10); !errors.Is(err, context.Canceled) {
		t.Errorf("ReadBlob with a cancelled context: %v", err)
	}
	if data, _, err := repo.ReadBlob(context.Background(), ids[0], 1<<30); err != nil || !bytes.Equal(data, []byte(content)) {
		t.Errorf("afterwards: %d bytes, %v", len(data), err)
	}
}

func TestWaitingForTheReaderCanBeCancelled(t *testing.T) {
	repo, ids := blobRepository(t, "x")
	ctx, cancel := context.WithCancel(context.Background())
	err := repo.reader.use(context.Background(), func(*catFile) error {
		cancel()
		_, _, err := repo.ReadBlob(ctx, ids[0], 10)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestADamagedBlobIsAnError(t *testing.T) {
	repo, ids := blobRepository(t, strings.Repeat("some content\n", 1000))
	dir := ""
	for _, variable := range repo.names.env {
		if value, ok := strings.CutPrefix(variable, "GIT_DIR="); ok {
			dir = value
		}
	}
	path := filepath.Join(dir, "objects", ids[0][:2], ids[0][2:])
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if data, _, err := repo.ReadBlob(context.Background(), ids[0], 1<<20); err == nil {
		t.Errorf("a damaged blob was read: %d bytes", len(data))
	}
}

func TestParseHeader(t *testing.T) {
	id := strings.Repeat("a", 40)
	for line, want := range map[string]string{
		id + " blob 0": "", id + " commit 9223372036854775807": "",
		id + " missing": ErrMissingObject.Error(),
		"":              errProtocol.Error(), id: errProtocol.Error(), id + " blob": errProtocol.Error(), id + " blob ": errProtocol.Error(),
		id + " blob -1": errProtocol.Error(), id + " blob 01": errProtocol.Error(), id + " blob 9223372036854775808": errProtocol.Error(),
		id + " blob 1 ": errProtocol.Error(), id + " ambiguous": errProtocol.Error(), id + " file 1": errProtocol.Error(),
		strings.Repeat("b", 40) + " blob 1": errProtocol.Error(), id + " missing\r": errProtocol.Error(),
	} {
		_, err := parseHeader(line, id)
		if (want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("parseHeader(%q): %v, want %q", line, err, want)
		}
	}
}
