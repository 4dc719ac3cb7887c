from __future__ import annotations

import json

import jsonschema  # type: ignore[import-untyped] # it publishes no types
import pytest

from lifeboat.report import json_
from lifeboat.workspace import PROJECT
from tests.lifeboat.report.reports import everything, large


def test_json_is_what_the_published_schema_says_and_reads_back() -> None:
    published = json.loads((PROJECT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    assert published == json_.schema(), "run `make snapshots`"
    for report in (everything(), large(3, 2)):
        text = json_.render(report)
        jsonschema.Draft202012Validator(published).validate(json.loads(text))
        assert json_.read(text) == report
        assert json.loads(text)["exit_code"] == report.exit_code
    with pytest.raises(ValueError, match=r"format 2\.0 is newer"):
        json_.read(json_.render(everything()).replace('"format": "1.0"', '"format": "2.0"'))
