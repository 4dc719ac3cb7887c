"""SQS: policies of a queue that read back as they were written."""

from __future__ import annotations

import json

from moto.sqs.models import Queue

from lifeboat.local.embedded.gap import Gap


def fill_redrive() -> None:
    """Return both redrive policies as compact JSON, and none when there is none; keep the policy on other updates."""
    read, write = Queue.attributes.fget, Queue._set_attributes

    def attributes(self: Queue) -> dict[str, object]:
        answer: dict[str, object] = read(self)
        kept = {"RedrivePolicy": self.redrive_policy, "RedriveAllowPolicy": self.redrive_allow_policy}
        for name, policy in kept.items():
            answer.pop(name, None)
            document = json.loads(policy) if isinstance(policy, str) and policy else policy
            if document:
                answer[name] = json.dumps(document, separators=(",", ":"))
        return answer

    def set_attributes(self: Queue, attributes: dict[str, object], now: float | None = None) -> None:
        policy = getattr(self, "policy", None)
        write(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = policy

    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    Queue.redrive_allow_policy = None
    Queue.attributes = property(attributes)
    Queue._set_attributes = set_attributes


GAPS = (
    Gap(
        name="sqs.redrive",
        missing="The redrive-allow policy is never returned, and any update of a queue removes its policy.",
        matters="An apply waits for the policy until it gives up, and a second plan shows changes.",
        fill=fill_redrive,
    ),
)
