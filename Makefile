# One word per action; `make help` lists them. Everything runs on a fresh Debian 12 with Swift 6.3.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
JOBS ?= 2
swift_test = swift test -j $(JOBS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: release ## two live origins, a node and a page to watch them on; Ctrl-C ends it
	@Packaging/install-packages demo
	.build/release/spillway demo

test: ## all of it: lint, tidy, pure, scenarios, release binary, system [NAME=filter]
	@Packaging/install-packages test
	$(if $(NAME),$(swift_test) --filter '$(NAME)',$(MAKE) lint unit release system)

unit: packages ## tidy, pure and scenario tests, and the replay of the fuzz corpora
	$(swift_test)

build: packages ## everything, for debugging
	swift build -j $(JOBS) --build-tests

release: packages ## .build/release/spillway, with the Swift runtime inside
	Packaging/build-release $(JOBS)

format: ## rewrites the Swift files in the house style
	swift format --in-place --recursive Sources Tests $(wildcard Fuzz Benchmarks/Micro) Package.swift

lint: ## the house style, strictly
	swift format lint --strict --recursive Sources Tests $(wildcard Fuzz Benchmarks/Micro) Package.swift

tidy: packages ## file and function length, imports, banned words
	$(swift_test) --filter TidyTests

scenarios: packages ## the journey over a simulated network and clock [SEED=number]
	$(if $(SEED),SPILLWAY_SEED=$(SEED)) $(swift_test) --filter 'DeliveryTests|ScenarioTests'

system: ## the release binary against scripts, encoders and players [NAME=script]
	@Packaging/install-packages test
	Tests/System/run $(NAME)

fuzz: packages ## libFuzzer, each target for a minute [TARGET=name] [SECONDS=n]
	Packaging/run-fuzz "$(TARGET)" "$(if $(filter command line,$(origin SECONDS)),$(SECONDS),60)"

bench: release ## our numbers beside nginx's, in one run
	@Packaging/install-packages bench
	Benchmarks/run

bench-peers: release ## beside nginx, Varnish, HAProxy, Traffic Server, H2O and Squid [QUICK=1]
	@Packaging/install-packages peers
	Benchmarks/Peers/run $(if $(QUICK),--quick)

micro: packages ## nanoseconds of the pure decisions, each on its own [NAME=regular expression]
	swift package --package-path Benchmarks/Micro --scratch-path .build-micro -j $(JOBS) \
	  --allow-writing-to-package-directory benchmark $(if $(NAME),--filter '$(NAME)')

counts: packages ## instructions of the hot path's steps, against the file [WRITE=1] [NAME=step]
	@Packaging/install-packages bench
	Packaging/count-instructions $(if $(WRITE),--write) $(NAME)

check-hot: release ## no retain, allocation or exclusivity check in the hot functions
	Packaging/check-hot .build/release/spillway Packaging/hot-functions

asan: packages ## the tests under AddressSanitizer, with a planted fault that must be caught
	Packaging/run-sanitizer address $(JOBS)

tsan: packages ## the tests under ThreadSanitizer, with a planted race that must be caught
	Packaging/run-sanitizer thread $(JOBS)

crash: release ## kills a loaded node at random instants and reads its volume back [ROUNDS=n]
	Tests/Crash/run $(or $(ROUNDS),500)

chaos: release ## origins that die, freeze and disagree, under real encoders and players [MINUTES=n] [NAME=word]
	@Packaging/install-packages chaos
	$(if $(MINUTES),MINUTES=$(MINUTES)) Tests/Chaos/run $(NAME)

soak: packages ## a node with a sanitizer and a small volume under load [SANITIZER=thread] [SECONDS=n]
	Packaging/run-soak $(or $(SANITIZER),address) \
	  "$(if $(filter command line,$(origin SECONDS)),$(SECONDS),600)" $(JOBS)

hooks: ## installs the pre-commit check: format of staged files
	install -m 755 Packaging/hooks/pre-commit "$$(git rev-parse --git-path hooks)/pre-commit"

ci: test ## what the forge runs

clean: ## removes what was built
	rm -rf .build .build-fuzz .build-asan .build-tsan .build-micro dist

packages:
	@Packaging/install-packages build

.DEFAULT_GOAL := help
.PHONY: help demo test unit build release format lint tidy scenarios system fuzz bench bench-peers micro counts check-hot asan tsan crash chaos soak hooks ci clean packages
