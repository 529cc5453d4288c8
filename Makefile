# Everything there is to do with hogsend. `make` alone lists it.

# A server that is named says by itself which version it is of.
ifdef PG_CONFIG
PG ?= $(shell $(PG_CONFIG) --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
else
PG ?= 15
endif
PG_CONFIG ?= /usr/lib/postgresql/$(PG)/bin/pg_config
export PG PG_CONFIG
# Where rustup puts cargo, for shells that have not read its profile.
export PATH := $(PATH):$(HOME)/.cargo/bin

# pgrx is compiled for one server version at a time.
FEATURES = --no-default-features --features pg$(PG)

# The server's directories are root's.
SUDO := $(shell test "$$(id -u)" = 0 || echo --sudo)

# Which tests, by name or pattern: make test-regress ONLY='window*'
ONLY ?=
export ONLY

.PHONY: help all setup build install deb pgxn test demo bench lint clean upgrade-script reference freeze \
        test-all test-packages test-assertions test-core test-regress test-isolation test-client regress-accept isolation-accept

help: ## list these targets
	@echo "PG=$(PG) selects the Postgres version."
	@sed -n 's/^\([a-z%-]*\):[^#]*## \(.*\)$$/  make \1|\2/p' $(MAKEFILE_LIST) | \
	    while IFS='|' read -r target words; do printf '%-24s %s\n' "$$target" "$$words"; done

setup: ## install what is needed: Postgres, clang, cargo-pgrx, Python, Node (as root, or with sudo)
	@tests/setup.sh

# What clients of PGXN call before `make install`.
all: build

build: setup ## build an installable package under target/release
	cargo pgrx package --pg-config $(PG_CONFIG) $(FEATURES)

install: setup ## build hogsend and install it into that Postgres
	@echo "install: building hogsend for Postgres $(PG); the first time takes some minutes"
	cargo pgrx install --release --pg-config $(PG_CONFIG) $(SUDO) $(FEATURES)
	@tests/install-releases.sh

deb: ## build packages for Debian into target/packages: PG=17, or SERVERS="15 16 17 18"
	@packaging/deb.sh

pgxn: ## make the distribution for PGXN, a zip, of what is committed
	@packaging/pgxn.sh

upgrade-script: install ## write the script that updates the release before to this version
	@cargo run --release --quiet -p hogsend-client-tests --bin upgrade-script

reference: install ## write doc/reference.md from the functions, tables and settings that are installed
	@cargo run --release --quiet -p hogsend-client-tests --bin reference

freeze: install ## keep this version's install script, when it is released
	@tests/freeze-release.sh

test: install ## run every test, on throw-away servers
	@tests/run-all.sh

test-core: ## test the pure core: criteria, truth and stays, without Postgres
	@tests/run-core.sh

test-regress: ## compare SQL sessions with their expected output; ONLY=name
	@tests/run-regress.sh

test-isolation: ## run interleaved sessions; ONLY=name
	@tests/run-isolation.sh

test-client: ## run the tests that need real clients; ONLY=name of a test
	@tests/run-client.sh

test-packages: install ## install packages, and the image, in a bare Debian; FULL=1 builds all there is
	@tests/run-packages.sh

test-%: ## one of the others: differential, crash, load, fuzz, security, report, watch, in-sql, in-schema, parallel
	@tests/run-$*.sh

regress-accept: ## take what the SQL sessions print now as expected; ONLY=name
	@ACCEPT=1 tests/run-regress.sh

isolation-accept: ## the same for the interleaved sessions
	@ACCEPT=1 tests/run-isolation.sh

test-all: setup ## test on Postgres 15, 16, 17 and 18, which are fetched; SERVERS="17 18"
	@tests/all-servers.sh

test-assertions: setup ## test on a Postgres 15 built with its assertions on; SEQUENCES=20000 PARTS=ddl
	@tests/assertions.sh

demo: install ## replay eighteen months of real purchases, with a listener
	@cargo run --release --quiet -p hogsend-demo

bench: install ## measure against the same server without hogsend
	@cargo build --release --quiet -p hogsend-runner
	@if [ -d tests/bench ]; then cargo run --release --quiet -p hogsend-bench; \
	else echo "bench: there are no benchmarks yet"; fi

lint: setup ## check formatting, and clippy with warnings as errors
	cargo fmt --all --check
	cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
	cargo clippy --all-targets --workspace --exclude hogsend -- -D warnings
	cargo clippy -p hogsend $(FEATURES) -- -D warnings

clean: ## remove everything that was built
	cargo clean
