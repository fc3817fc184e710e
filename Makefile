# Every target works on all modules of go.work. `make` alone lists them.

FUZZTIME     ?= 30s
FUZZPARALLEL ?= 1

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK   := golang.org/x/vuln/cmd/govulncheck@v1.9.0

BENCHSTAT     := golang.org/x/perf/cmd/benchstat@latest
MODULES := . bench cmd/fairlead
PURE    := ./frame ./internal/protocol ./handshake ./internal/http1

GORELEASER    := github.com/goreleaser/goreleaser/v2@v2.14.0

.DEFAULT_GOAL := help
.PHONY: help test race fuzz simulation soak bench bench-quick bench-go bench-long lint vuln cover mutate interop hostile hostile-faults release-check demo tidy ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## all tests
	go test work

race: ## all tests under the race detector, in random order
	go test -race -shuffle=on work

# Without a bound on minimizing, each interesting input stops a target for a minute.
fuzz: ## every fuzz target for FUZZTIME (30s) each, with FUZZPARALLEL (1) processes
	@for package in $$(go list ./...); do \
		targets=$$(go test -list '^Fuzz' $$package | grep '^Fuzz' || true); \
		for target in $$targets; do \
			echo "== $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) \
				-fuzzminimizetime 100x -parallel $(FUZZPARALLEL) $$package || exit 1; \
		done; \
	done

simulation: ## 100,000 random sessions over a faulty link, and as many scripts for the model
	FAIRLEAD_LONG=1 go test -count=1 -v -run 'TestSimulation|TestReplay|TestModel' -timeout 30m ./hostile/simulation ./hostile/model

SOAK ?= 10m

soak: ## 100 connections with a cut each second for SOAK (10m), then sessions of new seeds for as long
	CI=1 SOAK=$(SOAK) go test -count=1 -v -run '^TestSoak$$' -timeout 0 ./interop
	FAIRLEAD_SIMULATE=$(SOAK) go test -count=1 -v -run '^TestSimulation$$' -timeout 0 ./hostile/simulation

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

bench-long: ## the command holds 10,000 connections; rate and percentiles within 1 %
	FAIRLEAD_LONG=1 go test -count=1 -run TestTenThousand -v ./cmd/fairlead

release-check: ## is .goreleaser.yaml right
	go run $(GORELEASER) check

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

mutate: ## invert decisions of the state machine, empty members of chilkat, break the engine: a test must notice
	go test -tags mutation -run 'TestMutations|TestEmptiedMembers|TestMutants' -timeout 15m -v . ./chilkat ./hostile/simulation

interop: ## tests against servers that others wrote; a missing one is a failure
	CI=1 go test -race -count=1 -v ./interop

hostile: ## the catalogue of hostile peers by section, floods and bombs that last
	cd hostile && FAIRLEAD_LONG=1 go test -count=1 -args -report
	cd hostile/flood && FAIRLEAD_LONG=1 go test -count=1 -args -report

hostile-faults: ## every offset of truncation, every fault of torture; prints what it came to
	FAIRLEAD_LONG=1 go test -count=1 -timeout 15m -v ./hostile/truncation ./hostile/torture

demo: ## the sample sessions against an echo server of our own
	go run ./cmd/fairlead demo

tidy: ## go mod tidy and go work sync
	@for module in $(MODULES); do (cd $$module && go mod tidy) || exit 1; done
	go work sync

ci: ## what CI runs
	.ci/run
