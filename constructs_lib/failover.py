"""The failover of a region: its state machine, its relay, and the event bus over which regions talk.

What the machines do is in `deployments/failover/`; here they become resources with the least that they need.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_event_bus import CloudwatchEventBus
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.sfn_state_machine import (
    SfnStateMachine,
    SfnStateMachineEncryptionConfiguration,
    SfnStateMachineLoggingConfiguration,
    SfnStateMachineTracingConfiguration,
)
from constructs import Construct

from constructs_lib.alarms import Alarm, watch
from constructs_lib.failover_grants import grant_failover, grant_relay
from constructs_lib.foundation import Foundation
from constructs_lib.policy import Statement
from constructs_lib.role import Role
from deployments.failover.facts import Facts
from deployments.failover.links import heard, links, pattern
from deployments.failover.machine import machine
from deployments.failover.relay import relay

LOG_DAYS = 365
"""What happened in a failover is asked for long after it: a year, or longer where an audit asks for it."""
KEY_REUSE_SECONDS = 300
LOG_PREFIX = "/aws/vendedlogs/states/"
"""Log groups below it need no resource policy of their own, of which an account has ten per region:
https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""
TIMEOUT_FACTOR = 2
"""A machine that takes twice its longest path hangs."""


class Failover(Construct):
    """Everything that a failover to this region uses, all of it in this region."""

    def __init__(self, scope: Construct, id_: str, *, base: Foundation, facts: Facts, longest_seconds: int) -> None:
        """Create the machines, the bus between regions and their alarms.

        Args:
            scope: Parent construct.
            id_: Permanent id.
            base: What the region stands on.
            facts: What the machines are told.
            longest_seconds: Longest path of the failover; twice that and Step Functions ends it.
        """
        super().__init__(scope, id_)
        self._base = base
        self._facts = facts
        self.bus = CloudwatchEventBus(self, "bus", name=facts.bus)
        failover_role = self._role("failover")
        grant_failover(failover_role, base, facts)
        definition = machine(facts, longest_seconds * TIMEOUT_FACTOR)
        self.machine = self._machine("machine", "failover", failover_role, definition)
        relay_role = self._role("failover-relay")
        grant_relay(relay_role, base, facts)
        self.relay = self._machine("relay", "failover-relay", relay_role, relay(facts))
        self._connect()
        watch(self, base.pager, self._alarms())

    def _role(self, purpose: str) -> Role:
        role = Role(self, f"{purpose}-role", site=self._base.site, purpose=purpose, service="states.amazonaws.com")
        role.attach("trace", "AWSXRayDaemonWriteAccess")
        self._base.key.grant_use(role)
        return role

    def _machine(self, id_: str, purpose: str, role: Role, definition: Mapping[str, Any]) -> SfnStateMachine:
        site, key = self._base.site, self._base.key
        name = site.names.of("state machine", purpose)
        log_group = CloudwatchLogGroup(
            self,
            f"{id_}-log-group",
            name=f"{LOG_PREFIX}{name}",
            retention_in_days=max(LOG_DAYS, site.log_days),
            kms_key_id=key.arn,
        )
        return SfnStateMachine(
            self,
            id_,
            name=name,
            role_arn=role.arn,
            # Standard: a failover takes minutes, must not run twice, and its history is evidence.
            type="STANDARD",
            definition=json.dumps(definition),
            logging_configuration=SfnStateMachineLoggingConfiguration(
                level="ALL", include_execution_data=True, log_destination=f"{log_group.arn}:*"
            ),
            tracing_configuration=SfnStateMachineTracingConfiguration(enabled=True),
            encryption_configuration=SfnStateMachineEncryptionConfiguration(
                type="CUSTOMER_MANAGED_KMS_KEY",
                kms_key_id=key.arn,
                kms_data_key_reuse_period_seconds=KEY_REUSE_SECONDS,
            ),
            # Step Functions tries the log destination and the key when the machine is made.
            depends_on=role.grants,
        )

    def _connect(self) -> None:
        """Pass messages on to the regions that this one is linked with, and give what comes in to the relay."""
        site, facts = self._base.site, self._facts
        role = Role(self, "messenger", site=site, purpose="failover-bus", service="events.amazonaws.com")
        buses = {
            other: f"arn:{site.partition}:events:{other}:{site.account}:event-bus/{facts.bus}" for other in links(facts)
        }
        role.allow(
            "send-messages",
            Statement(sid="Send", actions=("events:PutEvents",), resources=tuple(buses.values())),
        )
        role.allow(
            "start-relay",
            Statement(sid="Start", actions=("states:StartExecution",), resources=(self.relay.arn,)),
        )
        for index, (other, regions) in enumerate(links(facts).items()):
            self._rule(f"peer-{index}", other, pattern(regions), buses[other], role)
        self._rule("own", site.region, heard(facts), self.relay.arn, role)

    def _rule(self, id_: str, to: str, matching: Mapping[str, object], target_arn: str, role: Role) -> None:
        rule = CloudwatchEventRule(
            self,
            id_,
            name=self._base.site.names.of("event rule", "failover", "to", to),
            description=f"Messages of a failover to {to}",
            event_bus_name=self.bus.name,
            event_pattern=json.dumps(matching),
        )
        CloudwatchEventTarget(
            self,
            f"{id_}-target",
            rule=rule.name,
            event_bus_name=self.bus.name,
            target_id=id_,
            arn=target_arn,
            role_arn=role.arn,
            depends_on=role.grants,
        )

    def _alarms(self) -> list[Alarm]:
        nobody = "nobody may be open for writes"
        rows = (
            ("failover-failed", self.machine, "ExecutionsFailed", f"A failover to this region failed: {nobody}."),
            ("failover-timed-out", self.machine, "ExecutionsTimedOut", f"A failover did not end in time: {nobody}."),
            ("failover-relay", self.relay, "ExecutionsFailed", "This region could not do what a failover asked of it."),
        )
        return [
            Alarm(
                name=name,
                means=means,
                namespace="AWS/States",
                metric=metric,
                dimensions={"StateMachineArn": machine.arn},
                threshold=0,
                statistic="Sum",
                periods=1,
            )
            for name, machine, metric, means in rows
        ]
