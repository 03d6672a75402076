# make serve: the map on 127.0.0.1, from a fresh clone; PORT=9000 make serve chooses the port.
# make test: everything that must pass.
VENV := .venv
BIN := $(VENV)/bin
# the first Python that is new enough
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: serve test lint bench demo clean
.DELETE_ON_ERROR:

serve: $(VENV)/installed
	@exec $(BIN)/buildingmap serve

test: lint chromium postgresql
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tests data benchmarks .ci

bench: $(VENV)/installed-dev
	$(PIP) install --quiet --editable '.[bench]'
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.solvers
	$(BIN)/python -m benchmarks.stations

demo: $(VENV)/installed
	$(BIN)/python data/make_demo.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/created:
	@test -n "$(PYTHON)" || { echo "buildingmap needs Python 3.11 or newer, found $$(python3 --version 2>&1 || echo none)." \
	  "Install one, or name it: make serve PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make an environment;" \
	  "on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# an installation is repeated only when what it installs has changed
$(VENV)/installed: $(VENV)/created pyproject.toml
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/created pyproject.toml
	$(PIP) install --quiet --editable '.[dev]'
	@touch $(VENV)/installed $@

# A browser and a Chinese font for the tests: Debian's own where apt may be used, otherwise Playwright's.
.PHONY: chromium
chromium: $(VENV)/installed-dev
	@if chromium --version >/dev/null 2>&1; then exit 0; fi; \
	if test "$$(id -u)" = 0; then as_root=; else as_root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null \
	  && $$as_root apt-get update -qq \
	  && $$as_root env DEBIAN_FRONTEND=noninteractive \
	     apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null \
	  && chromium --version >/dev/null 2>&1; then exit 0; fi; \
	$(BIN)/python -m playwright install chromium

# A database server for the tests of the other store: they start one of their own from it.
.PHONY: postgresql
postgresql:
	@if ls /usr/lib/postgresql/*/bin/initdb /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; then exit 0; fi; \
	if test "$$(id -u)" = 0; then as_root=; else as_root="sudo -n"; fi; \
	$$as_root apt-get update -qq && $$as_root env DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends postgresql postgresql-15-postgis-3 >/dev/null
