"""EventBridge: state machines as targets, and buses of other regions, which a dark region is not reached by."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from moto.events.models import Rule, events_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gap import Gap

Event = dict[str, object]


def fill_targets() -> None:
    """Start state machines, and hand what is for another region to the replication between regions."""
    plain = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: Event, transform_input: bool = True) -> None:
        if self.state == "DISABLED" or not self.event_pattern.matches_event(original_event):
            return
        every = list(self.targets)
        ours = [target for target in every if _is_ours(target["Arn"], self.region_name)]
        for target in ours:
            _deliver(self, target, original_event)
        others = [target for target in every if target not in ours]
        if others:
            _with_targets(self, others, lambda: plain(self, original_event, transform_input))

    Rule.send_to_targets = send_to_targets


def _is_ours(arn: str, region: str) -> bool:
    _, _, service, place, _, resource = arn.split(":", 5)
    return service == "states" or (service == "events" and resource.startswith("event-bus/") and place != region)


def _deliver(rule: Rule, target: dict[str, str], event: Event) -> None:
    _, _, service, region, account, resource = target["Arn"].split(":", 5)

    def start() -> None:
        backend = stepfunctions_parser_backends[account][region]
        backend.start_execution(target["Arn"], name=str(uuid.uuid4()), execution_input=_input(target, event))

    def pass_on() -> None:
        bus = resource.removeprefix("event-bus/")
        entry = {"Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        backend = events_backends[account][region]
        if bus in backend.event_buses:  # gone meanwhile: EventBridge drops it, too
            backend.put_events([{**entry, "EventBusName": bus, "Resources": event["resources"]}])

    make: Callable[[], None] = start if service == "states" else pass_on
    replication.submit(source=rule.region_name, target=region, service="events", make=make)


def _input(target: dict[str, str], event: Event) -> str:
    """Return what a state machine is started with: the rule's own input, else the event."""
    return target.get("Input") or json.dumps(event)


def _with_targets(rule: Rule, targets: list[dict[str, str]], send: Callable[[], None]) -> None:
    """Let moto send to some of a rule's targets only."""
    every, rule.targets = rule.targets, targets
    try:
        send()
    finally:
        rule.targets = every


GAPS = (
    Gap(
        name="events.targets",
        missing="A state machine as a target is an error, and another region's bus is reached even when it is dark.",
        matters="What regions tell each other in a failover could not be rehearsed.",
        fill=fill_targets,
    ),
)
