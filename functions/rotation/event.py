"""What Secrets Manager asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """The steps of a rotation, in order.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
    """

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


class EventError(Exception):
    """The event is none of Secrets Manager's."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One step that is asked for.

    Attributes:
        step: Which one.
        secret: ARN of the secret.
        token: Id of the version that is made; the same in all four steps.
    """

    step: Step
    secret: str
    token: str

    @classmethod
    def read(cls, event: Mapping[str, object]) -> Event:
        """Read Lambda's event.

        Raises:
            EventError: With what is missing or unknown.
        """
        texts = {key: event.get(key) for key in ("Step", "SecretId", "ClientRequestToken")}
        missing = [key for key, value in texts.items() if not isinstance(value, str) or not value]
        if missing:
            raise EventError(f"not an event of a rotation: {', '.join(missing)} missing")
        if texts["Step"] not in tuple(Step):
            raise EventError(f"unknown step {texts['Step']!r}, allowed: {', '.join(Step)}")
        return cls(step=Step(str(texts["Step"])), secret=str(texts["SecretId"]), token=str(texts["ClientRequestToken"]))
