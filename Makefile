# The front door: `make help` lists what there is. Each target is a short call of a
# script in scripts/ or of a CMake preset, both of which also work by hand.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

preset := release
PREFIX := /usr/local
DESTDIR :=

# Options for CMake that the build directories keep, such as .ci/run's.
AM_CMAKE_OPTIONS ?=
# What a user builds only warns: another compiler sees other things.
strict := -DCMAKE_COMPILE_WARNING_AS_ERROR=ON

# Warnings and errors go to stderr.
configure = cmake --preset $(1) $(AM_CMAKE_OPTIONS) $(2) >/dev/null
compile = $(call configure,$(1)) && cmake --build --preset $(1)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## install the Debian packages that building, testing and linting need
	@scripts/setup build test browser lint

.PHONY: demo
demo: ## run the weekly picks on a year of real closes, offline, under a minute
	@scripts/setup build
	@$(call configure,release) && cmake --build --preset release --target am
	@scripts/demo

.PHONY: demo-forecast
demo-forecast: ## forecast seven bundled daily series from a queue, offline, under a minute
	@scripts/setup build
	@$(call configure,release) && cmake --build --preset release --target am
	@scripts/demo-forecast

.PHONY: demo-feed
demo-feed: ## bring in 20,000 stones from a stand-in supplier with four workers, under a minute
	@scripts/setup build node
	@$(call configure,release) && cmake --build --preset release --target am
	@scripts/demo-feed

.PHONY: demo-strategy
demo-strategy: ## trade a day of bars in a rehearsal, one native and one Python strategy, under half a minute
	@scripts/setup build redis
	@$(call configure,release) && cmake --build --preset release --target am
	@scripts/demo-strategy

.PHONY: test
test: ## build everything and run all tests (preset=release|dev|asan|tsan)
	@scripts/setup build test browser
	@$(call compile,$(preset))
	@ctest --preset $(preset)

.PHONY: lint
lint: ## check that every header compiles alone, formatting, shellcheck, clang-tidy of what has changed
	@scripts/setup build browser lint
	@$(call configure,release $(strict))
	@cmake --build --preset release --target all_verify_interface_header_sets am
	@$(call configure,asan,-DAM_PROCESS_TESTS=ON)
	@scripts/lint $(lint_flags)

.PHONY: lint-all
lint-all: ## the same, with clang-tidy of everything
	@$(MAKE) lint lint_flags=--all

.PHONY: fmt
fmt: ## format the C++ sources
	@scripts/setup lint
	@scripts/lint --fix-format

.PHONY: fmt-check
fmt-check: ## check the formatting only
	@scripts/setup lint
	@scripts/lint --format-only

.PHONY: build
build: ## build everything (preset=release|dev|asan|tsan)
	@scripts/setup build
	@$(call compile,$(preset))

.PHONY: generate
generate: ## write the files that am itself makes: completions, man pages, schedules
	@scripts/setup build
	@$(call configure,release) && cmake --build --preset release --target am
	@scripts/generate

.PHONY: install
install: ## install the program, its pages, completions and units (PREFIX=/usr/local DESTDIR=)
	@scripts/setup build
	@$(call configure,release) && cmake --build --preset release --target am
	@DESTDIR=$(abspath $(DESTDIR)) cmake --install build/release --prefix $(abspath $(PREFIX))
	@cp build/release/install_manifest.txt build/release/installed.txt

.PHONY: uninstall
uninstall: ## remove what `make install` put there (PREFIX=/usr/local DESTDIR=)
	@DESTDIR=$(abspath $(DESTDIR)) scripts/uninstall build/release/installed.txt $(abspath $(PREFIX))

.PHONY: deb
deb: ## make the Debian package in build/
	@scripts/setup build package
	@$(call configure,release) && cmake --build --preset release --target am
	@rm -f build/am_*.deb && cd build && cpack --config release/CPackConfig.cmake

.PHONY: check-deb
check-deb: deb ## install, upgrade, remove and purge the package in a fresh Debian (as root, from the network)
	@scripts/setup build package check-package
	@scripts/check-deb build/am_*.deb

.PHONY: check-fresh
check-fresh: ## the README's commands on a fresh Debian 12 and 13, as root and as a user (as root, about an hour)
	@scripts/setup fresh-machine
	@scripts/fresh-machine 12 root demo install
	@scripts/fresh-machine 13 user demo install test

.PHONY: asan
asan: ## run the tests of code under the address and undefined-behaviour sanitizers
	@$(MAKE) test preset=asan AM_CMAKE_OPTIONS='$(AM_CMAKE_OPTIONS) -DAM_PROCESS_TESTS=OFF'

.PHONY: asan-all
asan-all: ## the same with the tests that start am, and the browser's
	@$(MAKE) test preset=asan AM_CMAKE_OPTIONS='$(AM_CMAKE_OPTIONS) -DAM_PROCESS_TESTS=ON'

.PHONY: tsan
tsan: ## run all tests under the thread sanitizer
	@$(MAKE) test preset=tsan

.PHONY: mutants
mutants: ## prove that the tests notice faults put in by hand (only=REGEX or 3,7-9; without it half an hour)
	@scripts/setup build test
	@tests/mutants/run.py $(if $(only),--only '$(only)')

.PHONY: bench-picks
bench-picks: ## measure the picks desk against its yardsticks
	@scripts/setup build bench
	@$(call compile,release)
	@bench/picks

.PHONY: bench-web
bench-web: ## measure the read-only API against nginx and pgbench
	@scripts/setup build bench
	@$(call compile,release)
	@bench/web

.PHONY: bench-ops
bench-ops: ## measure am due and am status against psql
	@scripts/setup build bench
	@$(call compile,release)
	@bench/ops

.PHONY: bench-queue
bench-queue: ## measure a queue of the kernel against pgbench of the same statements
	@scripts/setup build bench
	@$(call configure,release) && cmake --build --preset release --target queue_driver
	@bench/queue

.PHONY: bench-forecast
bench-forecast: ## measure the forecasts, their jobs and a worker (M4=DIRECTORY: on the series of M4, too)
	@scripts/setup build bench
	@$(call configure,release) && cmake --build --preset release --target am
	@bench/forecast

.PHONY: bench-feed
bench-feed: ## measure the feed desk: a page beside a COPY, a crawl beside what the supplier allows
	@scripts/setup build bench test
	@$(call configure,release) && cmake --build --preset release --target am feed_driver
	@bench/feed

.PHONY: bench-strategy
bench-strategy: ## measure the strategy desk: replay, stream, sessions, the gateway (QUICK=1: less of each)
	@scripts/setup build bench redis node
	@$(call configure,release) && cmake --build --preset release --target am strategy_driver strategy_stream_driver strategy_worker_driver
	@bench/strategy $(if $(QUICK),--quick)

.PHONY: simulate
simulate: ## how often the report's verdict speaks of pickers without skill (a few minutes)
	@scripts/setup build
	@$(call configure,release) && cmake --build --preset release --target simulate_verdict
	@build/release/simulate_verdict

.PHONY: sweep
sweep: ## crash the jobs at every call; `make test` takes an eighth of them
	@scripts/setup build test
	@$(call configure,release) && cmake --build --preset release --target pg_tests cli_tests
	@AM_SWEEP=all ctest --preset release --label-regex sweep

.PHONY: soak
soak: ## the tests whose full size takes minutes: workers that are killed, a year of ticks
	@scripts/setup build test
	@$(call configure,release) && cmake --build --preset release --target am pg_tests cli_tests
	@scripts/soak build/release

.PHONY: db-up
db-up: ## start the developer's database: eval "$(make db-up)"
	@scripts/db-up

.PHONY: db-down
db-down: ## stop the developer's database, keep its data
	@scripts/db-down

.PHONY: db-reset
db-reset: ## empty the developer's database (scripts/db-reset --all removes the server's data too)
	@scripts/db-reset

.PHONY: golden
golden: ## rewrite the expected outputs in tests/golden from what am prints now
	@scripts/setup build test
	@$(call compile,release)
	@AM_GOLDEN_WRITE=1 ctest --preset release --tests-regex golden

.PHONY: clean
clean: ## remove what was built
	rm -rf build
