"""`lifeboat edge clean`: what a destroy leaves of Lambda@Edge is deleted, once AWS lets go of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from click.testing import CliRunner

from deployments.distribution import EDGE_CACHES
from deployments.load import load, path_of
from lifeboat import edge
from lifeboat.cli import cli
from lifeboat.edge import EdgeClients, clean
from lifeboat.failure import Failure

NAMES = ["edge-dev-edge-viewer", "edge-dev-edge-origin"]
COPIED = "Lambda was unable to delete x because it is a replicated function."


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Delete")


@dataclass
class FakeAws:
    """Functions and log groups that are there, and what AWS says to their deletion."""

    functions: Mapping[str, Exception | None]
    groups: set[tuple[str, str]] = field(default_factory=set)
    deleted: list[tuple[str, str]] = field(default_factory=list)
    told: Exception | None = None

    def client(self, region: str) -> Any:  # noqa: ANN401 stands for two clients
        aws = self

        class Client:
            def delete_function(self, FunctionName: str) -> None:  # noqa: N803 boto3's own spelling
                problem = aws.functions.get(FunctionName, refusal("ResourceNotFoundException"))
                if problem:
                    raise problem
                aws.deleted.append((region, FunctionName))

            def delete_log_group(self, logGroupName: str) -> None:  # noqa: N803 boto3's own spelling
                if aws.told:
                    raise aws.told
                if (region, logGroupName) not in aws.groups:
                    raise refusal("ResourceNotFoundException")
                aws.deleted.append((region, logGroupName))

        return Client()

    @property
    def clients(self) -> EdgeClients:
        return EdgeClients(functions=self.client, logs=self.client)


def test_functions_are_deleted_where_they_were_made_and_logs_wherever_they_ran() -> None:
    group = f"/aws/lambda/us-east-1.{NAMES[0]}"
    aws = FakeAws(dict.fromkeys(NAMES), groups={("eu-west-1", group), ("us-east-1", group)})
    cleaned = clean(load(path_of("edge"), "dev"), aws.clients)
    assert aws.deleted == [
        ("us-east-1", NAMES[0]),
        ("eu-west-1", group),
        ("us-east-1", group),
        ("us-east-1", NAMES[1]),
    ]
    assert cleaned.deleted[0] == f"function {NAMES[0]}"
    assert f"log group {group} in eu-west-1" in cleaned.deleted
    assert cleaned.waiting == []


def test_logs_stay_as_long_as_aws_holds_copies_of_their_function() -> None:
    group = f"/aws/lambda/us-east-1.{NAMES[0]}"
    aws = FakeAws({NAMES[0]: refusal("InvalidParameterValueException", COPIED)}, groups={("eu-west-1", group)})
    cleaned = clean(load(path_of("edge"), "dev"), aws.clients)
    assert (cleaned.waiting, aws.deleted) == ([NAMES[0]], [])


def test_logs_are_deleted_even_if_the_function_is_gone() -> None:
    group = f"/aws/lambda/us-east-1.{NAMES[1]}"
    aws = FakeAws({}, groups={("sa-east-1", group)})
    clean(load(path_of("edge"), "dev"), aws.clients)
    assert aws.deleted == [("sa-east-1", group)]
    assert "sa-east-1" in EDGE_CACHES


def test_a_system_without_a_distribution_has_nothing_to_clean() -> None:
    aws = FakeAws(dict.fromkeys(NAMES))
    assert clean(load(path_of("ecommerce"), "dev"), aws.clients).deleted == []


@pytest.mark.parametrize(
    "problem", [refusal("AccessDenied", "not you"), EndpointConnectionError(endpoint_url="https://lambda")]
)
def test_any_other_refusal_is_told(problem: Exception) -> None:
    system = load(path_of("edge"), "dev")
    with pytest.raises(Failure, match=f"{NAMES[0]} cannot be deleted"):
        clean(system, FakeAws({NAMES[0]: problem}).clients)
    with pytest.raises(Failure, match=r"/aws/lambda/us-east-1\..* cannot be deleted"):
        clean(system, FakeAws({}, told=problem).clients)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """Let the command find a function that is still copied, and one that is not."""
    aws = FakeAws({NAMES[0]: None, NAMES[1]: refusal("InvalidParameterValueException", COPIED)})
    monkeypatch.setattr(edge, "connect", lambda: aws.clients)
    return aws


@pytest.mark.usefixtures("command")
def test_the_command_ends_with_2_while_copies_are_left() -> None:
    result = CliRunner().invoke(cli, ["edge", "clean", "--deployment", "edge", "--suffix", "dev"])
    assert result.exit_code == 2
    assert result.output.startswith(f"deleted function {NAMES[0]}\n")
    assert f"AWS still holds copies of {NAMES[1]}: repeat this in some hours" in result.stderr


def test_the_command_ends_with_0_when_nothing_is_left(command: FakeAws) -> None:
    command.functions = {}
    assert CliRunner().invoke(cli, ["edge", "clean", "--deployment", "edge", "--suffix", "dev"]).exit_code == 0


def test_the_clients_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    clients = edge.connect()
    assert clients.functions("us-east-1").meta.endpoint_url == "http://127.0.0.1:9"
    assert clients.logs("eu-west-1").meta.region_name == "eu-west-1"
