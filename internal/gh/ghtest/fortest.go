package ghtest

// TB is what ForTest needs of testing.TB, so that this package does not import
// testing.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// ForTest starts a fake with a new App key, which it returns in PEM. When the test
// ends it is closed, and the test fails if the fake found a violation.
func ForTest(t TB, o Options) (*Server, []byte) {
	t.Helper()
	private, public, err := NewAppKey()
	if err != nil {
		t.Fatalf("%v", err)
	}
	o.AppKeys = append(o.AppKeys, public)
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
	return s, private
}
