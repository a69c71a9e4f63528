package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// processes returns the ids of this program's processes that run a subcommand
// and have an environment that holds the given text.
func processes(t *testing.T, subcommand, environment string) []int {
	t.Helper()
	var found []int
	for _, dir := range processDirectories(t) {
		arguments := readProcess(t, dir, "cmdline")
		if len(arguments) < 2 || string(arguments[1]) != subcommand {
			continue
		}
		if !slices.ContainsFunc(readProcess(t, dir, "environ"), func(v []byte) bool { return bytes.HasPrefix(v, []byte(environment)) }) {
			continue
		}
		found = append(found, processID(t, dir))
	}
	return found
}

// children returns the ids of the processes that parent started and that run a
// subcommand of this program.
func children(t *testing.T, parent int, subcommand string) []int {
	t.Helper()
	var found []int
	for _, dir := range processDirectories(t) {
		arguments := readProcess(t, dir, "cmdline")
		if len(arguments) < 2 || string(arguments[1]) != subcommand {
			continue
		}
		status, err := os.ReadFile(filepath.Join(dir, "stat"))
		if err != nil {
			continue // it ended meanwhile
		}
		// The fields after the name in brackets: the state, the parent's id.
		_, rest, _ := strings.Cut(string(status), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			found = append(found, processID(t, dir))
		}
	}
	return found
}

func processDirectories(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// readProcess splits a list of a process at its zero bytes. Processes that end
// meanwhile and those of others have none.
func readProcess(t *testing.T, dir, name string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ESRCH) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(content, []byte{0})
}

func processID(t *testing.T, dir string) int {
	t.Helper()
	id, err := strconv.Atoi(filepath.Base(dir))
	if err != nil {
		t.Fatal(err)
	}
	return id
}
