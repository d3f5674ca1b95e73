PORT ?= 5000
export PORT
python = .venv/bin/python

.PHONY: help run test sure bench lock setup setup-dev

help: ## What can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-7s %s\n", $$1, $$2}'

run: setup ## Start the site with demo data, its worker and the Stripe sandbox; PORT=5001 moves it
	@exec $(python) -m tools.serve

test: setup-dev ## Run every test; ARGS="tests/test_journeys.py -x" picks some
	@tools/test.sh $(ARGS)

sure: setup-dev ## Check format, lint, templates, types and imports, then run every test
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m djlint templates --lint --quiet
	$(python) -m mypy
	.venv/bin/lint-imports --no-logo
	@tools/test.sh

bench: setup-dev ## Measure every figure the README claims
	@for name in certificate printing claims transcript seats rush kill search pages; do $(python) -m bench.$$name || exit 1; done

lock: setup-dev ## Choose the newest versions pyproject.toml allows, and write both locks (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --upgrade --no-header --no-annotate --quiet -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --upgrade --no-header --no-annotate --quiet -c requirements.txt -o requirements-dev.txt

setup:
	@tools/setup.sh

setup-dev:
	@tools/setup.sh dev
