# make serve: the map on 127.0.0.1, from a fresh clone; PORT=9000 make serve chooses the port.
# make test: everything that must pass; BUILDINGMAP_EXAMPLES=all tries every property on more examples.
# make lock: the versions in requirements/ anew, the newest that pyproject.toml allows.
VENV := .venv
BIN := $(VENV)/bin
# the first Python that is new enough
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: serve test lint lock bench demo clean
.DELETE_ON_ERROR:

serve: $(VENV)/installed
	@exec $(BIN)/buildingmap serve

test: lint chromium postgresql
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile --no-loadscope-reorder

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

# What was tested is what is installed: requirements/ names each version with its hashes.
# An installation is repeated only when what it installs has changed.
OURSELVES := --no-deps --no-build-isolation --editable .
$(VENV)/installed: $(VENV)/created pyproject.toml requirements/serve.txt
	$(PIP) install --quiet --require-hashes --requirement requirements/serve.txt
	$(PIP) install --quiet $(OURSELVES)
	@touch $@

$(VENV)/installed-dev: $(VENV)/created pyproject.toml requirements/test.txt
	$(PIP) install --quiet --require-hashes --requirement requirements/test.txt
	$(PIP) install --quiet $(OURSELVES)
	@touch $(VENV)/installed $@

# hatchling and editables build the editable installation
LOCK := printf 'hatchling\neditables\n' | $(BIN)/uv pip compile --quiet --upgrade --universal \
  --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -
lock: $(VENV)/created
	$(PIP) install --quiet uv
	$(LOCK) --extra dev --output-file requirements/test.txt
	$(LOCK) --constraint requirements/test.txt --output-file requirements/serve.txt

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

# A database server for the tests of the other store: they start one of their own from it. Where it cannot be had the
# other tests run, and say that these did not; with CI set they refuse to.
.PHONY: postgresql
postgresql: $(VENV)/installed-dev
	@if $(BIN)/python -c 'import sys; from tests import postgresql; sys.exit(not postgresql.is_there())'; then exit 0; fi; \
	if test "$$(id -u)" = 0; then as_root=; else as_root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
	  $$as_root apt-get update -qq && $$as_root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends postgresql postgresql-postgis >/dev/null; \
	fi || true
