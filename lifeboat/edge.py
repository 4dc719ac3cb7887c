"""`lifeboat edge clean`: delete what a destroy leaves of Lambda@Edge, once AWS has taken back its copies.

CloudFront copies an edge function to where viewers are, and removes the copies hours after the last distribution let go
of it. Until then AWS refuses to delete the function, so a destroy leaves it behind in place of waiting:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lifeboat.failure import Exit, Failure
from lifeboat.options import choice_options, chosen

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

    from deployments.system import System

COPIED = "replicated function"
"""What AWS says about a function that still has copies."""


@dataclass(frozen=True, kw_only=True)
class EdgeClients:
    """How to reach AWS, region by region."""

    functions: Callable[[str], LambdaClient]
    logs: Callable[[str], CloudWatchLogsClient]


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """What became of the leftovers.

    Attributes:
        deleted: What was deleted.
        waiting: Functions that AWS still holds copies of.
    """

    deleted: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


@click.group()
def edge() -> None:
    """Look after code at the edge."""


@edge.command("clean")
@choice_options
def clean_command(deployment: str | None, suffix: str | None) -> None:
    """Delete edge functions and their logs that a destroy left behind.

    Ends with 2 while AWS still holds copies: repeat it some hours later.
    """
    clients = connect()
    waiting: list[str] = []
    for system in chosen(deployment, suffix):
        cleaned = clean(system, clients)
        for thing in cleaned.deleted:
            click.echo(f"deleted {thing}")
        waiting += cleaned.waiting
    if waiting:
        raise Failure(f"AWS still holds copies of {', '.join(waiting)}: repeat this in some hours", Exit.CHANGES)


def connect() -> EdgeClients:
    """Connect the way every AWS tool does: from the environment, `AWS_ENDPOINT_URL` included."""
    import boto3  # noqa: PLC0415 takes a quarter of a second, which no other command should pay

    return EdgeClients(
        functions=lambda region: boto3.client("lambda", region_name=region),
        logs=lambda region: boto3.client("logs", region_name=region),
    )


def clean(system: System, clients: EdgeClients) -> Cleaned:
    """Delete the edge functions of a copy, and the logs that their copies wrote, wherever they ran.

    Nothing of a copy that is still deployed is touched: AWS refuses to delete a function that a distribution uses.

    Raises:
        Failure: AWS refuses for any other reason.
    """
    from deployments.distribution import EDGE_CACHES, EDGE_REGION  # noqa: PLC0415 pydantic is not everybody's need

    cleaned = Cleaned()
    spec = system.spec.distribution
    names = [system.names.of("function", each.name) for each in spec.edge_functions.values()] if spec else []
    for name in names:
        if not _delete_function(name, clients.functions(EDGE_REGION), cleaned):
            continue
        for region in sorted({*EDGE_CACHES, *(plan.name for plan in system.regions)}):
            _delete_log_group(f"/aws/lambda/{EDGE_REGION}.{name}", region, clients.logs(region), cleaned)
    return cleaned


def _delete_function(name: str, client: LambdaClient, cleaned: Cleaned) -> bool:
    """Delete a function; return whether it is gone now."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 with boto3

    try:
        client.delete_function(FunctionName=name)
    except ClientError as error:
        told = error.response["Error"]
        if told["Code"] == "ResourceNotFoundException":
            return True
        if COPIED in told["Message"]:
            cleaned.waiting.append(name)
            return False
        raise Failure(f"{name} cannot be deleted: {told['Message']}") from None
    except BotoCoreError as error:
        raise Failure(f"{name} cannot be deleted: {error}") from None
    cleaned.deleted.append(f"function {name}")
    return True


def _delete_log_group(group: str, region: str, client: CloudWatchLogsClient, cleaned: Cleaned) -> None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 with boto3

    try:
        client.delete_log_group(logGroupName=group)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise Failure(f"{group} in {region} cannot be deleted: {error.response['Error']['Message']}") from None
    except BotoCoreError as error:
        raise Failure(f"{group} in {region} cannot be deleted: {error}") from None
    else:
        cleaned.deleted.append(f"log group {group} in {region}")
