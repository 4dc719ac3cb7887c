from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # it publishes no types
import pytest

from deployments.load import known, path_of
from lifeboat.schema import schema, text
from lifeboat.workspace import PROJECT

ECOMMERCE = tomllib.loads(Path(path_of("ecommerce")).read_text(encoding="utf-8"))


def errors(description: dict[str, object]) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema())
    return [error.message for error in validator.iter_errors(description)]


def test_the_committed_schema_is_current() -> None:
    committed = (PROJECT / "docs" / "deployment.schema.json").read_text(encoding="utf-8")
    assert committed == text(), "run `lifeboat schema --output docs/deployment.schema.json`"


@pytest.mark.parametrize("name", known())
def test_every_deployment_of_the_project_fits_the_schema(name: str) -> None:
    assert errors(tomllib.loads(path_of(name).read_text(encoding="utf-8"))) == []


def test_a_stage_may_say_one_value_of_a_table_and_nothing_else() -> None:
    assert errors({**ECOMMERCE, "stages": {"dev": {"objectives": {"rpo_seconds": 30}}}}) == []
    assert "'name' is a required property" in errors({"stages": {}})


def test_unknown_keys_are_refused_in_the_base_and_in_stages() -> None:
    assert errors({**ECOMMERCE, "regoins": []}) != []
    assert errors({**ECOMMERCE, "stages": {"dev": {"database": {"min_acus": 1}}}}) != []
    assert errors({**ECOMMERCE, "stages": {"dev": {"tables": {"orders": {"partition_keys": "pk"}}}}}) != []


def test_a_region_in_a_stage_still_needs_its_name() -> None:
    assert errors({**ECOMMERCE, "stages": {"dev": {"regions": [{}]}}}) != []


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(text())["$schema"].startswith("https://json-schema.org/")
