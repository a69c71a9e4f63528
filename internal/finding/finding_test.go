package finding

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestSeverityNamesRoundTrip(t *testing.T) {
	for _, s := range Severities() {
		parsed, err := ParseSeverity(s.String())
		if err != nil || parsed != s {
			t.Errorf("ParseSeverity(%q) = %v, %v", s, parsed, err)
		}
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var decoded Severity
		if err := json.Unmarshal(encoded, &decoded); err != nil || decoded != s {
			t.Errorf("%s decodes to %v, %v", encoded, decoded, err)
		}
		if s.Emoji() == "" || !strings.EqualFold(s.Title(), s.String()) {
			t.Errorf("%v: emoji %q, title %q", s, s.Emoji(), s.Title())
		}
	}
	for _, name := range []string{"", "none", "Critical", "blocker"} {
		if s, err := ParseSeverity(name); err == nil {
			t.Errorf("ParseSeverity(%q) = %v, want an error", name, s)
		}
	}
	var s Severity
	if err := json.Unmarshal([]byte(`"grave"`), &s); err == nil {
		t.Error("an unknown severity decodes")
	}
}

func TestSeveritiesCompare(t *testing.T) {
	order := []Severity{0, Suggestion, Minor, Major, Critical}
	if !slices.IsSorted(order) {
		t.Errorf("%v is not mildest first", order)
	}
}

func TestFingerprintTellsPartsApart(t *testing.T) {
	seen := map[Fingerprint]string{}
	for _, parts := range [][]string{
		{"rule"}, {"rule", ""}, {"rule", "ab", "c"}, {"rule", "a", "bc"}, {"rule", "abc"}, {"rulea", "bc"}, {"rule", "c", "ab"},
	} {
		fp := NewFingerprint(parts[0], parts[1:]...)
		if other, taken := seen[fp]; taken {
			t.Errorf("%q and %s share the fingerprint %s", parts, other, fp)
		}
		seen[fp] = strings.Join(parts, "|")
		if again := NewFingerprint(parts[0], parts[1:]...); again != fp {
			t.Errorf("%q gives %s, then %s", parts, fp, again)
		}
	}
}

func TestKeyedDigestDependsOnKeyAndValue(t *testing.T) {
	a := KeyedDigest([]byte("key one"), "hunter2")
	if a != KeyedDigest([]byte("key one"), "hunter2") {
		t.Error("the same key and value give two digests")
	}
	if a == KeyedDigest([]byte("key two"), "hunter2") || a == KeyedDigest([]byte("key one"), "hunter3") {
		t.Error("another key or value gives the same digest")
	}
	if strings.Contains(a, "hunter2") || len(a) != 2*fingerprintBytes {
		t.Errorf("digest %q", a)
	}
}

func TestSortIsWorstFirstAndTotal(t *testing.T) {
	want := []Finding{
		{Severity: Critical, Path: "b.py", Line: 9, Rule: "r"},
		{Severity: Major, Path: "a.py", Line: 1, Rule: "r"},
		{Severity: Major, Path: "a.py", Line: 2, Rule: "q"},
		{Severity: Major, Path: "a.py", Line: 2, Rule: "r", Fingerprint: "1"},
		{Severity: Major, Path: "a.py", Line: 2, Rule: "r", Fingerprint: "2"},
		{Severity: Minor, Path: "a.py", Line: 1, Rule: "r"},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	Sort(got)
	for i := range want {
		if Compare(got[i], want[i]) != 0 {
			t.Errorf("place %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestIncompleteOnlyWhenTheChangeIsTouched(t *testing.T) {
	r := Result{NotScanned: []NotScanned{{Path: "a", Reason: "too large"}}}
	if r.Incomplete() {
		t.Error("a gap that the base has too makes the scan incomplete")
	}
	r.NotScanned = append(r.NotScanned, NotScanned{Path: "b", Reason: "too large", Blocking: true})
	if !r.Incomplete() {
		t.Error("a gap in the change leaves the scan complete")
	}
}
