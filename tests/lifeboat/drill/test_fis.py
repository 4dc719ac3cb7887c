"""On AWS nothing is taken away unless it was asked for, in an account that was named."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator
from click.testing import CliRunner

from deployments.load import FOLDER, load
from deployments.system import System
from lifeboat.cli import cli
from lifeboat.drill.fis import AwsSurroundings, guard, template
from lifeboat.failure import Exit, Failure

ROLE = "arn:aws:iam::123456789012:role/faults"


class Sts:
    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "123456789012"}


def clients(_service: str, _region: str) -> Any:  # noqa: ANN401 stands for boto3's clients
    return Sts()


@pytest.fixture(scope="module")
def shop() -> System:
    return load(FOLDER / "ecommerce.toml", "dev")


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"break_aws": False, "accounts": ["123456789012"], "role": ROLE}, "--break-aws"),
        ({"break_aws": True, "accounts": [], "role": ROLE}, "--account"),
        ({"break_aws": True, "accounts": ["123456789012"], "role": ""}, "--fault-role"),
        ({"break_aws": True, "accounts": ["999999999999"], "role": ROLE}, "account 123456789012, which may not"),
    ],
)
def test_a_drill_on_aws_is_refused_until_everything_was_said(shop: System, said: dict[str, Any], missing: str) -> None:
    with pytest.raises(Failure, match=missing) as raised:
        guard(shop, clients=clients, **said)  # type: ignore[arg-type] # a stand-in
    assert raised.value.exit_code is Exit.GUARDED


def test_an_account_that_was_named_may_be_drilled(shop: System) -> None:
    guard(shop, break_aws=True, accounts=["123456789012"], role=ROLE, clients=clients)  # type: ignore[arg-type] # as above


def test_the_command_ends_with_the_code_of_what_is_guarded() -> None:
    result = CliRunner().invoke(cli, ["drill", "ecommerce", "--suffix", "dev", "--target", "aws"])
    assert result.exit_code == 3
    assert "--break-aws" in result.output + str(result.stderr if result.stderr_bytes else "")


def test_the_experiment_is_one_that_aws_takes_and_touches_only_what_bears_the_systems_tags(shop: System) -> None:
    made = template(shop, role=ROLE)
    model = boto3.Session(region_name="us-east-1").client("fis").meta.service_model
    shape = model.operation_model("CreateExperimentTemplate").input_shape
    assert shape is not None
    report = ParamValidator().validate({**made, "clientToken": "t"}, shape)
    assert not report.has_errors(), report.generate_report()
    for target in made["targets"].values():
        assert target["resourceTags"] == {"Deployment": "ecommerce", "EnvironmentSuffix": "dev"}
    named = {name for action in made["actions"].values() for name in action["targets"].values()}
    assert named == set(made["targets"])
    assert {action["actionId"] for action in made["actions"].values()} == {
        "aws:network:disrupt-connectivity",
        "aws:dynamodb:global-table-pause-replication",
        "aws:s3:bucket-pause-replication",
    }


def test_what_cannot_be_taken_away_on_aws_is_said(shop: System) -> None:
    around = AwsSurroundings(clients, shop, role=ROLE)  # type: ignore[arg-type] # as above
    for where, service in (("us-east-1", "rds"), ("global", None)):
        with pytest.raises(Failure, match="whole regions can be taken away"):
            around.darken(where, service)
    with pytest.raises(Failure, match="paused with its region"):
        around.hold_replication("us-east-1", held=True)
