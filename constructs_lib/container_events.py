"""What happens around a container service: deployments that fail are told, and tasks are replaced once a day."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.scheduler_schedule import (
    SchedulerSchedule,
    SchedulerScheduleFlexibleTimeWindow,
    SchedulerScheduleTarget,
    SchedulerScheduleTargetRetryPolicy,
)
from constructs import Construct

from constructs_lib.foundation import Foundation
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from constructs_lib.site import Site

WINDOW_MINUTES = 60
"""Regions and systems do not all replace their tasks in the same minute."""


class FailedDeployments(Construct):
    """Tell people when the circuit breaker ends a deployment: the apply that started it has long returned."""

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, service: str) -> None:
        """Create the rule.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on; its alarm topic is told.
            service: ARN of the service.
        """
        super().__init__(scope, id_)
        pattern = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            "resources": [service],
        }
        rule = CloudwatchEventRule(
            self,
            "rule",
            name=base.site.names.of("event rule", "deployment-failed"),
            description=f"{base.site.names.prefix}: a deployment failed and was rolled back",
            event_pattern=json.dumps(pattern),
        )
        CloudwatchEventTarget(self, "target", rule=rule.name, target_id="alarms", arn=base.topic.arn)


class DailyRefresh(Construct):
    """Replace all tasks once a day, one by one: new tasks read their secrets anew, on a patched platform."""

    def __init__(self, scope: Construct, id_: str, *, site: Site, cluster: str, service: str) -> None:
        """Create the schedule and its role.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            site: Where the service runs.
            cluster: Name of the cluster.
            service: Name of the service.
        """
        super().__init__(scope, id_)
        role = Role(self, "role", site=site, purpose="refresh-tasks", service="scheduler.amazonaws.com")
        role.allow(
            "refresh-tasks",
            Statement(
                sid="Refresh",
                actions=("ecs:UpdateService",),
                resources=(site.arn("ecs", f"service/{cluster}/{service}"),),
            ),
        )
        request = {"Cluster": cluster, "ForceNewDeployment": True, "Service": service}
        self.resource = SchedulerSchedule(
            self,
            "schedule",
            name=site.names.of("schedule", "refresh-tasks"),
            description=f"{site.names.prefix}: new tasks read their credentials anew",
            schedule_expression="rate(1 day)",
            flexible_time_window=SchedulerScheduleFlexibleTimeWindow(
                mode="FLEXIBLE", maximum_window_in_minutes=WINDOW_MINUTES
            ),
            target=SchedulerScheduleTarget(
                arn=f"arn:{site.partition}:scheduler:::aws-sdk:ecs:updateService",
                role_arn=role.arn,
                input=json.dumps(request),
                retry_policy=SchedulerScheduleTargetRetryPolicy(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
                ),
            ),
            depends_on=role.grants,
        )
