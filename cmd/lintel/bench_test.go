package main

import (
	"fmt"
	"testing"
)

// BenchmarkReview runs whole reviews, from the delivery to the completed check
// run, and counts what each asks of GitHub.
func BenchmarkReview(b *testing.B) {
	for _, bc := range []struct {
		name string
		// settings of the pull request with this number.
		key func(n int) string
	}{
		{"clean", func(n int) string { return fmt.Sprintf(`os.environ["KEY_%d"]`, n) }},
		{"inline finding", func(n int) string { return quoted(djangoKey(n)) }},
	} {
		b.Run(bc.name, func(b *testing.B) {
			w := newWorld(b)
			w.start()
			// The first review asks for the token and the App's name, and clones.
			w.check(w.propose("first", map[string]string{"a.py": "x = 1\n"}))
			w.idle()
			w.github.ForgetRequests()
			n := 0
			for b.Loop() {
				n++
				pull := w.propose(fmt.Sprintf("change-%d", n), map[string]string{"config/settings.py": settings(bc.key(n))})
				w.check(pull)
				w.idle()
			}
			reads, writes, tokens := w.count()
			b.ReportMetric(float64(reads)/float64(n), "reads/op")
			b.ReportMetric(float64(writes)/float64(n), "writes/op")
			b.ReportMetric(float64(tokens)/float64(n), "tokens/op")
		})
	}
}
