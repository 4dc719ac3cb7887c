"""ECS: what a service was told, and what a forced deployment does. Tasks do not run here."""

from __future__ import annotations

from collections.abc import Callable

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores, utcnow
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.moto_api._internal import mock_random

from lifeboat.local.embedded.gap import Gap

# What a service may be told beside what moto keeps -> what it is without being told.
SETTINGS: dict[str, object] = {
    "availabilityZoneRebalancing": "DISABLED",
    "deploymentConfiguration": None,
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": None,
}
# moto looks for `enable_ecs_managed_tags`, which its own translation spells otherwise.
SPELLED = {"enableECSManagedTags": "enable_ecs_managed_tags"}

Operation = Callable[[EC2ContainerServiceResponse], ActionResult]


def _keep(operation: Operation, *, new: bool) -> Operation:
    def kept(self: EC2ContainerServiceResponse) -> ActionResult:
        result = operation(self)
        service = result.result["service"]
        for name, default in SETTINGS.items():
            value = self._get_param(name)
            if value is None and new:
                value = default
            if value is not None:
                for attribute in {name, SPELLED.get(name) or camelcase_to_underscores(name)}:
                    setattr(service, attribute, value)
        return result

    return kept


def _service_settings() -> None:
    response = EC2ContainerServiceResponse
    response.create_service = _keep(response.create_service, new=True)
    response.update_service = _keep(response.update_service, new=False)


def deploy(service: Service) -> None:
    """Begin a new deployment of a service; the one before it ends."""
    if service.deployments:
        latest = service.deployments[0] | {"id": f"ecs-svc/{mock_random.randint(0, 32**12)}", "createdAt": utcnow()}
        service.deployments = [latest]


def _forced_deployments() -> None:
    plain = EC2ContainerServiceResponse.update_service

    def update_service(self: EC2ContainerServiceResponse) -> ActionResult:
        result: ActionResult = plain(self)
        if self._get_param("forceNewDeployment"):
            deploy(result.result["service"])
        return result

    EC2ContainerServiceResponse.update_service = update_service


GAPS = (
    Gap(
        name="ecs.service_settings",
        missing="A service forgets circuit breaker, grace period, rebalancing, managed tags and remote commands.",
        matters="Terraform would plan the same changes for ever.",
        fill=_service_settings,
    ),
    Gap(
        name="ecs.forced_deployment",
        missing="A forced deployment changes nothing.",
        matters="Nobody could see that tasks are replaced to read new credentials.",
        fill=_forced_deployments,
    ),
)
