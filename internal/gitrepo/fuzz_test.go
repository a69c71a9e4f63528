package gitrepo

import (
	"errors"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/diff"
)

// FuzzParseDiff checks that whatever comes in, what comes out is a diff:
// hunks in order, ranges within their hunks.
func FuzzParseDiff(f *testing.F) {
	f.Add(modified("@@ -1 +1 @@\n-a\n+b\n"))
	f.Add(modified("@@ -1,2 +1,3 @@\n a\n+x\n b\n\\ No newline at end of file\n"))
	f.Add(":000000 100644 " + zero + " " + idA + " A\t\"a\\nb\"\n:100644 120000 " + idA + " " + idB + " T\tt\n\n")
	f.Add(":100644 100644 " + idA + " " + idA + " R100\ta\tb\n\ndiff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n")
	f.Fuzz(func(t *testing.T, text string) {
		files, err := parseDiff(strings.NewReader(text), 100, 1000)
		if err != nil {
			return
		}
		for _, file := range files {
			if file.Path == "" || strings.Contains(file.Path, "\x00") {
				t.Errorf("path %q", file.Path)
			}
			for _, hunk := range file.Hunks {
				checkHunk(t, hunk)
			}
		}
	})
}

func checkHunk(t *testing.T, hunk diff.Hunk) {
	last, added := hunk.NewStart-1, 0
	for _, r := range hunk.Added {
		if r.First <= last || r.Last < r.First || r.Last >= hunk.NewStart+hunk.NewLines {
			t.Errorf("range %+v does not fit its hunk %+v", r, hunk)
		}
		last = r.Last
		added += r.Lines()
	}
	if added > hunk.NewLines {
		t.Errorf("hunk %+v adds more lines than it has", hunk)
	}
}

func FuzzUnquotePath(f *testing.F) {
	for _, seed := range []string{"plain", `"a\nb"`, `"\303\274"`, `"\"\\"`, `"\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path, err := unquotePath(text)
		if (err == nil) == (path == "") {
			t.Errorf("unquotePath(%q) = %q, %v", text, path, err)
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	for _, seed := range []string{idA + " blob 12", idA + " missing", idA + " tree 0", "", idA + " blob -1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, err := parseHeader(line, idA)
		if err != nil && !errors.Is(err, errProtocol) && !errors.Is(err, ErrMissingObject) {
			t.Errorf("parseHeader(%q): %v", line, err)
		}
		if err == nil && (got.size < 0 || got.kind == "" || !strings.HasPrefix(line, idA+" "+got.kind+" ")) {
			t.Errorf("parseHeader(%q) = %+v", line, got)
		}
	})
}

func FuzzParseIntroductions(f *testing.F) {
	f.Add(idA + "\x00:100644 100644 " + idA + " " + idB + " M\x00f\x00")
	f.Add(idA + "\x00::000000 100644 100644 " + zero + " " + idA + " " + idB + " AM\x00f\x00")
	f.Fuzz(func(t *testing.T, text string) {
		err := parseIntroductions(strings.NewReader(text), func(i diff.Introduction) error {
			if i.Path == "" || checkID(i.Commit) != nil || (i.Blob != "" && checkID(i.Blob) != nil) {
				t.Errorf("introduction %+v", i)
			}
			for _, blob := range i.ParentBlobs {
				if checkID(blob) != nil || isZero(blob) {
					t.Errorf("parent %q of %+v", blob, i)
				}
			}
			return nil
		})
		if err == nil && text != "" && !strings.HasSuffix(text, "\x00") {
			t.Errorf("%q was taken although it is cut", text)
		}
	})
}

func FuzzParseTreeEntry(f *testing.F) {
	f.Add("100644 blob " + idA + "\tf")
	f.Add("160000 commit " + idA + "\ta\tb\n")
	f.Fuzz(func(t *testing.T, record string) {
		entry, err := parseTreeEntry(record)
		if err == nil && (entry.Path == "" || checkID(entry.Blob) != nil || !strings.HasSuffix(record, "\t"+entry.Path)) {
			t.Errorf("parseTreeEntry(%q) = %+v", record, entry)
		}
	})
}
