"""Rotation: the credentials really change, the former ones end, and Terraform leaves it alone."""

from __future__ import annotations

import pytest

from tests.integration.logins import LET_IN, authorities, log_in
from tests.integration.sealed import open_credentials
from tests.integration.system import Region, System

ENDED = {"28P01", "28000"}
USERS = {"application_a", "application_b"}


@pytest.fixture
def secret(system: System) -> str:
    """Give the application's secret."""
    system.primary.text("rotation_function_name")
    return system.shared.text("database_credentials_secret_arn")


def current_version(region: Region, secret: str) -> str:
    stages = region.aws.secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    return next(version for version, labels in stages.items() if "AWSCURRENT" in labels)


def rotate(system: System, secret: str) -> tuple[str, str]:
    """Rotate, wait until it is done, and return the former and the new version."""
    region = system.primary
    before = current_version(region, secret)
    region.aws.secrets.rotate_secret(SecretId=secret)
    after = system.eventually(
        lambda: current_version(region, secret) if current_version(region, secret) != before else None,
        what="the new version becomes current",
    )
    return before, after


def test_both_secrets_are_rotated_every_month_by_the_function(system: System, secret: str) -> None:
    for arn in (secret, system.primary.text("database_master_secret_arn")):
        found = system.primary.aws.secrets.describe_secret(SecretId=arn)
        assert found["RotationEnabled"] is True
        assert found["RotationRules"]["AutomaticallyAfterDays"] <= 30
        assert found["RotationLambdaARN"].endswith(system.primary.text("rotation_function_name"))


def test_every_region_has_the_function_beforehand(region: Region) -> None:
    name = region.text("rotation_function_name")
    found = region.aws.functions.get_function_configuration(FunctionName=name)
    assert set(found["VpcConfig"]["SubnetIds"]) == set(region.texts("private_subnet_ids"))
    assert region.aws.functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 1


@pytest.mark.writes
def test_the_new_credentials_work_and_the_former_ones_end(system: System, secret: str) -> None:
    authorities(system)
    first, second = rotate(system, secret)
    assert first != second
    assert log_in(system, system.primary, secret) == LET_IN
    system.eventually(
        lambda: log_in(system, system.primary, secret, first) in ENDED, what="the former password stops working"
    )
    assert log_in(system, system.primary, secret) == LET_IN


@pytest.mark.writes
def test_two_users_take_turns(system: System, secret: str) -> None:
    authorities(system)
    rotate(system, secret)
    one = open_credentials(system.primary.aws, secret)
    rotate(system, secret)
    other = open_credentials(system.primary.aws, secret)
    assert {one.username, other.username} == USERS
    assert one.password != other.password


@pytest.mark.writes
def test_every_region_reads_the_new_credentials_from_itself(system: System, secret: str) -> None:
    rotate(system, secret)
    home = open_credentials(system.primary.aws, secret)
    for standby in system.standbys:
        own = open_credentials(standby.aws, secret.replace(f":{system.primary.name}:", f":{standby.name}:"))
        assert own.password == home.password


@pytest.mark.writes
def test_the_master_changes_its_own_password(system: System) -> None:
    authorities(system)
    system.primary.text("rotation_function_name")
    master = system.primary.text("database_master_secret_arn")
    before, _after = rotate(system, master)
    assert log_in(system, system.primary, master) == LET_IN
    assert log_in(system, system.primary, master, before) in ENDED
