package ghtest

import (
	"crypto/rsa"
	"sync"
)

// TB is what ForTest needs of testing.TB, so that this package does not import
// testing.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// testKey is the App key of every test of a process: making one takes a quarter of
// a second.
var testKey = sync.OnceValues(func() (appKey, error) {
	private, public, err := NewAppKey()
	return appKey{private, public}, err
})

type appKey struct {
	private []byte
	public  *rsa.PublicKey
}

// ForTest starts a fake with an App key, which it returns in PEM; the key is the
// same for all tests of a process. When the test ends it is closed, and the test fails if the fake found a violation.
func ForTest(t TB, o Options) (*Server, []byte) {
	t.Helper()
	key, err := testKey()
	if err != nil {
		t.Fatalf("%v", err)
	}
	o.AppKeys = append(o.AppKeys, key.public)
	s, err := New(o)
	if err != nil {
		t.Fatalf("%v", err)
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("%v", err)
		}
		for _, violation := range s.Violations() {
			t.Errorf("the fake GitHub broke its own rules: %s", violation)
		}
	})
	return s, key.private
}
