"""EventBridge: state machines and buses as targets. A dark region is not reached, nor a third bus from a second."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from moto.events.models import EventsBackend, Rule, events_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from lifeboat.local.embedded import replication
from lifeboat.local.embedded.gap import Gap

Event = dict[str, object]
FROM_BUS = "LifeboatFromBus"
"""Key of an entry that a rule of another bus sent, beside those that PutEvents knows."""
_from_bus: ContextVar[bool] = ContextVar("from_bus", default=False)


def fill_targets() -> None:
    """Start state machines, and hand what is for another bus to the replication between regions."""
    plain = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: Event, transform_input: bool = True) -> None:
        if self.state == "DISABLED" or not self.event_pattern.matches_event(original_event):
            return
        every = list(self.targets)
        ours = [target for target in every if _service(target["Arn"])]
        for target in ours:
            if not (_from_bus.get() and _service(target["Arn"]) == "events"):
                _deliver(self, target, original_event)
        others = [target for target in every if target not in ours]
        if others:
            _with_targets(self, others, lambda: plain(self, original_event, transform_input))

    Rule.send_to_targets = send_to_targets


def fill_third_bus() -> None:
    """Let no rule pass on to a bus what another bus has sent."""
    plain = EventsBackend.put_events

    def put_events(self: EventsBackend, events: list[Event]) -> list[Event]:
        before = _from_bus.set(any(FROM_BUS in event for event in events))
        try:
            put: list[Event] = plain(self, events)
        finally:
            _from_bus.reset(before)
        return put

    EventsBackend.put_events = put_events


def _service(arn: str) -> str:
    """Return the service of a target that is delivered here. Empty: moto delivers to it."""
    _, _, service, _, _, resource = arn.split(":", 5)
    return service if service == "states" or (service == "events" and resource.startswith("event-bus/")) else ""


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
            backend.put_events([{**entry, "EventBusName": bus, "Resources": event["resources"], FROM_BUS: True}])

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
    Gap(
        name="events.third_bus",
        missing="An event that one bus sent to another is passed on to a third one, which EventBridge never does.",
        matters="A chain of buses that loses every message on AWS would seem to work.",
        fill=fill_third_bus,
    ),
)
