# make demo    a network of 208 organisations on real sales; see README.md
# make handheld    the storeman's handheld in a window, against the running demo
# make test    everything that must hold

bin := .venv/bin
export PYTHONUNBUFFERED := 1

.PHONY: setup tools demo handheld test lint soak bench bench-demand playground screens lock clean android-check bench-handheld vision-bench

setup:
	@deploy/setup.sh

tools:
	@deploy/tools.sh

playground: setup
	@$(bin)/python server/stockbook/api/playground/build.py

screens: setup
	@$(bin)/python mobile/handheld/screens/fonts/build.py
	@$(bin)/python mobile/handheld/voice/build.py

demo: setup
	@$(bin)/python server/stockbook/api/playground/build.py || echo "Without the playground: it could not be built"
	@$(bin)/stockbook demo

handheld: setup tools screens
	@$(bin)/stockbook enrol PDA-1 --home build/handheld || true
	@$(bin)/python -m handheld --home build/handheld --enrolment build/handheld/enrolment.txt

android-check: setup screens
	@deploy/android/check.sh

lint: setup
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/stockbook publish --check
	$(bin)/stockbook policies check

test: setup tools playground screens lint
	$(bin)/python -m pytest -m "not slow"

soak: setup tools playground screens
	HYPOTHESIS_PROFILE=deep $(bin)/python -m pytest -m slow -s

bench: setup
	$(bin)/stockbook bench

# DEMAND_DIR points it at another folder of the same form; SETS passes sets and options on,
# e.g. SETS="pasta --short" (40 series, evenly spread by name) or SETS=--earlier
bench-demand: setup
	nice -n 10 $(bin)/python -m tests.bench_demand $(SETS)

bench-handheld: setup tools screens
	$(bin)/python -m tests.bench_handheld

# GROCERY_DIR points it at another folder of the same form; OPTIONS passes options on
vision-bench: setup
	nice -n 10 $(bin)/python -m tests.bench_vision $(OPTIONS)

lock: setup
	$(bin)/uv pip compile pyproject.toml --quiet --extra server --extra demo --extra device --extra print --extra trees --group dev \
		--python-version 3.11 --constraint deploy/constraints.txt --generate-hashes --no-header -o requirements.lock
	$(bin)/uv pip compile pyproject.toml --quiet --extra vision \
		--python-version 3.11 --constraint deploy/constraints.txt --generate-hashes --no-header -o deploy/vision.lock

clean:
	rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
