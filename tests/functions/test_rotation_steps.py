"""Rotation, step by step: the two users take turns, and every step can be repeated and interrupted."""

from __future__ import annotations

import pytest

from functions.rotation.credentials import Credentials
from functions.rotation.event import Event, EventError, Step
from functions.rotation.settings import Settings, SettingsError
from functions.rotation.steps import Rotation, RotationError
from functions.rotation.vault import CURRENT
from tests.functions.rotation_fakes import (
    MASTER,
    SECRET,
    SETTINGS,
    FakeDatabase,
    FakeVault,
    StoppedError,
    start,
)

ENVIRONMENT = {
    "AWS_REGION": "us-west-1",
    "MASTER_SECRET": MASTER,
    "DATABASE_NAME": "shop",
    "APPLICATION_ROLE": "application",
    "ENDPOINT_PARAMETERS": "/a,/b",
    "GRACE_SECONDS": "60",
}


def do(vault: FakeVault, database: FakeDatabase, step: Step, token: str, secret: str = SECRET) -> str:
    rotation = Rotation(settings=SETTINGS, vault=vault, database=database)
    return rotation.step(Event(step=step, secret=secret, token=token))


def rotate(vault: FakeVault, database: FakeDatabase, token: str, secret: str = SECRET) -> None:
    if token not in vault.secrets[secret]:
        vault.rotating(secret, token)
    for step in Step:
        do(vault, database, step, token, secret)


def test_the_first_rotation_gives_the_application_a_user_of_its_own() -> None:
    vault, database = start()
    rotate(vault, database, "v1")
    new = vault.current(SECRET)
    assert new.username == "application_a"
    assert database.accepts(new)
    assert database.users["lifeboat"] == "first"
    assert database.ending == []


def test_two_users_take_turns_and_the_former_ones_password_ends() -> None:
    vault, database = start()
    seen = []
    for token in ("v1", "v2", "v3"):
        rotate(vault, database, token)
        seen.append((vault.current(SECRET).username, list(database.ending)))
    assert seen == [
        ("application_a", []),
        ("application_b", ["application_a"]),
        ("application_a", ["application_b"]),
    ]


def test_the_master_changes_its_own_password() -> None:
    vault, database = start()
    rotate(vault, database, "v1", MASTER)
    new = vault.current(MASTER)
    assert new.username == "lifeboat"
    assert database.users == {"lifeboat": new.password}
    assert new.password != "first"  # noqa: S105 made up


def test_both_can_be_rotated_in_any_order() -> None:
    vault, database = start()
    rotate(vault, database, "v1", MASTER)
    rotate(vault, database, "v1")
    rotate(vault, database, "v2", MASTER)
    rotate(vault, database, "v2")
    assert database.accepts(vault.current(SECRET))
    assert database.accepts(vault.current(MASTER))


def test_every_step_can_be_repeated() -> None:
    vault, database = start()
    vault.rotating(SECRET, "v1")
    for step in Step:
        do(vault, database, step, "v1")
        held = vault.secrets[SECRET]["v1"].credentials
        do(vault, database, step, "v1")
        assert vault.secrets[SECRET]["v1"].credentials == held
    assert database.set_times == 1
    assert vault.current(SECRET) == held


@pytest.mark.parametrize("secret", [SECRET, MASTER])
@pytest.mark.parametrize(("part", "where"), [("vault", "put"), ("database", "set"), ("vault", "make_current")])
def test_an_interrupted_rotation_goes_on_where_it_stopped(secret: str, part: str, where: str) -> None:
    vault, database = start()
    (vault if part == "vault" else database).fails_at = where
    vault.rotating(secret, "v1")
    with pytest.raises(StoppedError):
        rotate(vault, database, "v1", secret)
    assert database.accepts(vault.current(secret)) or secret == MASTER  # the application is never locked out
    rotate(vault, database, "v1", secret)
    assert vault.describe(secret).version_of(CURRENT) == "v1"
    assert database.accepts(vault.current(secret))


def test_a_password_that_was_not_ended_is_ended_by_the_repetition() -> None:
    vault, database = start()
    rotate(vault, database, "v1")
    database.fails_at = "end_password"
    with pytest.raises(StoppedError):
        rotate(vault, database, "v2")
    assert vault.current(SECRET).username == "application_b"
    do(vault, database, Step.FINISH, "v2")
    assert database.ending == ["application_a"]


def test_the_new_version_becomes_current_before_the_former_password_ends() -> None:
    vault, database = start()
    rotate(vault, database, "v1")
    vault.fails_at = "make_current"
    with pytest.raises(StoppedError):
        rotate(vault, database, "v2")
    assert database.ending == []


def test_a_version_that_the_database_refuses_never_becomes_current() -> None:
    vault, database = start()
    vault.rotating(SECRET, "v1")
    do(vault, database, Step.CREATE, "v1")
    with pytest.raises(RotationError, match="refuses the new version of application_a"):
        do(vault, database, Step.TEST, "v1")
    assert vault.current(SECRET).username == "lifeboat"


def test_a_master_that_nobody_knows_is_told_with_what_to_do() -> None:
    vault, database = start()
    database.users["lifeboat"] = "changed by hand"
    vault.rotating(SECRET, "v1")
    do(vault, database, Step.CREATE, "v1")
    with pytest.raises(RotationError, match="put it into that secret"):
        do(vault, database, Step.SET, "v1")


def test_a_secret_whose_rotation_is_off_and_a_version_that_is_not_pending_are_refused() -> None:
    vault, database = start()
    with pytest.raises(RotationError, match="not the one to rotate to"):
        do(vault, database, Step.CREATE, "unknown")
    vault.rotated.clear()
    with pytest.raises(RotationError, match="switched off"):
        do(vault, database, Step.CREATE, "v0")


def test_a_step_before_the_one_it_needs_says_what_is_missing() -> None:
    vault, database = start()
    vault.rotating(SECRET, "v1")
    with pytest.raises(RotationError, match="no AWSPENDING version"):
        do(vault, database, Step.SET, "v1")


def test_a_current_version_is_left_alone() -> None:
    vault, database = start()
    assert do(vault, database, Step.CREATE, "v0") == "is current already"


def test_an_event_names_step_secret_and_version() -> None:
    event = {"Step": "setSecret", "SecretId": "arn", "ClientRequestToken": "t"}
    assert Event.read(event) == Event(step=Step.SET, secret="arn", token="t")  # noqa: S106 a version's id
    with pytest.raises(EventError, match="SecretId, ClientRequestToken missing"):
        Event.read({"Step": "setSecret", "SecretId": ""})
    with pytest.raises(EventError, match="unknown step 'resetSecret', allowed: createSecret, setSecret"):
        Event.read(event | {"Step": "resetSecret"})


def test_settings_are_read_and_problems_told_at_once() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert settings.users == ("application_a", "application_b")
    assert settings.endpoint_parameters == ("/a", "/b")
    broken = {**ENVIRONMENT, "GRACE_SECONDS": "soon", "DATABASE_NAME": "shop; --"}
    del broken["AWS_REGION"]
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(broken)
    for word in ("AWS_REGION is missing", "GRACE_SECONDS is 'soon'", "DATABASE_NAME is 'shop; --'"):
        assert word in str(caught.value)


def test_credentials_are_never_shown() -> None:
    assert "secret" not in repr(Credentials(username="a", password="secret"))  # noqa: S106 made up
