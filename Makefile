# From a fresh checkout to a running, tested server. `make` alone lists what there is.
#
# PORT, HOST and every other setting may be given: `make run PORT=9000`. PYTHON: the Python to make .venv with.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
WITH_NODE := .ci/with-node
WEB_SOURCES := $(shell find web_client -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/tests/*')
PINS := --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header --quiet

# Each has a PostgreSQL of its own. Two more than two cores: much of what they do is listen to people talk, and with one
# more the cores are idle a quarter of the time.
TEST_PROCESSES ?= 4

.PHONY: help run install test check format bench pins web clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## Install what is missing and start the server (PORT, HOST and other settings may be set)
	@exec $(BIN)/sales-agent serve

install: $(STAMPS)/run $(STAMPS)/project ## Virtual environment in .venv, pinned packages, web pages
	@$(MAKE) web || { \
	    echo "The web pages could not be built; they need Node 20.19 or newer and its packages (see above)."; \
	    echo "Everything else works. Run make install again to build them."; } >&2

test: $(STAMPS)/dev $(STAMPS)/project web ## All tests, of the server and of the web client
	@chromium=$$(.ci/chromium); redis=$$(.ci/redis); \
	(cd web_client && ../$(WITH_NODE) npm test); \
	export CHROMIUM="$$chromium" REDIS_SERVER="$$redis"; \
	pytest() { $(WITH_NODE) $(BIN)/pytest "$$@" $(PYTEST_ARGS); }; \
	again() { \
	    case $$? in 1) ;; 5) return 0 ;; *) return 2 ;; esac; \
	    echo "== $$1"; \
	    pytest --last-failed --last-failed-no-failures none "$${@:2}"; \
	}; \
	pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder -m "not realtime" || \
	    again "what failed with the processor shared, once more alone" -m "not realtime"; \
	pytest -n 2 -m realtime || \
	    again "what was late, once more: the machine may have been busy with something else" -m realtime
# Those in real time mostly wait for one another: two run beside each other.
# pytest's exit codes: 1: tests failed; 5: none was asked for; others: a file is not collected, or somebody broke off.

check: $(STAMPS)/dev $(STAMPS)/project web_client/node_modules/.installed ## Formatter, linters, types, import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web_client && ../$(WITH_NODE) npm run check

format: $(STAMPS)/dev ## Let the formatters write
	$(BIN)/ruff check --fix-only --exit-zero --quiet .
	$(BIN)/ruff format .

bench: $(STAMPS)/dev $(STAMPS)/project ## Benchmarks: a table each, and bench-results/*.json
	@mkdir -p bench-results
	@for script in tests/benchmarks/bench_*.py; do \
	    name=$$(basename $$script .py); \
	    echo "== $${name#bench_}"; \
	    $(BIN)/python $$script --json bench-results/$${name#bench_}.json; \
	done

pins: $(STAMPS)/dev ## Write requirements*.txt anew from pyproject.toml
	$(BIN)/uv pip compile $(PINS) pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile $(PINS) --extra microphone --extra tracing --group dev pyproject.toml -o requirements-dev.txt

clean: ## Remove what was built; keeps .venv and the data
	rm -rf web_client/dist web_client/node_modules build bench-results test-artifacts
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The steps below each leave a stamp, so that a second run has nothing to do.

$(STAMPS)/venv:
	@python=$$(.ci/python); \
	echo "making $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

# uv installs everything in seconds; where it cannot be had or does not reach the packages, pip does.
$(STAMPS)/uv: requirements-dev.txt | $(STAMPS)/venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements-dev.txt)" || \
	    echo "uv cannot be had; pip takes its place" >&2
	@touch $@

define install_packages
	echo "installing packages ($(1))"; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r $(1) || { \
	    echo "pip takes uv's place; it needs some minutes" >&2; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(1); }
endef

$(STAMPS)/run: requirements.txt | $(STAMPS)/uv
	@$(call install_packages,requirements.txt)
	@touch $@

$(STAMPS)/dev: requirements-dev.txt requirements.txt | $(STAMPS)/uv
	@$(call install_packages,requirements-dev.txt)
	@touch $(STAMPS)/run $@

$(STAMPS)/project: pyproject.toml | $(STAMPS)/uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . || \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

web: web_client/dist/.built
	@:

web_client/node_modules/.installed: web_client/package.json web_client/package-lock.json | $(STAMPS)/venv
	@echo "installing the web client's packages"
	@cd web_client && ../$(WITH_NODE) npm ci --silent
	@touch $@

web_client/dist/.built: web_client/node_modules/.installed $(WEB_SOURCES)
	@echo "building the web pages"
	@cd web_client && ../$(WITH_NODE) npm run --silent build >/dev/null
	@touch $@
