"""What a rotation meets, in memory: a vault with labels as Secrets Manager keeps them, and a database with users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.rotation.credentials import Credentials
from functions.rotation.settings import Settings
from functions.rotation.vault import CURRENT, PENDING, PREVIOUS, Description

MASTER, SECRET = "/shop-dev/database/master", "/shop-dev/database/credentials"
SETTINGS = Settings(
    region="us-west-1",
    master_secret=MASTER,
    database="shop",
    application_role="application",
    endpoint_parameters=("/shop-dev/database/writer-endpoint",),
    grace_seconds=60,
)


class StoppedError(Exception):
    """The function was stopped in the middle."""


@dataclass
class Version:
    """One version of a secret."""

    credentials: Credentials | None
    stages: set[str]


@dataclass
class FakeVault:
    """Secrets by name; `rotating` begins a rotation as Secrets Manager does, with a version without a value."""

    secrets: dict[str, dict[str, Version]]
    rotated: set[str] = field(default_factory=lambda: {MASTER, SECRET})
    fails_at: str = ""

    def rotating(self, secret: str, token: str) -> None:
        self.secrets[secret][token] = Version(None, {PENDING})

    def describe(self, secret: str) -> Description:
        stages = {token: sorted(version.stages) for token, version in self.secrets[secret].items()}
        return Description(name=secret, is_rotated=secret in self.rotated, stages=stages)

    def read(self, secret: str, stage: str, token: str | None = None) -> Credentials | None:
        for name, version in self.secrets[secret].items():
            if stage in version.stages and token in {None, name}:
                return version.credentials
        return None

    def put(self, secret: str, token: str, credentials: Credentials, stages: Sequence[str]) -> None:
        self.secrets[secret][token] = Version(credentials, set(stages))
        self._interrupt("put")

    def make_current(self, secret: str, token: str, former: str | None) -> None:
        versions = self.secrets[secret]
        for version in versions.values():
            version.stages.discard(PREVIOUS)
        if former:
            versions[former].stages = {PREVIOUS}
        versions[token].stages |= {CURRENT}
        self._interrupt("make_current")

    def current(self, secret: str) -> Credentials:
        found = self.read(secret, CURRENT)
        assert found
        return found

    def _interrupt(self, where: str) -> None:
        if self.fails_at == where:
            self.fails_at = ""
            raise StoppedError(where)


@dataclass
class FakeDatabase:
    """Users with their passwords, and those whose password ends."""

    users: dict[str, str]
    ending: list[str] = field(default_factory=list)
    set_times: int = 0
    fails_at: str = ""

    def accepts(self, credentials: Credentials) -> bool:
        return self.users.get(credentials.username) == credentials.password

    def set_own_password(self, login: Credentials, password: str) -> None:
        assert self.accepts(login)
        self._set(login.username, password)

    def set_user(self, login: Credentials, user: Credentials) -> None:
        assert self.accepts(login)
        self._set(user.username, user.password)

    def end_password(self, login: Credentials, username: str) -> None:
        assert self.accepts(login)
        if self.fails_at == "end_password":
            self.fails_at = ""
            raise StoppedError("end_password")
        self.ending.append(username)

    def _set(self, username: str, password: str) -> None:
        self.users[username] = password
        self.ending = [each for each in self.ending if each != username]
        self.set_times += 1
        if self.fails_at == "set":
            self.fails_at = ""
            raise StoppedError("set")


def start() -> tuple[FakeVault, FakeDatabase]:
    """Return a system as it is deployed: the application begins with the master's credentials."""
    master = Credentials(username="lifeboat", password="first")  # noqa: S106 made up
    versions = {name: {"v0": Version(master, {CURRENT})} for name in (MASTER, SECRET)}
    return FakeVault(versions), FakeDatabase({"lifeboat": "first"})
