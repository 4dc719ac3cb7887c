"""The four steps, for two kinds of secrets.

The application's two users take turns: the one that is not in use gets a new password, becomes current, and the
former one's password ends after a grace period. The master, whom nothing but this function uses, changes its own.
Every step can be repeated, and can follow one that was interrupted anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .credentials import Credentials, new_password
from .event import Event, Step
from .settings import Settings
from .vault import CURRENT, PENDING, PREVIOUS, Description


class RotationError(Exception):
    """The rotation cannot go on; the message says why and holds no secret."""


class Secrets(Protocol):
    """What the steps need of Secrets Manager."""

    def describe(self, secret: str) -> Description:
        """Describe a secret."""

    def read(self, secret: str, stage: str, token: str | None = None) -> Credentials | None:
        """Read the version with a label."""

    def put(self, secret: str, token: str, credentials: Credentials, stages: Sequence[str]) -> None:
        """Write a version with labels."""

    def make_current(self, secret: str, token: str, former: str | None) -> None:
        """Move the label of the version that applications read."""


class Database(Protocol):
    """What the steps need of the database."""

    def accepts(self, credentials: Credentials) -> bool:
        """Tell whether the writer lets these credentials in."""

    def set_own_password(self, login: Credentials, password: str) -> None:
        """Change the password of who is logged in."""

    def set_user(self, login: Credentials, user: Credentials) -> None:
        """Make the application's user, or change its password."""

    def end_password(self, login: Credentials, username: str) -> None:
        """Let a user's password end after the grace period."""


class Rotation:
    """One rotation function: which secrets it knows, and what it does in each step."""

    def __init__(self, *, settings: Settings, vault: Secrets, database: Database) -> None:
        self._settings = settings
        self._vault = vault
        self._database = database
        self._steps: dict[Step, Callable[[Event, Description], str]] = {
            Step.CREATE: self._create,
            Step.SET: self._set,
            Step.TEST: self._test,
            Step.FINISH: self._finish,
        }

    def step(self, event: Event) -> str:
        """Do one step and say what was done.

        Raises:
            RotationError: Rotation is off, the version is not the one to rotate to, or the database refuses.
        """
        secret = self._vault.describe(event.secret)
        stages = secret.stages.get(event.token)
        if not secret.is_rotated:
            raise RotationError(f"rotation of {secret.name} is switched off")
        if stages is None or not {CURRENT, PENDING} & set(stages):
            raise RotationError(f"version {event.token} of {secret.name} is not the one to rotate to")
        if CURRENT in stages and event.step is not Step.FINISH:
            return "is current already"
        return self._steps[event.step](event, secret)

    def _create(self, event: Event, secret: Description) -> str:
        """Make the new version, unless an interrupted rotation has made it."""
        if self._vault.read(event.secret, PENDING, event.token):
            return "was made before"
        current = self._read(event.secret, CURRENT)
        username = current.username if self._is_master(secret) else self._next_user(current.username)
        self._vault.put(event.secret, event.token, Credentials(username=username, password=new_password()), (PENDING,))
        return f"made a version for {username}"

    def _set(self, event: Event, secret: Description) -> str:
        """Tell the database, unless it knows already."""
        pending = self._read(event.secret, PENDING, event.token)
        if self._database.accepts(pending):
            return f"{pending.username} was set before"
        if self._is_master(secret):
            self._database.set_own_password(self._master(), pending.password)
        else:
            self._database.set_user(self._master(), pending)
        return f"set {pending.username}"

    def _test(self, event: Event, _secret: Description) -> str:
        """Log in with the new version, before anybody depends on it."""
        pending = self._read(event.secret, PENDING, event.token)
        if not self._database.accepts(pending):
            raise RotationError(f"the writer refuses the new version of {pending.username}")
        return f"{pending.username} can log in"

    def _finish(self, event: Event, secret: Description) -> str:
        """Make the new version current, then end the former user's password: in this order nobody is locked out."""
        current = secret.version_of(CURRENT)
        if current != event.token:
            self._vault.make_current(event.secret, event.token, current)
        if self._is_master(secret):
            return "is current"
        former = self._vault.read(event.secret, PREVIOUS)
        new = self._read(event.secret, CURRENT)
        if former and former.username in self._settings.users and former.username != new.username:
            self._database.end_password(self._master(), former.username)
            return f"is current; {former.username} ends in {self._settings.grace_seconds} s"
        return "is current"

    def _next_user(self, current: str) -> str:
        first, second = self._settings.users
        return second if current == first else first

    def _is_master(self, secret: Description) -> bool:
        return secret.name == self._settings.master_secret

    def _master(self) -> Credentials:
        """Return credentials of the master that the database accepts: a rotation may have stopped half-way."""
        for stage in (CURRENT, PENDING, PREVIOUS):
            found = self._vault.read(self._settings.master_secret, stage)
            if found and self._database.accepts(found):
                return found
        raise RotationError(
            "the writer accepts no version of the master's secret: is the writer in this region?"
            " Else give the cluster a new master password and put it into that secret"
        )

    def _read(self, secret: str, stage: str, token: str | None = None) -> Credentials:
        found = self._vault.read(secret, stage, token)
        if found is None:
            raise RotationError(f"there is no {stage} version")
        return found
