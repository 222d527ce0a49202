# make demo    a network of 208 organisations on real sales; see README.md
# make test    everything that must hold

bin := .venv/bin
export PYTHONUNBUFFERED := 1

.PHONY: setup tools demo test lint soak bench playground lock clean

setup:
	@deploy/setup.sh

tools:
	@deploy/tools.sh

playground: setup
	@$(bin)/python server/stockbook/api/playground/build.py

demo: setup
	@$(bin)/python server/stockbook/api/playground/build.py || echo "Without the playground: it could not be built"
	@$(bin)/stockbook demo

lint: setup
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/stockbook publish --check
	$(bin)/stockbook policies check

test: setup tools playground lint
	$(bin)/python -m pytest -m "not slow"

soak: setup tools playground
	$(bin)/python -m pytest -m slow -s

bench: setup
	$(bin)/stockbook bench

lock: setup
	$(bin)/uv pip compile pyproject.toml --quiet --extra server --extra demo --extra device --extra trees --group dev \
		--python-version 3.11 --generate-hashes --no-header -o requirements.lock

clean:
	rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
