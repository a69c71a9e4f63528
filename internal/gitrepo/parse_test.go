package gitrepo

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/diff"
)

var (
	idA, idB, zero = strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("0", 40)
)

// modified is git's answer about one changed file, with the given hunks.
func modified(hunks string) string {
	return ":100644 100644 " + idA + " " + idB + " M\tf\n\ndiff --git a/f b/f\nindex " + idA + ".." + idB + " 100644\n--- a/f\n+++ b/f\n" + hunks
}

func TestParseDiffReadsHunksByTheirNumbers(t *testing.T) {
	for name, test := range map[string]struct {
		hunks string
		want  []diff.Hunk
	}{
		"numbers left out are 1": {"@@ -1 +1 @@\n-a\n+b\n", []diff.Hunk{{OldStart: 1, OldLines: 1, NewStart: 1, NewLines: 1, Added: []diff.Range{{First: 1, Last: 1}}}}},
		"lines that look like headers": {"@@ -5,2 +5,4 @@ func @@ -1 +1 @@\n+++ b/g\n+@@ -1 +1 @@\n diff --git a/x b/x\n--- a/g\n+index 0..1\n",
			[]diff.Hunk{{OldStart: 5, OldLines: 2, NewStart: 5, NewLines: 4, Added: []diff.Range{{First: 5, Last: 6}, {First: 8, Last: 8}}}}},
		"no newline at both ends": {"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
			[]diff.Hunk{{OldStart: 1, OldLines: 1, NewStart: 1, NewLines: 1, Added: []diff.Range{{First: 1, Last: 1}}}}},
		"two hunks, CR and empty lines": {"@@ -1,2 +1,3 @@\n a\r\n+\n b\n@@ -9,2 +10 @@\n-x\n y\n",
			[]diff.Hunk{{OldStart: 1, OldLines: 2, NewStart: 1, NewLines: 3, Added: []diff.Range{{First: 2, Last: 2}}}, {OldStart: 9, OldLines: 2, NewStart: 10, NewLines: 1}}},
		"lines longer than any buffer": {"@@ -1 +1,2 @@\n-" + strings.Repeat("x", 3*maxRecordBytes) + "\n+" + strings.Repeat("@@ -1 +1 @@", 2*maxRecordBytes) + "\n+b\n",
			[]diff.Hunk{{OldStart: 1, OldLines: 1, NewStart: 1, NewLines: 2, Added: []diff.Range{{First: 1, Last: 2}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			for reader, in := range map[string]io.Reader{"whole": strings.NewReader(modified(test.hunks)), "in halves": iotest.HalfReader(strings.NewReader(modified(test.hunks)))} {
				files, err := parseDiff(in, 10, 100)
				if err != nil || len(files) != 1 {
					t.Fatalf("%s: %v, %v", reader, files, err)
				}
				if d := cmp.Diff(test.want, files[0].Hunks); d != "" {
					t.Errorf("%s: hunks (-want +got):\n%s", reader, d)
				}
			}
		})
	}
}

func TestParseDiffRefusesWhatDoesNotFit(t *testing.T) {
	ok := modified("@@ -1 +1 @@\n-a\n+b\n")
	if _, err := parseDiff(strings.NewReader(ok), 1, 2); err != nil {
		t.Fatalf("the example itself: %v", err)
	}
	for name, text := range map[string]string{
		"cut in the list":            ok[:60],
		"cut after the list":         ok[:strings.Index(ok, "\n\n")+1],
		"cut before the patch":       ok[:strings.Index(ok, "\n\n")+2],
		"cut in the header":          ok[:strings.Index(ok, "--- a")-5],
		"cut in a hunk":              strings.TrimSuffix(ok, "+b\n"),
		"cut in a line":              strings.TrimSuffix(ok, "\n"),
		"a patch without its entry":  ok + strings.Replace(ok[strings.Index(ok, "diff --git"):], "a/f b/f", "a/g b/g", 1),
		"an entry without its patch": strings.Replace(ok, "\n\n", "\n:100644 100644 "+idA+" "+idB+" M\tg\n\n", 1),
		"other objects":              strings.Replace(ok, "index "+idA, "index "+idB, 1),
		"no objects named":           strings.Replace(ok, "index "+idA+".."+idB+" 100644\n", "", 1),
		"abbreviated objects":        strings.Replace(ok, "index "+idA, "index "+idA[:7], 1),
		"an unknown header":          strings.Replace(ok, "--- a/f", "GIT binary patch", 1),
		"an unknown status":          strings.Replace(ok, " M\t", " X\t", 1),
		"a copy":                     strings.Replace(ok, " M\tf", " C100\tf\tg", 1),
		"a rename of one path":       strings.Replace(ok, " M\t", " R100\t", 1),
		"two paths":                  strings.Replace(ok, "M\tf", "M\tf\tg", 1),
		"a score":                    strings.Replace(ok, " M\t", " M100\t", 1),
		"an added file with a past":  strings.Replace(ok, " M\t", " A\t", 1),
		"a mode without an object":   strings.Replace(ok, ":100644 100644 "+idA, ":100644 100644 "+zero, 1),
		"a bad mode":                 strings.Replace(ok, ":100644", ":10064x", 1),
		"a badly quoted path":        strings.Replace(ok, "M\tf", "M\t\"f", 1),
		"an empty path":              strings.Replace(ok, "M\tf", "M\t", 1),
		"too few lines":              strings.Replace(ok, "@@ -1 +1 @@", "@@ -1 +1,2 @@", 1),
		"too many lines":             strings.Replace(ok, "+b\n", "+b\n+c\n", 1),
		"a line of neither kind":     strings.Replace(ok, "+b\n", "*b\n", 1),
		"an empty line":              strings.Replace(ok, "+b\n", "\n", 1),
		"an empty hunk":              strings.Replace(ok, "@@ -1 +1 @@\n-a\n+b\n", "@@ -1,0 +1,0 @@\n", 1),
		"line 0":                     strings.Replace(ok, "+1 @@", "+0 @@", 1),
		"a huge number":              strings.Replace(ok, "+1 @@", "+9999999999 @@", 1),
		"a negative number":          strings.Replace(ok, "+1 @@", "+-1 @@", 1),
		"a combined diff":            strings.Replace(ok, "@@ -1 +1 @@", "@@@ -1 -1 +1 @@@", 1),
		"only patches":               ok[strings.Index(ok, "diff --git"):],
	} {
		if files, err := parseDiff(strings.NewReader(text), 10, 100); err == nil {
			t.Errorf("%s: taken for %+v", name, files)
		}
	}
}

func TestParseDiffIsBounded(t *testing.T) {
	two := modified("@@ -1 +1 @@\n-a\n+b\n@@ -10 +10 @@\n-a\n+b\n")
	if _, err := parseDiff(strings.NewReader(two), 10, 3); !errors.Is(err, ErrTooLarge) {
		t.Errorf("four hunks and ranges where three may be: %v", err)
	}
	if _, err := parseDiff(strings.NewReader(two), 0, 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("one file where none may be: %v", err)
	}
	long := strings.Replace(two, "M\tf", "M\t"+strings.Repeat("f", maxRecordBytes), 1)
	if _, err := parseDiff(strings.NewReader(long), 10, 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a path of 64 KiB: %v", err)
	}
}

func TestUnquotePath(t *testing.T) {
	for text, want := range map[string]string{
		`plain`: "plain", `with space`: "with space", `"a\nb"`: "a\nb", `"\303\274"`: "ü", `"\"\\"`: `"\`, `"\a\b\t\v\f\r"`: "\a\b\t\v\f\r",
		`"\377\001"`: "\xff\x01", `"x"`: "x",
		"": "", `"`: "", `""`: "", `"a`: "", `"a"b"`: "", `"\q"`: "", `"\12"`: "", `"\400"`: "", `"\000"`: "", `"\"`: "", `a"b`: "", `a\b`: "", "a\tb": "", `"\389"`: "",
	} {
		got, err := unquotePath(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("unquotePath(%s) = %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestParseTreeEntryAndIntroductionsRefuseWhatTheyDoNotKnow(t *testing.T) {
	for _, record := range []string{
		"", "100644 blob " + idA, "100644 blob " + idA + "\t", "100644 blob\tf", "100644 tree " + idA + "\tf", "644 blob " + idA + "\tf", "100644 blob " + idA[1:] + "\tf",
	} {
		if entry, err := parseTreeEntry(record); err == nil {
			t.Errorf("%q was taken for %+v", record, entry)
		}
	}
	change := ":100644 100644 " + idA + " " + idB + " M"
	for _, text := range []string{
		change + "\x00f\x00",               // no commit
		idA + "\x00" + change + "\x00",     // no path
		idA + "\x00" + change + "\x00f",    // cut
		idA + "\x00" + change + "\x00\x00", // empty path
		idA[1:] + "\x00" + change + "\x00f\x00",
		idA + "\x00:" + change + "\x00f\x00", // two parents, one side
		idA + "\x00" + change + "M\x00f\x00", // one parent, two letters
		idA + "\x00:100644 100644 x y M\x00f\x00",
	} {
		if err := parseIntroductions(strings.NewReader(text), func(diff.Introduction) error { return nil }); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
