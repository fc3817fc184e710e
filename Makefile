# Every target works on all modules of go.work. `make` alone lists them.

FUZZTIME ?= 30s

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK   := golang.org/x/vuln/cmd/govulncheck@v1.9.0

BENCHSTAT     := golang.org/x/perf/cmd/benchstat@latest

MODULES := . bench cabi cmd/fairlead
PURE    := ./frame ./internal/protocol ./handshake ./internal/http1

.DEFAULT_GOAL := help
.PHONY: help test race fuzz bench bench-quick bench-go bench-python lint vuln cover mutate interop demo python wheel test-python tidy ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## all tests
	go test work

race: ## all tests under the race detector, in random order
	go test -race -shuffle=on work

fuzz: ## every fuzz target for FUZZTIME (30s)
	@for package in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); \
		for target in $$targets; do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

bench: ## Fairlead beside other clients, into docs/performance.md (BENCH="-rows echo" and the like)
	go run ./bench $(if $(BENCH),$(BENCH),-md docs/performance.md)

bench-quick: ## the same in two minutes, on the terminal only
	go run ./bench -quick $(BENCH)

# For everyday use: OLD is any commit, PKG a package, RUN a regexp of benchmarks.
OLD ?= HEAD
PKG ?= .
RUN ?= .

bench-go: ## Go benchmarks of PKG, commit OLD (HEAD) against the working tree, by benchstat
	bench/compare $(OLD) $(PKG) '$(RUN)' '$(BENCHSTAT)'

lint: ## formatting, go vet, golangci-lint, go mod tidy; per module
	@for module in $(MODULES); do \
		echo "== $$module"; \
		(cd $$module && go vet ./... && go mod tidy -diff && go run $(GOLANGCI_LINT) run ./...) || exit 1; \
	done

vuln: ## known vulnerabilities in what we use; asks vuln.go.dev
	@for module in $(MODULES); do \
		(cd $$module && go run $(GOVULNCHECK) ./...) || exit 1; \
	done

cover: ## statement coverage of the pure packages by their own tests
	go test -cover $(PURE)

mutate: ## invert decisions of the state machine, empty members of chilkat: a test must notice
	go test -tags mutation -run 'TestMutations|TestEmptiedMembers' -timeout 15m -v . ./chilkat

interop: ## tests against servers that others wrote; a missing one is a failure
	CI=1 go test -race -count=1 -v ./interop

demo: ## the sample sessions against an echo server of our own
	go run ./cmd/fairlead demo

python: ## libfairlead into the source tree of python/, which runs from there then
	cd cabi && go build -buildmode=c-shared -o ../python/fairlead_ws/libfairlead.so . && rm -f ../python/fairlead_ws/libfairlead.h

wheel: ## the wheel of fairlead_ws into python/dist
	cd python && python3 -m build --wheel

test-python: python ## the tests of python/, long form: a million frames
	cd python && FAIRLEAD_LONG=1 python3 -X dev -W error -m unittest

bench-python: python ## echo rates of fairlead_ws beside other clients for Python, into python/README.md
	cd python && /usr/bin/python3 bench/echo.py --write README.md

tidy: ## go mod tidy and go work sync
	@for module in $(MODULES); do (cd $$module && go mod tidy) || exit 1; done
	go work sync

ci: ## what CI runs
	.ci/run
