"""Application Auto Scaling: tags, and limits that take effect at once."""

from __future__ import annotations

import json

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeScalableTarget
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.ecs.models import ecs_backends

from lifeboat.local.embedded.gap import Gap

ECS_TASKS = "ecs:service:DesiredCount"


def target_of(backend: ApplicationAutoscalingBackend, arn: str) -> FakeScalableTarget:
    """Return a scalable target by its ARN.

    Raises:
        AWSValidationException: There is none.
    """
    for targets in backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                return target
    raise AWSValidationException(f"No scalable target found for {arn}")


def _tags() -> None:
    register = ApplicationAutoScalingResponse.register_scalable_target

    def tags(self: ApplicationAutoScalingResponse) -> dict[str, str]:
        target = target_of(self.applicationautoscaling_backend, self._get_param("ResourceARN"))
        kept: dict[str, str] = target.__dict__.setdefault("_tags", {})
        return kept

    def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
        body: str = register(self)
        target = target_of(self.applicationautoscaling_backend, json.loads(body)["ScalableTargetARN"])
        target.__dict__.setdefault("_tags", {}).update(self._get_param("Tags") or {})
        return body

    def list_tags_for_resource(self: ApplicationAutoScalingResponse) -> str:
        return json.dumps({"Tags": tags(self)})

    def tag_resource(self: ApplicationAutoScalingResponse) -> str:
        tags(self).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: ApplicationAutoScalingResponse) -> str:
        for key in self._get_param("TagKeys"):
            tags(self).pop(key, None)
        return "{}"

    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target
    ApplicationAutoScalingResponse.list_tags_for_resource = list_tags_for_resource
    ApplicationAutoScalingResponse.tag_resource = tag_resource
    ApplicationAutoScalingResponse.untag_resource = untag_resource


def _limits() -> None:
    """Bring a service within its limits when they are set, as AWS does.

    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
    """
    plain = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
        body: str = plain(self)
        target = target_of(self.applicationautoscaling_backend, json.loads(body)["ScalableTargetARN"])
        if target.scalable_dimension == ECS_TASKS:
            _, cluster, name = target.resource_id.split("/")
            backend = ecs_backends[self.current_account][self.region]
            service = backend.describe_services(cluster, [name])[0][0]
            within = min(max(service.desired_count, int(target.min_capacity)), int(target.max_capacity))
            if within != service.desired_count:
                backend.update_service({"cluster": cluster, "service": name, "desired_count": within})
        return body

    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target


GAPS = (
    Gap(
        name="application-autoscaling.tags",
        missing="Tags are neither kept nor listed.",
        matters="Reading a scalable target fails, and with it every plan of its stack.",
        fill=_tags,
    ),
    Gap(
        name="application-autoscaling.limits",
        missing="A service below its new minimum stays there.",
        matters="A failover that raises the standby could not be shown to do so.",
        fill=_limits,
    ),
)
