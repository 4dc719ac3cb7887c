"""Preflight: what would go wrong is found before it does, and each finding says what puts it right."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lifeboat.cli import cli
from lifeboat.failover.clients import Clients
from lifeboat.preflight.command import SECONDS, examine
from lifeboat.preflight.findings import Finding, Level
from lifeboat.preflight.wanted import wanted
from tests.lifeboat.failover.rehearsal import Rehearsal
from tests.unit.variants import system as described

USUAL = Counter({"aws_vpc": 1, "aws_rds_cluster": 1, "aws_rds_cluster_instance": 2})
Look = Callable[..., list[Finding]]


@pytest.fixture
def look(shop: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Examine the web shop of this test, with some resources to come in every region."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", shop.aws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    def examined(system: object = shop.system, **more: int) -> list[Finding]:
        need = {plan.name: USUAL + Counter(more) for plan in shop.system.regions}
        return examine(Clients(read_seconds=SECONDS), system, need)  # type: ignore[arg-type] # a System

    return examined


def about(findings: list[Finding], region: str, subject: str) -> Finding:
    (found,) = [each for each in findings if each.region == region and each.about.startswith(subject)]
    return found


def test_room_for_what_comes_is_fine_in_every_region(shop: Rehearsal, look: Look) -> None:
    findings = look()
    for region in (shop.primary, shop.standby):
        vpcs = about(findings, region, "VPCs per Region")
        assert (vpcs.level, vpcs.found) == (Level.OK, "1 of 5 used, 1 more to come")
        assert about(findings, region, "region").found == "enabled"
        assert about(findings, region, "aurora-postgresql 16.8").level is Level.OK
        assert about(findings, region, "db.serverless").level is Level.OK


def test_a_quota_that_is_too_small_comes_with_the_call_that_raises_it(shop: Rehearsal, look: Look) -> None:
    finding = about(look(aws_eip=6), shop.standby, "EC2-VPC Elastic IPs")
    assert finding.level is Level.PROBLEM
    assert f"--region {shop.standby} --service-code ec2 --quota-code L-0263D0A3 --desired-value 6" in finding.fix


def test_the_standby_must_have_room_for_the_full_concurrency_beforehand(shop: Rehearsal, look: Look) -> None:
    name = shop.facts(shop.standby).function
    assert name
    free = about(look(), shop.standby, "Lambda concurrency")
    assert free.level is Level.OK
    shop.make_named_function(shop.standby, f"{name.name}-other", 860)
    try:
        full = about(look(), shop.standby, "Lambda concurrency")
        assert (full.level, full.found.startswith("50 wanted where it serves")) == (Level.PROBLEM, True)
    finally:
        shop.aws("lambda", shop.standby).delete_function(FunctionName=f"{name.name}-other")


def test_an_engine_version_that_is_not_offered_is_told_with_those_that_are(look: Look) -> None:
    finding = about(look(described({"database": {"engine_version": "16.99"}})), "us-west-2", "aurora-postgresql 16.99")
    assert finding.level is Level.PROBLEM
    assert "16.8" in finding.found or "17." in finding.found
    assert "database.engine_version" in finding.fix


def test_a_zone_that_is_missing_is_made_by_bootstrap(look: Look) -> None:
    finding = about(look(), "global", "zone example.com")
    assert (finding.level, finding.fix) == (Level.PROBLEM, "lifeboat bootstrap --yes")


def test_a_dark_region_is_unknown_and_does_not_hold_up_the_others(shop: Rehearsal, look: Look) -> None:
    shop.aws.admin("PUT", f"dark/{shop.primary}")
    began = time.monotonic()
    findings = look()
    assert time.monotonic() - began < 20
    silent = [each for each in findings if each.region == shop.primary]
    assert silent
    assert {each.level for each in silent} == {Level.UNKNOWN}
    assert about(findings, shop.standby, "region").level is Level.OK


def test_what_is_to_come_is_counted_in_the_stacks(tmp_path: Path, shop: Rehearsal) -> None:
    stacks: dict[str, dict[str, object]] = {}
    for plan in shop.system.regions:
        name = shop.system.names.stack(plan.name)
        folder = tmp_path / "stacks" / name
        folder.mkdir(parents=True)
        resources: dict[str, dict[str, object]] = {"aws_vpc": {"network": {}}, "aws_eip": {"a": {}, "b": {}}}
        (folder / "cdk.tf.json").write_text(json.dumps({"resource": resources}), encoding="utf-8")
        stacks[name] = {"workingDirectory": f"stacks/{name}", "dependencies": []}
    (tmp_path / "manifest.json").write_text(json.dumps({"stacks": stacks}), encoding="utf-8")
    found = wanted(tmp_path, shop.system)
    assert (found["us-west-2"]["aws_vpc"], found["us-west-2"]["aws_eip"]) == (1, 2)


def test_without_synthesized_stacks_the_command_says_what_to_run(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["preflight", "ecommerce", "--suffix", "dev", "--stacks", str(tmp_path)])
    assert result.exit_code == 1
    assert "run `cdktf synth` first" in result.output
