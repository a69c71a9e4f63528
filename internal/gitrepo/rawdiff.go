package gitrepo

import (
	"fmt"
	"strings"

	"github.com/lintel-bot/lintel/internal/diff"
)

// parseRawChange reads one line of git's raw diff format
// (https://git-scm.com/docs/diff-format#_raw_output_format):
// ":<mode> <mode> <id> <id> <status>\t<path>[\t<path>]", paths quoted.
func parseRawChange(line string) (diff.File, error) {
	facts, paths, ok := strings.Cut(line, "\t")
	fields := strings.Split(strings.TrimPrefix(facts, ":"), " ")
	if !ok || !strings.HasPrefix(facts, ":") || len(fields) != 5 || fields[4] == "" {
		return diff.File{}, fmt.Errorf("unexpected line %q in git's list of changed files", clip(line))
	}
	file := diff.File{Status: diff.Status(fields[4][0])}
	if err := setSides(&file, fields); err != nil {
		return diff.File{}, err
	}
	if err := setPaths(&file, paths); err != nil {
		return diff.File{}, fmt.Errorf("line %q in git's list of changed files: %w", clip(line), err)
	}
	if err := checkStatus(file, fields[4][1:]); err != nil {
		return diff.File{}, err
	}
	return file, nil
}

func setSides(file *diff.File, fields []string) (err error) {
	if file.OldMode, err = parseMode(fields[0]); err != nil {
		return err
	}
	if file.Mode, err = parseMode(fields[1]); err != nil {
		return err
	}
	for _, side := range []struct {
		blob *string
		mode diff.Mode
		id   string
	}{{&file.OldBlob, file.OldMode, fields[2]}, {&file.Blob, file.Mode, fields[3]}} {
		if err := checkID(side.id); err != nil {
			return err
		}
		if isZero(side.id) != (side.mode == diff.ModeNone) {
			return fmt.Errorf("git's list of changed files has mode %o with object %s", side.mode, side.id)
		}
		if !isZero(side.id) {
			*side.blob = side.id
		}
	}
	return nil
}

func setPaths(file *diff.File, paths string) error {
	first, second, two := strings.Cut(paths, "\t")
	if two != (file.Status == diff.Renamed) {
		return fmt.Errorf("status %c with a wrong number of paths", file.Status)
	}
	path, err := unquotePath(first)
	if err != nil {
		return err
	}
	file.OldPath, file.Path = path, path
	if file.Status == diff.Added {
		file.OldPath = ""
	}
	if two {
		file.Path, err = unquotePath(second)
	}
	return err
}

// checkStatus checks that the letter is known and fits the sides. Only a
// rename carries a number, how similar the two sides are.
func checkStatus(file diff.File, score string) error {
	hasOld, hasNew := file.OldBlob != "", file.Blob != ""
	fits := false
	switch file.Status {
	case diff.Added:
		fits = !hasOld && hasNew
	case diff.Deleted:
		fits = hasOld && !hasNew
	case diff.Modified, diff.Renamed, diff.TypeChanged:
		fits = hasOld && hasNew
	}
	if !fits || (score != "") != (file.Status == diff.Renamed) || strings.Trim(score, "0123456789") != "" {
		return fmt.Errorf("unexpected status %c%s of %q in git's list of changed files", file.Status, clip(score), clip(file.Path))
	}
	return nil
}
