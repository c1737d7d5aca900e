# Two commands do everything: make extract, make test. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARTICLE ?= data/articles/car_makers_abroad.json

.PHONY: help setup extract test test-hanlp test-spark lint types unit soak fuzz bench clean

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: $(VENV)/.ready  ## make the virtual environment

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

extract: setup  ## extract the record of a sample article, or of ARTICLE=path
	$(BIN)/nlp-extract extract $(ARTICLE)

test: setup lint types unit  ## lint, types and all tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

unit: setup
	$(BIN)/python -m pytest

test-hanlp:  ## the tests that need PyTorch and HanLP, in an environment of their own
	$(PYTHON) -m venv .venv-hanlp
	.venv-hanlp/bin/python -m pip install --quiet torch==2.13.0
	.venv-hanlp/bin/python -m pip install --quiet --editable '.[hanlp]' pytest hypothesis
	.venv-hanlp/bin/python -m pytest tests/engines

test-spark:  ## the tests that need Spark (and a Java runtime) or Ray, in an environment of their own
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/python -m pip install --quiet --editable '.[files,spark]' ray pytest hypothesis
	.venv-spark/bin/python -m pytest tests/running/test_spark.py tests/running/test_ray.py

soak: setup  ## memory over 20,000 articles of ../shared in one process
	$(BIN)/python benchmarks/soak.py

fuzz: setup  ## ten minutes of broken articles, models and label files
	$(BIN)/python benchmarks/fuzz.py

bench: setup  ## speed and memory, with the peers in the same run
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest benchmarks -p no:cacheprovider

clean:
	rm -rf $(VENV) .venv-hanlp .venv-spark build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
