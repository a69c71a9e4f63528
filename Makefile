# What people run. `make demo` and `make test` need Go, git and a C compiler.

GO       ?= go
# RE2 in place of Go's regexp for gitleaks: about a tenth of the CPU time.
TAGS     := gore2regex
# Counted in runs: a target that is busy when a span of time is over fails now
# and then with "context deadline exceeded".
FUZZTIME ?= 2000x
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build demo test test-deps format vet lint race fuzz bench clean

build:
	$(GO) build -tags $(TAGS) -trimpath -o bin/lintel ./cmd/lintel

demo: build
	./bin/lintel demo

# Everything that has to hold before a change lands.
test: test-deps format vet lint race fuzz

# The recorded webhook payloads, as testdata/octokit/package-lock.json locks them.
test-deps:
	$(GO) run ./testdata/octokit

format:
	@unformatted=$$(gofmt -l cmd internal rules testdata/octokit/main.go testdata/demo); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

vet:
	$(GO) vet -tags $(TAGS) ./... ./testdata/octokit ./testdata/demo

lint:
	$(GO) run $(STATICCHECK) -tags $(TAGS) ./...

race:
	$(GO) test -race -tags $(TAGS) -timeout 10m ./...

# Runs every fuzz target for FUZZTIME. A target that no test file declares any
# more drops out by itself.
fuzz:
	@set -e; for file in $$(grep -rlE '^func Fuzz' --include='*_test.go' cmd internal rules); do \
		dir=$$(dirname $$file); \
		for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' $$file); do \
			echo "fuzz ./$$dir $$target"; \
			$(GO) test -tags $(TAGS) ./$$dir -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x; \
		done; \
	done

# Measurements, printed as ratios against another tool in the same run.
# TREE=path measures on a tree of yours.
bench:
	$(GO) run -tags $(TAGS) ./cmd/lintel-bench $(if $(TREE),--tree $(TREE))
	$(GO) test -tags $(TAGS) ./cmd/lintel -run '^$$' -bench BenchmarkReview -benchtime 20x

clean:
	rm -rf bin testdata/octokit/node_modules
