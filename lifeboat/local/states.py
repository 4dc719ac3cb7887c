"""Terraform's states and locks in the state buckets, read through S3."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lifeboat.bootstrap import Clients
from lifeboat.failure import Failure
from lifeboat.stacks import Stack, StateLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STATE = ".tfstate"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A lock that a Terraform holds, or left behind.

    Attributes:
        stack: The stack that is locked.
        where: The state that is locked.
        id: What `terraform force-unlock` asks for.
        who: User and machine.
        operation: What the holder does.
        created: Since when; None where the lock does not say.
    """

    stack: str
    where: StateLocation
    id: str
    who: str
    operation: str
    created: datetime | None

    def __str__(self) -> str:
        since = f" since {self.created:%Y-%m-%d %H:%M:%S} UTC" if self.created else ""
        return f"{self.stack} is locked by {self.who} ({self.operation}){since}, lock {self.id}"


@dataclass(frozen=True, kw_only=True)
class State:
    """A state with something in it.

    Attributes:
        copy: The copy that it belongs to, such as `ecommerce-dev`.
        place: Region or `global`.
        resources: How many resources it manages.
    """

    copy: str
    place: str
    resources: int


def locks(clients: Clients, stacks: Sequence[Stack]) -> list[Lock]:
    """List the locks on stacks.

    Raises:
        Failure: The state buckets cannot be read.
    """
    found = []
    for stack in stacks:
        where = stack.state
        text = _read(clients.s3(where.region), where.bucket, where.lock_key)
        if text is not None:
            found.append(parse_lock(stack.name, where, text))
    return found


def parse_lock(stack: str, where: StateLocation, text: str) -> Lock:
    """Read what Terraform writes into a lock. What cannot be read is still a lock."""
    try:
        found = json.loads(text)
        found = found if isinstance(found, dict) else {}
    except ValueError:
        found = {}
    try:
        # Terraform writes nanoseconds, which Python's parser takes only to the microsecond.
        created = datetime.fromisoformat(str(found.get("Created", "")))
    except ValueError:
        created = None
    return Lock(
        stack=stack,
        where=where,
        id=str(found.get("ID") or "unknown"),
        who=str(found.get("Who") or "somebody"),
        operation=str(found.get("Operation") or "unknown operation"),
        created=created,
    )


def remove_lock(clients: Clients, lock: Lock) -> None:
    """Remove a lock whose holder is known to be gone."""
    clients.s3(lock.where.region).delete_object(Bucket=lock.where.bucket, Key=lock.where.lock_key)


def deployed(clients: Clients, region: str) -> list[State]:
    """List the states that hold something, in all buckets.

    Raises:
        Failure: The buckets cannot be read.
    """
    s3 = clients.s3(region)
    try:
        buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        return [state for bucket in buckets for state in _states(s3, bucket)]
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"the states cannot be listed: {error}") from None


def _states(s3: S3Client, bucket: str) -> list[State]:
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            copy, _, file = item["Key"].partition("/")
            if not file.endswith(STATE) or "/" in file:
                continue
            count = _count(json.loads(_read(s3, bucket, item["Key"]) or "{}"))
            if count:
                found.append(State(copy=copy, place=file.removesuffix(STATE), resources=count))
    return found


def _count(state: dict[str, Any]) -> int:
    managed = [resource for resource in state.get("resources", []) if resource.get("mode") == "managed"]
    return sum(len(resource.get("instances", [])) for resource in managed)


def _read(s3: S3Client, bucket: str, key: str) -> str | None:
    """Return an object's text. None: there is no such object."""
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    except s3.exceptions.NoSuchKey:
        return None
    except s3.exceptions.NoSuchBucket:
        raise Failure(f"the state bucket {bucket} does not exist: run `lifeboat bootstrap`") from None
    except (BotoCoreError, ClientError) as error:
        raise Failure(f"s3://{bucket}/{key} cannot be read: {error}") from None
