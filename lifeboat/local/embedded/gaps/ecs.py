"""ECS: what a service was told. Tasks do not run here, and are counted as if they did."""

from __future__ import annotations

from collections.abc import Callable

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ecs.models import Service
from moto.ecs.responses import EC2ContainerServiceResponse

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


def _running_count() -> None:
    """Count as running what is desired: no task runs here, and none fails to start."""

    def keep_nothing(_: Service, __: int) -> None:
        """Take what moto counts itself, which is always 0."""

    Service.running_count = property(lambda service: service.desired_count, keep_nothing)
    Service.pending_count = property(lambda _: 0, keep_nothing)


GAPS = (
    Gap(
        name="ecs.running_count",
        missing="A new service runs nothing until its number of tasks is changed.",
        matters="A failback would wait for ever for tasks that are there already.",
        fill=_running_count,
    ),
    Gap(
        name="ecs.service_settings",
        missing="A service forgets circuit breaker, grace period, rebalancing, managed tags and remote commands.",
        matters="Terraform would plan the same changes for ever.",
        fill=_service_settings,
    ),
)
