"""Secrets Manager: a rotation that really runs the function's four steps, and leaves the rest to them."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from typing import Any

from moto.awslambda.utils import get_backend
from moto.moto_api._internal import mock_random
from moto.secretsmanager.exceptions import InvalidRequestException, OperationNotPermittedOnReplica
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

from lifeboat.local.embedded.gap import Gap
from lifeboat.local.embedded.gaps.awslambda import TooManyRequestsError

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ATTEMPTS = 3
"""An asynchronous invocation is tried again twice:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
PAUSE_SECONDS = 1.0
WAITS = 60
"""How often a function without a free slot is asked; AWS keeps asking for hours. A function that made a version current
in its last step, and is asked for another at once, has not ended yet."""
DAYS, DAY_SECONDS = "AutomaticallyAfterDays", 86400
PENDING, CURRENT = "AWSPENDING", "AWSCURRENT"


def pending_version(secret: FakeSecret, wanted: str | None) -> str:
    """Return the version to rotate to: the one that an unfinished rotation began, else a new one without a value."""
    for version, content in secret.versions.items():
        if PENDING in content["version_stages"] and CURRENT not in content["version_stages"]:
            return str(version)
    version = wanted or str(mock_random.uuid4())
    for content in secret.versions.values():
        if PENDING in content["version_stages"]:
            content["version_stages"].remove(PENDING)
    secret.versions[version] = {
        "createdate": int(time.time()),
        "version_id": version,
        "version_stages": [PENDING],
    }
    return version


def is_done(backend: SecretsManagerBackend, secret: FakeSecret, step: str, version: str) -> bool:
    """Run one step of the function; tell whether it raised nothing. It waits where the function is busy."""
    functions = get_backend(backend.account_id, backend.region_name)
    event = {"Step": step, "SecretId": secret.arn, "ClientRequestToken": version}
    headers: dict[str, str] = {}
    for _ in range(WAITS):
        with suppress(TooManyRequestsError):
            functions.invoke(secret.rotation_lambda_arn, None, json.dumps(event), {}, headers)
            return "x-amz-function-error" not in headers
        time.sleep(PAUSE_SECONDS)
    return False


def rotate(backend: SecretsManagerBackend, secret: FakeSecret, version: str) -> None:
    """Run the steps in order. One that fails for good ends the rotation; the next one goes on with its version."""
    for step in STEPS:
        for attempt in range(ATTEMPTS):
            if is_done(backend, secret, step, version):
                break
            if attempt + 1 == ATTEMPTS:
                return
            time.sleep(PAUSE_SECONDS)
    secret.last_rotation_date = int(time.time())


def follow_label(secret: FakeSecret) -> None:
    """Let what is asked for without a version be the one with the label, as moto forgets when a label is moved."""
    for version, content in secret.versions.items():
        if CURRENT in content["version_stages"]:
            secret.set_default_version_id(version)
            secret.secret_string = content.get("secret_string")


def begin(backend: SecretsManagerBackend, secret: FakeSecret, days: object) -> None:
    """Switch the rotation of a secret on, with the function that it has.

    Raises:
        InvalidRequestException: It has none.
    """
    if not secret.rotation_lambda_arn:
        raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    # Raises where there is no such function, as AWS does.
    get_backend(backend.account_id, backend.region_name).get_function(secret.rotation_lambda_arn)
    secret.rotation_requested = secret.rotation_enabled = True
    secret.auto_rotate_after_days = int(str(days)) if days else secret.auto_rotate_after_days
    secret.next_rotation_date = int(time.time()) + secret.auto_rotate_after_days * DAY_SECONDS


def rotate_secret(  # noqa: PLR0917 - moto's signature
    self: SecretsManagerBackend,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,
) -> str:
    """Answer RotateSecret; the steps run after it has been answered."""
    secret = self.describe_secret(secret_id)
    if isinstance(secret, ReplicaSecret):
        raise OperationNotPermittedOnReplica
    secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    begin(self, secret, (rotation_rules or {}).get(DAYS))
    version = secret.default_version_id
    if rotate_immediately:
        version = pending_version(secret, client_request_token)
        name = f"rotate {secret.name}"
        threading.Thread(target=rotate, args=(self, secret, version), name=name, daemon=True).start()
    return json.dumps({"ARN": secret.arn, "Name": secret.name, "VersionId": version})


def _rotation_runs() -> None:
    moved = SecretsManagerBackend.update_secret_version_stage

    def update_secret_version_stage(
        self: SecretsManagerBackend,
        secret_id: str,
        version_stage: str,
        remove_from_version_id: str,
        move_to_version_id: str,
    ) -> tuple[str, str]:
        answer: tuple[str, str] = moved(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        follow_label(self.secrets[secret_id])
        return answer

    SecretsManagerBackend.rotate_secret = rotate_secret
    SecretsManagerBackend.update_secret_version_stage = update_secret_version_stage


GAPS = (
    Gap(
        name="secretsmanager.rotation",
        missing="Rotating makes the new version current itself, whatever the function did.",
        matters="A rotation that fails would look like one that worked, and its function would never be tried.",
        fill=_rotation_runs,
    ),
)
