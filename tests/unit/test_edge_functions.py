"""Code at the edge: within the limits of its event, numbered, told what it must know, and nobody waits for its end."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from deployments.distribution_rules import EDGE_LIMITS
from deployments.problems import ProblemsError
from functions.packaging import FUNCTIONS
from tests.unit.conftest import Synthesize
from tests.unit.synthesized import Synthesized, synthesize
from tests.unit.test_distribution import EDGE_REGION, behaviors, distribution
from tests.unit.variants import edge_system, only, variant


def test_code_at_the_edge_is_a_numbered_version_within_the_limits_of_its_event(edge: Synthesized) -> None:
    functions = {each.path: each for each in edge.world.all("aws_lambda_function")}
    associated = behaviors(edge)[0]["lambda_function_association"]
    assert {each["event_type"]: each["lambda_arn"] for each in associated} == {
        event: f"edge-{event}/function.qualified_arn" for event in EDGE_LIMITS
    }
    for event, limits in EDGE_LIMITS.items():
        function = functions[f"edge-{event}/function"]
        assert function.region == EDGE_REGION
        assert (function["publish"], function["architectures"]) == (True, ["x86_64"])
        assert function["memory_size"] <= limits.memory_mb
        assert function["timeout"] <= limits.timeout_seconds
        assert {"environment", "vpc_config", "dead_letter_config", "layers", "kms_key_arn"} & set(function) == set()


def test_a_destroy_does_not_wait_for_copies_of_edge_functions(edge: Synthesized) -> None:
    assert all(each["skip_destroy"] is True for each in edge.world.all("aws_lambda_function"))


def test_both_lambda_services_assume_the_role_of_an_edge_function_which_may_only_log(edge: Synthesized) -> None:
    for event in EDGE_LIMITS:
        role = edge.world.by_path(f"edge-{event}/role/role")
        trust = only(list(role.statements("assume_role_policy").values()))
        assert trust["Principal"] == {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}
        allowed = edge.world.by_path(f"edge-{event}/role/write-logs").statements()["Write"]
        assert {action.partition(":")[0] for action in allowed["Action"]} == {"logs"}
        assert ":log-group:/aws/lambda/us-east-1.edge-dev-edge-" in allowed["Resource"]


def test_the_cheaper_function_runs_where_no_variant_is_needed(edge: Synthesized) -> None:
    _pages, files = behaviors(edge)
    assert files["path_pattern"] == "/assets/*"
    assert files["function_association"] == [{"event_type": "viewer-request", "function_arn": "edge-path/function.arn"}]
    # One viewer event takes one kind of function.
    assert [each["event_type"] for each in files["lambda_function_association"]] == ["origin-request"]
    function = edge.world.the("aws_cloudfront_function")
    assert (function["publish"], function["runtime"]) == (True, "cloudfront-js-2.0")
    assert function["code"].replace("$${", "${") == (FUNCTIONS / "edge_path" / "function.js").read_text("utf-8")


def test_origins_tell_code_which_regions_there_are_and_whose_turn_it_is(synthesized: Synthesize) -> None:
    found = distribution(synthesized("edge-three"))
    assert len(found["origin_group"]) == 2
    for origin in found["origin"]:
        headers = {each["name"]: each["value"] for each in origin["custom_header"]}
        assert headers["x-lifeboat-turn"] == origin["origin_id"][-1]
        regions = [pair.partition("=")[0] for pair in headers["x-lifeboat-origins"].split(" ")]
        assert regions == ["us-west-2", "us-east-1", "eu-west-1"]


def test_settings_of_the_code_are_in_its_archive(edge: Synthesized) -> None:
    function = edge.world.by_path("edge-viewer-request/function")
    archive = edge.world.file.parent / function["filename"]
    with zipfile.ZipFile(archive) as content:
        settings = json.loads(content.read("edge_viewer/settings.json"))
    assert settings == {"default_page": "index.html", "variants": {"b": 10}}


def test_an_archive_over_the_limit_of_its_event_is_refused_at_synth(
    monkeypatch: pytest.MonkeyPatch, synthesized: Synthesize, tmp_path: Path
) -> None:
    synthesized("edge")
    small = dict(EDGE_LIMITS)
    small["viewer-request"] = small["viewer-request"].__class__(memory_mb=128, timeout_seconds=5, archive_bytes=10)
    monkeypatch.setattr("constructs_lib.edge_function.EDGE_LIMITS", small)
    with pytest.raises(ProblemsError) as caught:
        synthesize(variant("edge"), tmp_path)
    told = str(caught.value)
    assert told.startswith("error: functions/edge_viewer: its archive is larger than Lambda@Edge takes")
    assert told.endswith("allowed: at most 10 bytes")


@pytest.mark.parametrize(
    ("folder", "what"),
    [("edge_paths", "there is no such CloudFront function"), ("edge_path", "is larger than CloudFront takes")],
)
def test_a_cloudfront_function_that_cannot_be_published_is_refused_at_synth(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str, what: str
) -> None:
    monkeypatch.setattr("constructs_lib.edge_function.LARGEST_PATH_FUNCTION", 10)
    with pytest.raises(ProblemsError) as caught:
        synthesize(edge_system({"distribution": {"path_function": folder}}), tmp_path)
    told = str(caught.value)
    assert told.startswith(f"error: functions/{folder}/function.js: {what}")
    assert "allowed: " in told
