package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

func TestKeyIsRequired(t *testing.T) {
	for _, key := range []string{"", "short", "fifteen bytes.."} {
		if _, err := NewScanner([]byte(key)); err == nil {
			t.Errorf("a key of %d bytes was taken", len(key))
		}
	}
}

// TestFingerprint holds what identifies a secret: its value under the key, and
// nothing else.
func TestFingerprint(t *testing.T) {
	one := scanText(t, "a.py", "DB_PASSWORD = 'hG7kkw2Lq'\n")[0].Fingerprint
	for _, c := range []struct {
		name, path, text string
		same             bool
	}{
		{"another line", "a.py", "\n\nDB_PASSWORD = 'hG7kkw2Lq'\n", true},
		{"another file and syntax", "b/.env", "DB_PASSWORD=hG7kkw2Lq\n", true},
		{"another name, so another rule", "a.py", "EMAIL_HOST_PASSWORD = 'hG7kkw2Lq'\n", true},
		{"in a URL", "a.py", "X = 'postgres://shop:hG7kkw2Lq@db.shop.io/shop'\n", true},
		{"in base64", "s.yaml", "kind: Secret\ndata:\n  password: aEc3a2t3MkxxCg==\n", true},
		{"another value", "a.py", "DB_PASSWORD = 'hG7kkw2Lr'\n", false},
	} {
		got := scanText(t, c.path, c.text)
		if len(got) != 1 || (got[0].Fingerprint == one) != c.same {
			t.Errorf("%s: same = %v, want %v\n%s", c.name, !c.same, c.same, describe(got))
		}
	}
	other, err := NewScanner([]byte("another key for the tests"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := other.Scan(context.Background(), "a.py", []byte("DB_PASSWORD = 'hG7kkw2Lq'\n"))
	if err != nil || found[0].Fingerprint == one {
		t.Errorf("the fingerprint does not depend on the key (error %v)", err)
	}
}

// TestOneSecretOneFinding holds that a value is reported once per file, by its
// most specific rule and worst severity, with its further lines.
func TestOneSecretOneFinding(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	stripe := makeValue(t, random, "stripe-live")
	found := scanText(t, "a.py", "API_TOKEN = '"+stripe+"'\nx = 1\ncall('"+stripe+"')\nSTRIPE = '"+stripe+"'  # again\n")
	if len(found) != 1 {
		t.Fatalf("got\n%s", describe(found))
	}
	f := found[0]
	if f.Rule != "secrets/stripe-access-token" || f.Severity != finding.Critical || f.Line != 1 || len(f.AlsoAt) != 2 || f.AlsoAt[0].Line != 3 || f.AlsoAt[1].Line != 4 || f.AlsoAt[1].Path != "a.py" {
		t.Errorf("got\n%s%v", describe(found), f.AlsoAt)
	}
	weak := scanText(t, "docker-compose.yml", "DB_PASSWORD: hG7kkw2Lq\nURL: postgres://shop:hG7kkw2Lq@localhost/shop\n")
	if len(weak) != 1 || weak[0].Severity != finding.Critical {
		t.Errorf("the worst severity does not win:\n%s", describe(weak))
	}
}

func TestMessages(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	akia := makeValue(t, random, "akia")
	for _, c := range []struct{ path, text, title, message string }{
		{"a.py", "AWS_ACCESS_KEY_ID = '" + akia + "'\n", "AWS access key committed", "`AWS_ACCESS_KEY_ID` holds an AWS access key (`AK" + "IA…`, 20 characters)."},
		{"a.py", "DB_PASSWORD = 'hG7kkw2Lq'\n", "Database password committed", "`DB_PASSWORD` holds a database password (9 characters)."},
		{"a.py", "SECRET_KEY = env('SECRET_KEY', default='" + makeValue(t, random, "django") + "')\n", "Django SECRET_KEY committed", "`SECRET_KEY` holds a Django SECRET_KEY (50 characters), used where the environment has no value."},
		{"a.py", "call('" + akia + "')\n", "AWS access key committed", "This line holds an AWS access key (`AK" + "IA…`, 20 characters)."},
		// The left side is a secret too, and must not be taken for a name.
		{"creds.csv", makeValue(t, random, "alnum32") + ":" + akia + "\n", "AWS access key committed", "This line holds an AWS access key (`AK" + "IA…`, 20 characters)."},
	} {
		found := scanText(t, c.path, c.text)
		if len(found) != 1 || found[0].Title != c.title || found[0].Message != c.message {
			t.Errorf("want %q, %q, got\n%s", c.title, c.message, describe(found))
		}
	}
}

// TestShapeIsNoChance: a character that the alphabet of a loose rule allows
// makes no key worse than the next one of its kind; a mark of the provider does.
func TestShapeIsNoChance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	long := makeValue(t, random, "alnum64")
	for _, c := range []struct {
		name, value, rule string
		want              finding.Severity
	}{
		{"CLOUDFLARE_TOKEN", long[:40], "cloudflare-api-key", finding.Major},
		{"CLOUDFLARE_TOKEN", long[:3] + "_" + long[3:39], "cloudflare-api-key", finding.Major},
		{"FASTLY_TOKEN", "_" + long[:31], "fastly-api-token", finding.Major},
		{"SONAR_TOKEN", "squ" + "_" + long[:40], "sonar-api-token", finding.Critical},
		{"NEW_RELIC_KEY", "NRA" + "K-" + long[:27], "new-relic-user-api-key", finding.Critical},
		{"LOB_KEY", "live" + "_" + makeValue(t, random, "hex40")[:35], "lob-api-key", finding.Critical},
	} {
		found := scanText(t, "a.py", c.name+" = '"+c.value+"'\n")
		if len(found) != 1 || found[0].Rule != "secrets/"+c.rule || found[0].Severity != c.want {
			t.Errorf("%s: want %s, %v, got\n%s", c.name, c.rule, c.want, describe(found))
		}
	}
}

// TestEveryFindingIsComplete holds that each rule can be explained: title, why
// and steps, the first of which rotates.
func TestEveryFindingIsComplete(t *testing.T) {
	e, err := sharedEngine()
	if err != nil {
		t.Fatal(err)
	}
	ids := append(append([]string{}, e.near.Config.OrderedRules...), e.whole.Config.OrderedRules...)
	for id := range ownKinds {
		ids = append(ids, id)
	}
	for _, id := range ids {
		k := kindOf(id, true)
		steps := k.steps()
		if k.severity < finding.Minor || k.noun == "" || !strings.HasSuffix(k.title(), " committed") || k.rotate.why() == "" ||
			len(steps) < 3 || !strings.HasPrefix(steps[0], "Rotate: ") || strings.Contains(steps[0], "%") || steps[len(steps)-1] != historyStep {
			t.Errorf("%s: %+v %q", id, k, steps)
		}
	}
}

func TestAllowComments(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"none", "DB_PASSWORD = 'hG7kkw2Lq'\n", ""},
		{"gitleaks", "DB_PASSWORD = 'hG7kkw2Lq'  # gitleaks:allow\n", "gitleaks:allow"},
		{"gitleaks on another line", "# gitleaks:allow\nDB_PASSWORD = 'hG7kkw2Lq'\n", ""},
		{"lintel", "DB_PASSWORD = 'hG7kkw2Lq'  # lintel:ignore secrets/database-password -- old cluster\n", "lintel:ignore secrets/database-password"},
		{"lintel above", "# lintel:ignore secrets/database-password -- old cluster\nDB_PASSWORD = 'hG7kkw2Lq'\n", "lintel:ignore secrets/database-password"},
		{"lintel above, behind code", "x = 1  # lintel:ignore secrets/database-password -- x\nDB_PASSWORD = 'hG7kkw2Lq'\n", ""},
		{"lintel in a list", "DB_PASSWORD = 'hG7kkw2Lq'  # lintel:ignore django/x,secrets/database-password -- y\n", "lintel:ignore secrets/database-password"},
		{"lintel for all secrets", "DB_PASSWORD = 'hG7kkw2Lq'  # lintel:ignore secrets/* -- y\n", "lintel:ignore secrets/*"},
		{"lintel for another rule", "DB_PASSWORD = 'hG7kkw2Lq'  # lintel:ignore secrets/jwt -- y\n", ""},
		{"lintel for every rule", "DB_PASSWORD = 'hG7kkw2Lq'  # lintel:ignore\n", ""},
		{"inside the value", "DB_PASSWORD = 'hG7kkw2Lq gitleaks:allow'\nDB_PASSWORD = 'hG7gitleaks:allowkkw2Lq'\n", ""},
		{"at one place of two", "DB_PASSWORD = 'hG7kkw2Lq'  # gitleaks:allow\nDB_PASSWORD = 'hG7kkw2Lq'\n", ""},
		{"at both places", "DB_PASSWORD = 'hG7kkw2Lq'  # gitleaks:allow\nDB_PASSWORD = 'hG7kkw2Lq'  # gitleaks:allow\n", "gitleaks:allow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := scanText(t, "a.py", c.text)
			if len(found) == 0 {
				t.Fatal("an allowed finding must still be returned")
			}
			if found[0].AllowComment != c.want {
				t.Errorf("allow comment %q, want %q", found[0].AllowComment, c.want)
			}
		})
	}
}

// TestNoValueLeaves plants a value of every shape and greps everything that
// comes out: findings, errors, standard error.
func TestNoValueLeaves(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = write
	var captured strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.Copy(&captured, read); err != nil {
			t.Error(err)
		}
	}()
	s := newTestScanner(t)
	var out strings.Builder
	var values []string
	for _, c := range corpus() {
		text, planted := c.expand(t)
		values = append(values, planted...)
		found, err := s.Scan(context.Background(), c.path, []byte(text))
		encoded, _ := json.Marshal(found)
		fmt.Fprintln(&out, string(encoded), err)
		_, err = s.Scan(context.Background(), c.path, []byte(text+"\x00"))
		fmt.Fprintln(&out, err)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_, err = s.Scan(ended, c.path, []byte(text))
		fmt.Fprintln(&out, err)
	}
	os.Stderr = stderr
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	<-done
	values = append(values, "hG7kkw2Lq", "Kl1ngel-Bahn", "Br1efmarke77", "kq82mvLx", "wmqz hrfk btyn ploe", "Gr4nat-Apfel", "Kn4ckwurst")
	if len(values) < 60 {
		t.Fatalf("only %d values planted", len(values))
	}
	all := out.String() + captured.String()
	for _, v := range values {
		// A long value must not come out in part either.
		for _, part := range []string{v, v[:min(len(v), 24)], v[max(0, len(v)-24):]} {
			if len(part) >= 8 && strings.Contains(all, part) {
				t.Errorf("a value of %d characters comes out", len(v))
			}
		}
	}
	if captured.Len() > 0 {
		t.Errorf("%d bytes on standard error", captured.Len())
	}
}

// failing panics with the content, as a library might.
type failing struct{}

func (failing) extract(_ context.Context, d *document) ([]candidate, error) {
	panic("cannot handle " + d.text)
}

func TestPanicIsAnErrorWithoutContent(t *testing.T) {
	s := newTestScanner(t)
	broken := &Scanner{key: s.key, extractors: append([]extractor{failing{}}, s.extractors...)}
	found, err := broken.Scan(context.Background(), "a.py", []byte("DB_PASSWORD = 'hG7kkw2Lq'\n"))
	if !errors.Is(err, ErrEngine) || found != nil || strings.Contains(err.Error(), "hG7kkw2Lq") {
		t.Errorf("got error %v with %d findings", err, len(found))
	}
}

// TestConcurrentScans runs under the race detector.
func TestConcurrentScans(t *testing.T) {
	s := newTestScanner(t)
	cases := corpus()
	want := make([]string, len(cases))
	for i, c := range cases {
		text, _ := c.expand(t)
		want[i] = describe(scanText(t, c.path, text))
	}
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i, c := range cases {
				if i%8 != g {
					continue
				}
				text, _ := c.expand(t)
				found, err := s.Scan(context.Background(), c.path, []byte(text))
				if got := describe(found); err != nil || got != want[i] {
					t.Errorf("%s: %v, got\n%swant\n%s", c.path, err, got, want[i])
				}
			}
		})
	}
	group.Wait()
}
