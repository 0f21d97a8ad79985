# Everything here needs git, make, curl and any Python from 3.9; the rest is fetched into this folder.
PYTHON ?= python3
STACK := $(PYTHON) stack/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: run test check train shell score bench chaos setup help

run: ## Start everything, with demo sellers, and keep it running until Ctrl-C
	@$(STACK) up $(ARGS)

test: ## Run every test (ARGS="tests/stack -x" runs some)
	@$(STACK) test $(ARGS)

check: ## Lint, types, floor plan, the assistant's data, the compose file
	@$(STACK) check $(ARGS)

train: ## Train the assistant, unless a model fits its data already
	@$(STACK) train $(ARGS)

shell: ## Talk to the assistant in this terminal, with a demo seller's shop behind it
	@$(STACK) shell $(ARGS)

score: ## Measure how well the assistant understands (ARGS=--write updates docs/scoreboard.md)
	@$(STACK) score $(ARGS)

bench: ## Run the benchmarks (ARGS="--only turns --write" updates docs/benchmarks.md)
	@$(STACK) bench $(ARGS)

chaos: ## Break everything while people shop, and count what was lost (ARGS="--seed 7 --short")
	@$(STACK) chaos $(ARGS)

setup: ## Install both environments, and nothing more
	@$(STACK)

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'
