"""Snapshots for reviewers: what a change does to the deployed bytes. Promises are asserted in the other files.

Canonical JSON, one file per stack; JSON inside strings is shown as objects, so that one changed statement is a few
lines. What changes with every edit of a function's code is listed apart, in `<system>-assets.json`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import PropertyFilter, PropertyMatcher, SerializableData, SnapshotIndex

from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Json, Resource

ASSET = re.compile(r"^(?P<place>assets/[^/]+)/(?P<hash>[0-9a-f]{64})/(?P<name>.+?)(?P<key>-[0-9a-f]{16})?\.zip$")
pytestmark = pytest.mark.filterwarnings(
    # A file per stack, whatever test compares it: syrupy would rather name it after the test.
    r"ignore:\s*Can not relate snapshot name"
)
PLACES = ("us-east-1", "us-west-2", "global")
STAGES = ("dev", "prod")


class OneFilePerStack(SingleFileSnapshotExtension):
    """Canonical JSON in `__snapshots__/<name>.json`: sorted keys, two spaces, final newline."""

    file_extension = "json"
    _write_mode = WriteMode.TEXT

    def serialize(
        self,
        data: SerializableData,
        *,
        exclude: PropertyFilter | None = None,  # noqa: ARG002 syrupy's signature; nothing is left out
        include: PropertyFilter | None = None,  # noqa: ARG002 as above
        matcher: PropertyMatcher | None = None,  # noqa: ARG002 as above
    ) -> str:
        return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:  # noqa: ARG003 syrupy's
        return str(index)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        return Path(snapshot_location).parent == Path(cls.dirname(test_location=test_location))

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(test_location.filepath).parent / "__snapshots__")


@pytest.fixture
def stack_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Compare with the file of a stack."""
    return snapshot.use_extension(OneFilePerStack)


def readable(value: Json) -> Json:
    """Turn strings that hold JSON into what they hold, and take hashes of assets out."""
    match value:
        case dict():
            return {key: "<hash>" if key == "source_code_hash" else readable(each) for key, each in value.items()}
        case list():
            return [readable(each) for each in value]
        case str() if value.startswith(("{", "[")):
            return readable(json.loads(value))
        case str():
            return ASSET.sub(r"\g<place>/<hash>/\g<name>.zip", value)
    return value


def asset(function: Resource) -> dict[str, str]:
    """Return what changes with the code of a function."""
    return {argument: function[argument] for argument in ("filename", "source_code_hash")}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("stage", STAGES)
def test_a_stack_is_what_reviewers_last_saw(
    synthesized: Synthesize, stack_snapshot: SnapshotAssertion, stage: str, place: str
) -> None:
    stack = synthesized(stage).stacks[place]
    assert readable(stack.json) == stack_snapshot(name=stack.file.parent.name)


def test_assets_are_what_reviewers_last_saw(synthesized: Synthesize, stack_snapshot: SnapshotAssertion) -> None:
    assets = {
        stack.file.parent.name: {function.path: asset(function) for function in stack.all("aws_lambda_function")}
        for stage in STAGES
        for stack in synthesized(stage).regional
    }
    assert assets == stack_snapshot(name="ecommerce-assets")


def test_no_snapshot_is_left_over() -> None:
    expected = {f"ecommerce-{stage}-{place}.json" for stage in STAGES for place in PLACES} | {"ecommerce-assets.json"}
    assert {file.name for file in (Path(__file__).parent / "__snapshots__").iterdir()} == expected


def test_a_snapshot_shows_statements_and_hides_hashes(synthesized: Synthesize) -> None:
    shown = readable(synthesized("dev").primary.json)["resource"]
    function = shown["aws_lambda_function"]["service_function_546F4379"]
    assert function["source_code_hash"] == "<hash>"
    assert re.fullmatch(r"assets/service_code_\w+/<hash>/orders\.zip", function["filename"])
    assert function["//"]["metadata"]["path"] == "ecommerce-dev-us-east-1/service/function"
    assert all(isinstance(role["assume_role_policy"], dict) for role in shown["aws_iam_role"].values())
    assert all(isinstance(policy["policy"], dict) for policy in shown["aws_s3_bucket_policy"].values())
