"""What the tests share: our own sample articles and one loaded pipeline."""

import json
import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from spacy.language import Language

# CI tries the same examples each time; at a desk every run tries new ones.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")
ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


def sample_articles() -> list[dict[str, Any]]:
    return [json.loads(p.read_text("utf-8")) for p in sorted((ROOT / "data" / "articles").glob("*.json"))]


@pytest.fixture(scope="session")
def articles() -> list[dict[str, Any]]:
    return sample_articles()


@pytest.fixture(scope="session")
def nlp() -> Language:
    from nlp_extract.pipeline import default_pipeline

    return default_pipeline()


@pytest.fixture(scope="session")
def shared() -> Path:
    if not (SHARED / "corpora").is_dir():
        pytest.skip("../shared is not here: the corpora are not part of the repository")
    return SHARED
