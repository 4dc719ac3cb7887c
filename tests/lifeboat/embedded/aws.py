"""What the tests of the embedded AWS share: clients of one server, and the two promises of every gap."""

from __future__ import annotations

import itertools
import json
import os
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

# boto3 makes its clients at run time: their methods have no static type that fits every service.
Client = Any

CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=30, s3={"addressing_style": "path"})
COUNTER = itertools.count()
T = TypeVar("T")


class Aws:
    """Clients of one server: `aws("kms", "eu-west-1").create_key()`.

    Everything lives in one process for the whole test session: name things with `name`, and expect others' things
    in lists.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._clients: dict[tuple[str, str], Client] = {}

    def __call__(self, service: str, region: str = "us-east-1") -> Client:
        """Return a boto3 client with path-style S3, test credentials and no retries; the same one each time."""
        wanted = service, region
        if wanted not in self._clients:
            self._clients[wanted] = self.own(service, region)
        return self._clients[wanted]

    def own(self, service: str, region: str = "us-east-1") -> Client:
        """Return a client that nobody else has, for a test that changes what the client does."""
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)  # noqa: S106 - not a secret
        return session.client(service, endpoint_url=self.url, config=CONFIG)  # type: ignore[call-overload] # any service

    def name(self, prefix: str) -> str:
        """Return a name that nothing else on this server has: lower-case letters, digits, hyphens."""
        return f"{prefix}-{os.getpid()}-{next(COUNTER)}"

    def admin(self, method: str, path: str) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """Call one of the embedded AWS's own endpoints, such as `admin("PUT", "dark/us-east-1")`."""
        request = urllib.request.Request(f"{self.url}/lifeboat/{path}", method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
            return json.load(response)


# Asserts one thing that AWS does: passes on the embedded AWS, fails on plain moto.
Check = Callable[[Aws], None]

# How a missing behaviour shows: another value, an error instead of an answer (a page of HTML where even moto did not
# expect it), a key that is not in the answer.
MISSING = (AssertionError, ClientError, ResponseParserError, KeyError, IndexError)


def promises(checks: Mapping[str, Check]) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return two tests of every check, keyed by the name of the gap that it proves.

    Use it at the end of a module: `test_embedded_aws_does, test_plain_moto_does_not = promises(CHECKS)`.
    A gap whose second test fails was closed upstream: delete it.
    """
    each = pytest.mark.parametrize("check", [pytest.param(check, id=name) for name, check in checks.items()])

    @each
    def embedded_aws_does(check: Check, embedded_aws: Aws) -> None:
        check(embedded_aws)

    @each
    def plain_moto_does_not(check: Check, plain_moto: Aws) -> None:
        with pytest.raises(MISSING):
            check(plain_moto)

    return embedded_aws_does, plain_moto_does_not


def eventually(look: Callable[[], T], seconds: float = 10) -> T:
    """Return the first truthy result of `look`, or its last result after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen
