# Everything that a developer, a packager or CI does starts here; `make help` lists it.
# On a bare Debian 12 machine with git and make, `make run` is enough.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
DAGS ?= examples/dags
SEEDS ?= 200
FIRST ?= 1
PYTHON := /usr/bin/python3

# Else every zygote compiles anew where Python may not write what it has compiled.
COMPILE_PYTHON := $(PYTHON) -m compileall -q python

# GCC 12's ThreadSanitizer cannot start where the kernel randomizes addresses widely; where the
# container forbids to switch that off, it is tried as it is.
NO_ASLR := $(shell setarch -R true 2>/dev/null && echo setarch -R)

.PHONY: help run demo build all test test-scale test-fleet sim asan tsan bench lint format install
.PHONY: clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: build ## Build and start the engine on the DAG files of DAGS=examples/dags
	build/beeflow standalone --dags $(DAGS)

demo: build ## Run one DAG of 20 parallel tasks in a fresh home and print its figures
	build/beeflow demo

# --- Set-up: nothing is done, and no network touched, where all packages are there ---

.PHONY: packages-build packages-test packages-lint
packages-build:
	@tools/install_packages run build
	@$(MAKE) -s web/node_modules/.package-lock.json
packages-test:
	@tools/install_packages run build test
	@$(MAKE) -s $(addsuffix /node_modules/.package-lock.json,web tests/browser tests/s3)
packages-lint:
	@tools/install_packages run build lint

# npm writes this file last. The lock file pins versions and hashes.
%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

# Ninja configures again by itself when a CMakeLists.txt changes, but does not look at the presets.
build/build.ninja: CMakePresets.json | packages-build
	cmake --preset release
	@touch $@
build/%/build.ninja: CMakePresets.json | packages-build
	cmake --preset $*
	@touch $@

# --- Build ---

build: packages-build build/build.ninja ## Compile the engine: build/beeflow (the default)
	ninja -C build beeflow
	@$(COMPILE_PYTHON)

all: packages-build build/build.ninja ## Compile the engine, the tests and the benchmarks
	ninja -C build
	@$(COMPILE_PYTHON)

install: build ## Install into PREFIX=/usr/local; DESTDIR is honoured
	cmake --install build --prefix $(PREFIX) > build/install.log
	@echo "Installed into $(DESTDIR)$(PREFIX)"

clean: ## Remove what was built in build/
	rm -rf build

# --- Tests: the last line says how many passed and failed ---

test: packages-test all ## Run all tests but test-scale: unit, simulation, Python, scenarios
	$(PYTHON) tools/run_tests.py build -LE '^(scale|fleet)$$'

test-scale: packages-test all ## Run the tests on PostgreSQL and NATS
	$(PYTHON) tools/run_tests.py build -L '^scale$$'

test-fleet: packages-test all ## Break a fleet in every way: a quarter of an hour, not in CI
	$(PYTHON) tools/run_tests.py build -L '^fleet$$'

sim: packages-build build/build.ninja ## Simulate SEEDS=200 random runs with faults, from FIRST=1 on
	ninja -C build beeflow_simulator
	build/src/sim/beeflow_sim --seeds $(SEEDS) --first $(FIRST)

asan: packages-test build/asan/build.ninja ## Unit and simulation tests, address and UB sanitizers
	ninja -C build/asan test_programs
	$(PYTHON) tools/run_tests.py build/asan -L '^(unit|sim)$$'

tsan: packages-test build/tsan/build.ninja ## Unit tests of code with threads, thread sanitizer
	ninja -C build/tsan thread_tests
	$(NO_ASLR) $(PYTHON) tools/run_tests.py build/tsan -L '^threads$$'

bench: packages-test all ## Run the benchmarks
	tools/run_benchmarks build

# --- Form ---

lint: packages-lint build/build.ninja ## Check layering, bans, sizes, wording, format and clang-tidy
	@$(MAKE) --keep-going lint-rules lint-format lint-layers lint-tidy

# Without clang-tidy.
lint-quick: packages-lint build/build.ninja
	@$(MAKE) --keep-going lint-rules lint-format lint-layers

.PHONY: lint-quick lint-rules lint-format lint-layers lint-tidy
lint-rules:
	$(PYTHON) tools/lint/lint.py
lint-format:
	$(PYTHON) tools/lint/clang_format.py
lint-layers:
	ninja -k 0 -C build header_check layer_check
lint-tidy:
	$(PYTHON) tools/lint/clang_tidy.py build $(if $(TIDY_MINUTES),--minutes $(TIDY_MINUTES))

format: packages-lint ## Reformat the C++ sources
	$(PYTHON) tools/lint/clang_format.py --fix
