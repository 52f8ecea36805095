# LoVHub's commands. `make` alone lists them.
# Everything is made inside this folder: .venv/ and build/ may be deleted at any time.

PYTHON ?= python3
PYTEST_ARGS ?=
# How many at a time: see tests/conftest.py; more than four would wait for the disk and the screen.
PYTEST_WORKERS ?= --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

VENV := .venv
PY := $(VENV)/bin/python
STAMPS := build/stamps
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
VENDOR := lovhub/server/web/static/vendor
CATALOGS := $(wildcard lovhub/*/translations/*/LC_MESSAGES/*.po \
	lovhub/*/*/translations/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The tests start hundreds of processes: each would compile all of our modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: run
run: $(VENV)/.run-stamp $(VENDOR)/.stamp $(STAMPS)/catalogs ## Start a demo club: the server and 20 virtual PCs
	$(PY) -m lovhub demo

.PHONY: test
test: system prepare wine ## Install what the tests need and run all of them
	$(PY) -m pytest $(PYTEST_WORKERS) $(PYTEST_ARGS)

.PHONY: prepare
prepare: $(VENV)/.dev-stamp $(VENDOR)/.stamp $(STAMPS)/catalogs ## Set up .venv with all pinned packages, web files, texts

.PHONY: system
system: ## Install the Debian packages that the tests need
	@PYTHON=$(PYTHON) scripts/system-packages

.PHONY: wine
wine: build/wine/ready ## Set up a Windows Python under Wine for the tests of the Windows half

.PHONY: lint
lint: prepare ## Check style, types (Linux and Windows) and the layers between packages
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m mypy --platform win32 --cache-dir .mypy_cache/win
	$(VENV)/bin/lint-imports

.PHONY: format
format: $(VENV)/.dev-stamp ## Format the code and repair what ruff can repair
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

.PHONY: frontend
frontend: $(VENDOR)/.stamp ## Build the files that the web admin serves from npm packages

.PHONY: messages
messages: $(VENV)/.dev-stamp ## Collect texts into the Kazakh and English catalogues and compile them
	$(PY) scripts/messages.py update
	$(PY) scripts/messages.py compile

.PHONY: installers
installers: $(VENV)/.dev-stamp $(VENDOR)/.stamp $(STAMPS)/catalogs ## Build the Windows installers in build/installers (see packaging/windows/build.py)
	@PYTHON=$(PYTHON) scripts/system-packages installers
	$(PY) packaging/windows/build.py
	$(PY) scripts/licences.py sbom build/installers/lovhub.cdx.json

.PHONY: test-installers
test-installers: installers wine ## Build the Windows installers and try them under Wine
	$(PY) -m pytest packaging/windows/tests

.PHONY: screenshots
screenshots: prepare ## Take pictures of every page of a demo club into docs/screenshots
	$(PY) scripts/screenshots.py

.PHONY: month
month: prepare ## Play a month of 200 PCs and hold it against an independent reckoning (about 40 minutes)
	$(PY) -m tests.oracle.run

.PHONY: soak
soak: prepare ## The same month with power cuts, clock jumps, repeated frames, mistakes; fails if anything drifts
	$(PY) -m tests.oracle.run --troubles

.PHONY: bench
bench: prepare ## Measure how fast it is, beside what it could be (a quarter of an hour, see docs/performance.md)
	$(PY) -m lovhub bench

SECONDS ?= 60

.PHONY: fuzz
fuzz: prepare ## Say all kinds of nonsense to whatever takes something in, for SECONDS=60
	$(PY) -m tests.fuzz.run $(SECONDS)

.PHONY: fuzz-api
fuzz-api: API_SECONDS ?= 3600
fuzz-api: prepare ## Ask every operation of the API made-up questions, right and wrong ones, for API_SECONDS=3600
	API_SECONDS=$(API_SECONDS) $(PY) -m pytest tests/server/web/test_api_description.py

.PHONY: siege
siege: prepare ## Besiege a club's server in seven ways, then offer it twice what it bears (three minutes)
	$(PY) -m bench.siege

.PHONY: chain
chain: prepare ## Lose one of three servers, their database, the network between, in busy moments; print how long it is felt (four minutes; as root with real cables)
	$(PY) -m bench.chain

.PHONY: bench-growth
bench-growth: prepare ## Measure how cost grows with the books and with the PCs (an hour and more, 16 GB of the disk)
	$(PY) -m lovhub bench growth

.PHONY: bench-pages
bench-pages: prepare ## Measure how fast the pages of a large club answer (see docs/pages.md)
	$(PY) -m lovhub bench pages

.PHONY: requirements
requirements: $(VENV)/.dev-stamp ## Pin the newest versions of all Python packages, with hashes
	scripts/pin-requirements

.PHONY: licences
licences: prepare ## Write docs/licences.md anew, after `make requirements`
	$(PY) scripts/licences.py

.PHONY: sbom
sbom: prepare ## List what LoVHub is shipped with in build/lovhub.cdx.json (CycloneDX)
	@mkdir -p build
	$(PY) scripts/licences.py sbom build/lovhub.cdx.json

.PHONY: wheel
wheel: prepare ## Build the wheel into build/wheel, twice, and compare: one commit, one file
	$(PY) scripts/wheel.py

.PHONY: audit
audit: prepare ## Ask the internet whether a package that we ship has a known hole; says so where nobody answers
	$(PY) scripts/audit.py

.PHONY: clean
clean: ## Remove everything that this Makefile made
	rm -rf $(VENV) build frontend/node_modules $(VENDOR)

# --- files that mark what has been done -------------------------------------------------------

$(PY):
	@scripts/make-venv $(PYTHON) $(VENV)

$(VENV)/.run-stamp: requirements_server.txt requirements_client.txt | $(PY)
	$(PIP_INSTALL) -r requirements_server.txt -r requirements_client.txt
	@touch $@

$(VENV)/.dev-stamp: requirements_dev.txt | $(PY)
	$(PIP_INSTALL) -r requirements_dev.txt
	@touch $@ $(VENV)/.run-stamp

frontend/node_modules/.stamp: frontend/package.json frontend/package-lock.json frontend/.npmrc
	@command -v npm >/dev/null || { \
		echo "npm was not found. Install Node.js 18 or newer: sudo apt-get install nodejs npm"; exit 1; }
	npm --prefix frontend ci --loglevel=error
	@touch $@

$(VENDOR)/.stamp: frontend/node_modules/.stamp frontend/build.mjs frontend/icons.txt
	node frontend/build.mjs
	@touch $@

$(STAMPS)/catalogs: $(CATALOGS) scripts/messages.py | $(VENV)/.run-stamp
	@mkdir -p $(@D)
	$(PY) scripts/messages.py compile
	@touch $@

build/wine/ready: requirements_wine.txt requirements_wine_python.txt scripts/wine_setup.py \
		$(wildcard tests/wine/stubs/*.c) | system $(VENV)/.dev-stamp
	$(PY) scripts/wine_setup.py
