package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/diff"
)

const (
	// maxRecordBytes bounds one record of git's lists: a path and some ids.
	// Git itself takes paths of any length, file systems about 4,096 bytes.
	maxRecordBytes = 64 << 10
	// maxTreeEntries bounds a tree in memory. The largest public monorepos
	// hold some 500,000 files.
	maxTreeEntries = 2_000_000
)

// Tree returns every file of a commit, subdirectories included, in git's
// order.
func (r *Repository) Tree(ctx context.Context, commit string) ([]diff.Entry, error) {
	if err := r.requireCommits(ctx, commit); err != nil {
		return nil, fmt.Errorf("read tree: %w", err)
	}
	var entries []diff.Entry
	err := r.objects.stream(ctx, nil, func(out io.Reader) error {
		return eachRecord(out, 0, func(record string) error {
			entry, err := parseTreeEntry(record)
			if err != nil {
				return err
			}
			if len(entries) == maxTreeEntries {
				return fmt.Errorf("more than %d files: %w", maxTreeEntries, ErrTooLarge)
			}
			entries = append(entries, entry)
			return nil
		})
	}, "ls-tree", "-r", "-z", "--full-tree", commit)
	if r.judge(ctx, err) != nil {
		return nil, fmt.Errorf("read tree of %s: %w", commit, err)
	}
	return entries, nil
}

// parseTreeEntry reads "<mode> <kind> <id>\t<path>".
func parseTreeEntry(record string) (diff.Entry, error) {
	facts, path, ok := strings.Cut(record, "\t")
	fields := strings.Split(facts, " ")
	if !ok || path == "" || len(fields) != 3 || (fields[1] != "blob" && fields[1] != "commit") {
		return diff.Entry{}, fmt.Errorf("unexpected entry %q in git's list of a tree", clip(record))
	}
	mode, err := parseMode(fields[0])
	if err == nil {
		err = checkID(fields[2])
	}
	if err != nil {
		return diff.Entry{}, fmt.Errorf("entry %q of a tree: %w", clip(path), err)
	}
	return diff.Entry{Path: path, Mode: mode, Blob: fields[2]}, nil
}

// parseMode reads a mode of six octal digits.
func parseMode(text string) (diff.Mode, error) {
	mode, err := strconv.ParseUint(text, 8, 32)
	if err != nil || len(text) != 6 {
		return 0, fmt.Errorf("%q is not a file mode", clip(text))
	}
	return diff.Mode(mode), nil
}

// eachRecord hands every record, ended by the given byte, to take. A last
// record without its end is an error: the output was cut.
func eachRecord(out io.Reader, end byte, take func(string) error) error {
	in := bufio.NewReaderSize(out, maxRecordBytes)
	for {
		record, err := in.ReadSlice(end)
		switch {
		case errors.Is(err, io.EOF) && len(record) == 0:
			return nil
		case errors.Is(err, io.EOF):
			return fmt.Errorf("git's list ends in the middle of a record: %w", io.ErrUnexpectedEOF)
		case errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("a record of more than %d bytes in git's list: %w", maxRecordBytes, ErrTooLarge)
		case err != nil:
			return err
		}
		if err := take(string(bytes.TrimSuffix(record, []byte{end}))); err != nil {
			return err
		}
	}
}
