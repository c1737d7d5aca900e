"""The committed JSON Schema is the record's."""

import json

from nlp_extract.record.model import KeyPointRecord, json_schema
from tests.conftest import ROOT


def test_committed_schema_is_current() -> None:
    committed = json.loads((ROOT / "nlp_extract" / "record" / "schema.json").read_text("utf-8"))
    assert committed == json.loads(json.dumps(json_schema()))


def test_schema_has_the_sections_of_the_contract() -> None:
    expected = {
        "schema_version", "title", "published", "times", "places", "industries", "subjects", "objects", "actions",
        "reactions", "policies", "sentiment", "scopes", "outlook", "details", "entities", "warnings", "provenance",
    }  # fmt: skip
    assert set(KeyPointRecord.model_fields) == expected
