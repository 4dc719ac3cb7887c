"""A stand-in for the containers behind a load balancer: the project's own cart, with what a task would be given.

No image is pulled and none is interpreted, whatever its digest says. What runs is `functions/cart`, as a real process
of the runtime that functions run in; the variables are those of the service's task definition, its secrets resolved in
the region. A service that should run no task runs none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.ecs.models import Service, ecs_backends
from moto.secretsmanager.models import secretsmanager_backends

from lifeboat.local.embedded import lambda_runtime, lambda_warm
from lifeboat.local.embedded.lambda_runtime import Function, Outcome
from lifeboat.workspace import PROJECT

APPLICATION = "cart"
RUNTIME = "python3.13"
ANSWER_SECONDS = 60.0
"""How long a load balancer waits for a target unless it is told otherwise:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#connection-idle-timeout"""
ACTIVE, CURRENT = "ACTIVE", "AWSCURRENT"
ARN_PARTS = 7
"""Of a secret's ARN; key, stage and version may follow:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""


class NotStartedError(Exception):
    """A task could not be started; the message says why."""


def behind(account: str, region: str, target_group_arn: str) -> Service | None:
    """Return the ECS service whose tasks register with a target group. None: there is none."""
    return next(
        (
            service
            for service in list(ecs_backends[account][region].services.values())
            if service.status == ACTIVE and _entry(service, target_group_arn)
        ),
        None,
    )


def is_running(service: Service) -> bool:
    """Tell whether there is a task that could answer."""
    return int(service.desired_count) > 0 and int(service.running_count) > 0


def answered(account: str, region: str, target_group_arn: str, event: Mapping[str, object]) -> Outcome:
    """Let a task of the service behind a target group answer a request.

    Raises:
        NotStartedError: Its task definition or a secret of it is not there.
    """
    run = lambda_warm.run if lambda_warm.WARMTH.is_on else lambda_runtime.run
    return run(task(account, region, target_group_arn), json.dumps(event))


def task(account: str, region: str, target_group_arn: str) -> Function:
    """Describe the process that stands for a task of the service behind a target group.

    Raises:
        NotStartedError: The service, its task definition or a secret of it is not there.
    """
    service = behind(account, region, target_group_arn)
    if service is None:
        raise NotStartedError(f"no service registers tasks with {target_group_arn}")
    definition = _container(account, region, service, _entry(service, target_group_arn))
    plain = {str(each["name"]): str(each["value"]) for each in definition.get("environment") or ()}
    secret = {str(each["name"]): resolved(account, str(each["valueFrom"])) for each in definition.get("secrets") or ()}
    revision = str(service.task_definition).rsplit(":", 1)[-1]
    return Function(
        name=str(service.name),
        version=revision,
        arn=str(service.task_definition),
        region=region,
        runtime=RUNTIME,
        handler=f"{APPLICATION}.handler.handle",
        archive=_archive(),
        environment=plain | secret,
        timeout=ANSWER_SECONDS,
    )


def resolved(account: str, source: str) -> str:
    """Return what ECS puts into a secret variable, from the region that the ARN names.

    Raises:
        NotStartedError: There is no such secret, or no such key in it.
    """
    parts = source.split(":")
    if len(parts) < ARN_PARTS or parts[2] != "secretsmanager":
        raise NotStartedError(f"the embedded AWS resolves secrets of Secrets Manager only, not {source}")
    key, stage, *_ = (*parts[ARN_PARTS:], "", "")
    backend = secretsmanager_backends[account][parts[3]]
    arn, name = ":".join(parts[:ARN_PARTS]), parts[ARN_PARTS - 1]
    try:
        # moto finds a replica by its name and by its whole ARN, not by one without the random end.
        known = arn if arn in backend.secrets else name
        found = backend.get_secret_value(known, "", stage or CURRENT)["SecretString"]
        return str(json.loads(found)[key]) if key else str(found)
    except (JsonRESTError, KeyError, ValueError) as error:
        raise NotStartedError(f"{source} cannot be resolved: {error}") from None


def _entry(service: Service, target_group_arn: str) -> Mapping[str, Any]:
    return next((each for each in service.load_balancers if each.get("targetGroupArn") == target_group_arn), {})


def _container(account: str, region: str, service: Service, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    family, _, revision = str(service.task_definition).rsplit("/", 1)[-1].partition(":")
    known = ecs_backends[account][region].task_definitions.get(family, {}).get(int(revision or 0))
    containers: list[Mapping[str, Any]] = known.container_definitions if known else []
    found = next((each for each in containers if each["name"] == entry.get("containerName")), None)
    if found is None:
        raise NotStartedError(f"{service.task_definition} has no container {entry.get('containerName')}")
    return found


@cache
def _archive() -> bytes:
    from functions.packaging import package  # noqa: PLC0415 most systems have no containers

    return package(APPLICATION, cache=PROJECT / ".build" / "functions").path.read_bytes()
