package secrets

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

// tier is what a case of the corpus asks for.
type tier int

const (
	// silent: nothing may be reported above a suggestion.
	silent tier = iota
	// informs: reported, but must not block.
	informs
	// blocks: reported as major or critical.
	blocks
)

// corpusCase is one file with at most one secret. Values in angle quotes are
// made at run time, so that this file holds nothing with the shape of a
// provider's key: ‹django›, ‹hex40›, ‹akia› and so on, see makeValue.
type corpusCase struct {
	path, text string
	want       tier
}

// expand replaces the placeholders of a case and returns the text and the
// values put in. The same name in one case gives the same value.
func (c corpusCase) expand(t testing.TB) (text string, values []string) {
	t.Helper()
	seed := crc32.ChecksumIEEE([]byte(c.path + c.text))
	random := rand.New(rand.NewPCG(uint64(seed), 7))
	text = c.text
	for {
		open := strings.Index(text, "‹")
		if open < 0 {
			return text, values
		}
		end := strings.Index(text, "›")
		name := text[open+len("‹") : end]
		value := makeValue(t, random, name)
		values = append(values, value)
		text = strings.ReplaceAll(text, "‹"+name+"›", value)
	}
}

const (
	lowerAlphabet = "abcdefghijklmnopqrstuvwxyz"
	upperAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digitAlphabet = "0123456789"
	hexAlphabet   = "0123456789abcdef"
	alphanumeric  = lowerAlphabet + upperAlphabet + digitAlphabet
	// djangoAlphabet is that of get_random_secret_key.
	djangoAlphabet = lowerAlphabet + digitAlphabet + "!@#$%^&*(-_=+)"
)

func pick(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// makeValue makes a value of the named shape.
func makeValue(t testing.TB, r *rand.Rand, name string) string {
	t.Helper()
	switch name {
	case "django":
		return pick(r, djangoAlphabet, 50)
	case "django-insecure":
		return "django-insecure" + "-" + pick(r, djangoAlphabet, 50)
	case "hex32":
		return pick(r, hexAlphabet, 32)
	case "hex40":
		return pick(r, hexAlphabet, 40)
	case "hex64":
		return pick(r, hexAlphabet, 64)
	case "alnum24":
		return pick(r, alphanumeric, 24)
	case "alnum32":
		return pick(r, alphanumeric, 32)
	case "alnum64":
		return pick(r, alphanumeric, 64)
	case "base64-44":
		raw := []byte(pick(r, alphanumeric, 32))
		for i := range raw {
			raw[i] ^= byte(r.IntN(256))
		}
		return base64.StdEncoding.EncodeToString(raw)
	case "uuid":
		return pick(r, hexAlphabet, 8) + "-" + pick(r, hexAlphabet, 4) + "-4" + pick(r, hexAlphabet, 3) + "-a" + pick(r, hexAlphabet, 3) + "-" + pick(r, hexAlphabet, 12)
	case "akia":
		return "AK" + "IA" + pick(r, upperAlphabet+"234567", 16)
	case "aws-secret":
		return pick(r, alphanumeric+"/+", 40)
	case "ghp":
		return githubToken("gh"+"p_", r)
	case "gho":
		return githubToken("gh"+"o_", r)
	case "ghs-jwt":
		return "gh" + "s_1234567_" + jwt(r)
	case "github-pat":
		return "github" + "_pat_" + pick(r, alphanumeric, 22) + "_" + pick(r, alphanumeric, 59)
	case "stripe-live":
		return "sk" + "_live_" + pick(r, alphanumeric, 24)
	case "stripe-test":
		return "sk" + "_test_" + pick(r, alphanumeric, 24)
	case "stripe-public":
		return "pk" + "_live_" + pick(r, alphanumeric, 24)
	case "sendgrid":
		return "S" + "G." + pick(r, alphanumeric, 22) + "." + pick(r, alphanumeric, 43)
	case "mailgun":
		return "key" + "-" + pick(r, hexAlphabet, 32)
	case "slack-bot":
		return "xo" + "xb-" + pick(r, digitAlphabet, 12) + "-" + pick(r, digitAlphabet, 12) + "-" + pick(r, alphanumeric, 24)
	case "slack-hook":
		return "https://hooks." + "slack.com/services/T" + pick(r, upperAlphabet, 8) + "/B" + pick(r, upperAlphabet, 8) + "/" + pick(r, alphanumeric, 24)
	case "twilio":
		return "S" + "K" + pick(r, hexAlphabet, 32)
	case "google":
		return "AI" + "za" + pick(r, alphanumeric, 35)
	case "npm":
		return "npm" + "_" + pick(r, alphanumeric, 36)
	case "gitlab":
		return "gl" + "pat-" + pick(r, alphanumeric, 20)
	case "digest":
		return "sha256:" + pick(r, hexAlphabet, 64)
	case "jwt":
		return jwt(r)
	case "fernet":
		return base64.URLEncoding.EncodeToString([]byte(pick(r, alphanumeric, 32)))
	case "pem", "pem-escaped", "pem-base64":
		return privateKeyPEM(t, name)
	case "hash":
		return "pbkdf2_sha256$870000$" + pick(r, alphanumeric, 22) + "$" + pick(r, alphanumeric, 43) + "="
	}
	t.Fatalf("no value of shape %q", name)
	return ""
}

func jwt(r *rand.Rand) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"HS256","typ":"JWT"}`) + "." + part(`{"sub":"`+pick(r, digitAlphabet, 10)+`","scope":"admin"}`) + "." + pick(r, alphanumeric, 43)
}

// githubToken makes a token with a valid checksum.
func githubToken(prefix string, r *rand.Rand) string {
	const digits = digitAlphabet + upperAlphabet + lowerAlphabet
	body := pick(r, alphanumeric, 30)
	sum := make([]byte, 6)
	for i, n := 5, crc32.ChecksumIEEE([]byte(body)); i >= 0; i-- {
		sum[i] = digits[n%62]
		n /= 62
	}
	return prefix + body + string(sum)
}

// privateKeyPEM makes a real key, since bodies that are no base64 are not
// taken for one.
func privateKeyPEM(t testing.TB, form string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.NewChaCha8([32]byte{7}))
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	switch form {
	case "pem-escaped":
		return strings.ReplaceAll(block, "\n", `\n`)
	case "pem-base64":
		return base64.StdEncoding.EncodeToString([]byte(block))
	}
	return block
}

// floors are what the corpus must reach. They are the figures reached, less
// the rounding: a change that loses a case has to be looked at.
const (
	floorBlockingPrecision = 0.97
	floorBlockingRecall    = 0.95
	floorRecall            = 0.98
)

// TestCorpus scores the scanner on files written for it: how much of what
// blocks is right, and how much of what should be found is.
func TestCorpus(t *testing.T) {
	s := newTestScanner(t)
	var blocking, rightlyBlocking, wantBlocking, blocked, wantFound, found, noise int
	for _, c := range corpus() {
		text, _ := c.expand(t)
		findings, err := s.Scan(context.Background(), c.path, []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", c.path, err)
		}
		worst := finding.Severity(0)
		for i, f := range findings {
			worst = max(worst, f.Severity)
			if f.Severity >= finding.Major {
				blocking++
				if c.want == blocks && i == 0 {
					rightlyBlocking++
				}
			}
		}
		switch c.want {
		case blocks:
			wantBlocking++
			if worst >= finding.Major {
				blocked++
			} else {
				t.Logf("does not block (%s): %s: %s", worst, c.path, firstLine(c.text))
			}
		case informs:
			if worst >= finding.Major {
				t.Logf("blocks: %s: %s: %s", c.path, firstLine(c.text), findings[0].Rule)
			}
		case silent:
			if worst >= finding.Minor {
				noise++
				t.Logf("noise (%s): %s: %s: %s", worst, c.path, firstLine(c.text), findings[0].Rule)
			}
		}
		if c.want != silent {
			wantFound++
			if worst > 0 {
				found++
			} else {
				t.Logf("not found: %s: %s", c.path, firstLine(c.text))
			}
		}
	}
	precision := ratio(rightlyBlocking, blocking)
	blockingRecall := ratio(blocked, wantBlocking)
	recall := ratio(found, wantFound)
	t.Logf("%d positives (%d blocking), %d negatives: blocking precision %.3f, blocking recall %.3f, recall %.3f, %d negatives commented on",
		wantFound, wantBlocking, len(corpus())-wantFound, precision, blockingRecall, recall, noise)
	if precision < floorBlockingPrecision || blockingRecall < floorBlockingRecall || recall < floorRecall {
		t.Errorf("below the floors of %.2f, %.2f and %.2f", floorBlockingPrecision, floorBlockingRecall, floorRecall)
	}
	if wantFound < 100 || len(corpus())-wantFound < 100 {
		t.Errorf("the corpus has %d positives and %d negatives, want 100 of each", wantFound, len(corpus())-wantFound)
	}
}

func ratio(a, b int) float64 { return float64(a) / float64(b) }

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

func corpus() []corpusCase {
	var all []corpusCase
	for _, part := range [][]corpusCase{positivePython(), positiveConfiguration(), positiveElsewhere(), positiveProviders(), negativePython(), negativeConfiguration(), negativeOther()} {
		all = append(all, part...)
	}
	return all
}

func newTestScanner(t testing.TB) *Scanner {
	t.Helper()
	s, err := NewScanner([]byte("a key for the tests only"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scanText scans and fails the test on an error.
func scanText(t testing.TB, path, text string) []finding.Finding {
	t.Helper()
	found, err := newTestScanner(t).Scan(context.Background(), path, []byte(text))
	if err != nil {
		t.Fatalf("scan %s: %v", path, err)
	}
	return found
}

// describe prints findings for failure messages.
func describe(found []finding.Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s %s:%d %s\n", f.Severity, f.Rule, f.Path, f.Line, f.Message)
	}
	return b.String()
}
