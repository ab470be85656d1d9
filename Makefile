# Every target sets itself up: Python 3.11+ and make are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED := -n auto --dist loadfile --no-loadscope-reorder
SEARCHES = $(shell grep -rlE 'tests.search import|deadly_lives' tests --include='test_*.py')

.PHONY: help demo test lint lint-plugin lint-plugin-ruby test-plugin-js test-plugin search bench soak coverage clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# pip comes last: where Python lacks its venv module, or is interrupted, the rest is there before.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/pip pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(BIN)/pip pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run  ## two cohorts looked after for six weeks on a practice forum, then its pages to look at
	$(BIN)/lcm demo $(ARGS)

test: $(VENV)/.dev  ## the tests
	$(BIN)/python -m pytest $(SHARED) $(ARGS)

lint: $(VENV)/.dev  ## ruff and mypy
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

discourse_plugin/node_modules/.installed: discourse_plugin/package.json discourse_plugin/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed for the plugin's checks" >&2; exit 1; }
	cd discourse_plugin && npm ci --no-progress --loglevel=error
	@touch $@

lint-plugin: lint-plugin-ruby discourse_plugin/node_modules/.installed  ## the linters and types, over the plugin's Ruby and its pages
	cd discourse_plugin && npm run --silent lint

lint-plugin-ruby:  ## ruby -c and RuboCop, over the plugin's server half
	@command -v ruby >/dev/null && command -v rubocop >/dev/null || { echo "Ruby 3.1 or newer and RuboCop are needed for the plugin's checks: apt-get install ruby rubocop" >&2; exit 1; }
	@find discourse_plugin -name node_modules -prune -o -name '*.rb' -print0 | xargs -0 -n 1 ruby -c >/dev/null
	cd discourse_plugin && rubocop --format simple --no-color

test-plugin-js: $(VENV)/.dev discourse_plugin/node_modules/.installed  ## the plugin's pages in Chromium, without core
	$(BIN)/python -m pytest tests/plugin -q -k "js" $(ARGS)

test-plugin:  ## the plugin's specs and QUnit inside a Discourse set up for development: make test-plugin DISCOURSE_DIR=...
	@test -f "$(DISCOURSE_DIR)/lib/discourse.rb" || { echo "DISCOURSE_DIR must name a checkout of Discourse; it is \"$(DISCOURSE_DIR)\"" >&2; exit 1; }
	@test -e "$(DISCOURSE_DIR)/plugins/discourse-lcm" || ln -s "$(CURDIR)/discourse_plugin" "$(DISCOURSE_DIR)/plugins/discourse-lcm"
	cd "$(DISCOURSE_DIR)" && LOAD_PLUGINS=1 RAILS_ENV=test bin/rake db:create db:migrate
	cd "$(DISCOURSE_DIR)" && LOAD_PLUGINS=1 RAILS_ENV=test bin/rspec plugins/discourse-lcm/spec
	cd "$(DISCOURSE_DIR)" && LOAD_PLUGINS=1 RAILS_ENV=test bin/rake "plugin:qunit[discourse-lcm]"

coverage: $(VENV)/.dev  ## the tests, and which lines of the worker they run; fails under the floor in pyproject.toml
	$(BIN)/python -m pytest $(SHARED) --cov --cov-report=term $(ARGS)

search: $(VENV)/.dev  ## a long randomised run, with twenty and more times as many examples
	LCM_SEARCH=1 $(BIN)/python -m pytest $(SHARED) $(SEARCHES) $(ARGS)

bench: $(VENV)/.dev  ## benchmarks, as ratios against a baseline measured in the same run
	$(BIN)/python tests/benchmarks/run.py $(ARGS)

soak: $(VENV)/.dev  ## a simulated year of 50 cohorts with all that can go wrong: ARGS='--seed 2 --postgres', ARGS=--help
	$(BIN)/python -m tests.soak $(ARGS)

clean:  ## remove what the targets made
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist demo-output discourse_plugin/node_modules discourse_plugin/tmp
