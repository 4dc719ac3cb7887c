from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployments.system import System
from lifeboat.bootstrap import Clients, bootstrap, connect, wanted
from lifeboat.failure import Failure
from lifeboat.local.context import pointed_at
from lifeboat.local.server import EmbeddedAws
from lifeboat.local.states import State, deployed, locks, parse_lock, remove_lock
from lifeboat.stacks import Stack, StateLocation

WHERE = StateLocation(bucket="tiny-state-us-east-1", key="tiny-dev/us-east-1.tfstate", region="us-east-1")
LOCK = {
    "ID": "0f5a",
    "Operation": "OperationTypeApply",
    "Who": "ann@laptop",
    "Created": "2026-11-20T10:01:02.123456789Z",
}


@pytest.fixture
def clients(embedded: EmbeddedAws, system: System) -> Iterator[Clients]:
    """An embedded AWS with a state bucket."""
    with pointed_at(embedded.url):
        connected = connect()
        bootstrap(connected, wanted([system]), dry_run=False)
        yield connected


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A stack whose state is in that bucket."""
    backend = {"bucket": WHERE.bucket, "key": WHERE.key, "region": WHERE.region}
    (tmp_path / "cdk.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
    return Stack(name="tiny-dev-us-east-1", folder=tmp_path, dependencies=())


def test_a_lock_tells_who_and_since_when() -> None:
    lock = parse_lock("tiny-dev-us-east-1", WHERE, json.dumps(LOCK))
    assert lock.created == datetime(2026, 11, 20, 10, 1, 2, 123456, tzinfo=UTC)
    assert str(lock) == (
        "tiny-dev-us-east-1 is locked by ann@laptop (OperationTypeApply) since 2026-11-20 10:01:02 UTC, lock 0f5a"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Created": "yesterday"}'])
def test_a_lock_that_cannot_be_read_is_still_a_lock(text: str) -> None:
    lock = parse_lock("tiny", WHERE, text)
    assert str(lock) == "tiny is locked by somebody (unknown operation), lock unknown"


def test_a_lock_is_found_and_removed(clients: Clients, stack: Stack) -> None:
    assert locks(clients, [stack]) == []
    clients.s3("us-east-1").put_object(Bucket=WHERE.bucket, Key=WHERE.lock_key, Body=json.dumps(LOCK))
    (lock,) = locks(clients, [stack])
    assert (lock.who, lock.where) == ("ann@laptop", WHERE)
    remove_lock(clients, lock)
    assert locks(clients, [stack]) == []


def test_copies_are_known_by_the_states_that_hold_something(clients: Clients) -> None:
    s3 = clients.s3("us-east-1")
    full = {"resources": [{"mode": "managed", "instances": [{}, {}]}, {"mode": "data", "instances": [{}]}]}
    bodies = {"a/global": full, "b/us-east-1": {"resources": []}, "deep/er/global": full}
    for key, body in bodies.items():
        s3.put_object(Bucket=WHERE.bucket, Key=f"{key}.tfstate", Body=json.dumps(body))
    s3.put_object(Bucket=WHERE.bucket, Key="a/notes.txt", Body=b"no state")
    assert deployed(clients, "us-east-1") == [State(copy="a", place="global", resources=2)]
    for key in [*(f"{key}.tfstate" for key in bodies), "a/notes.txt"]:
        s3.delete_object(Bucket=WHERE.bucket, Key=key)


def test_a_missing_state_bucket_says_to_bootstrap(embedded: EmbeddedAws, stack: Stack) -> None:
    content = json.loads((stack.folder / "cdk.tf.json").read_text())
    content["terraform"]["backend"]["s3"]["bucket"] = "nobody-made-this"
    (stack.folder / "cdk.tf.json").write_text(json.dumps(content))
    with pointed_at(embedded.url), pytest.raises(Failure, match="nobody-made-this does not exist: run `lifeboat boot"):
        locks(connect(), [stack])


def test_an_endpoint_that_does_not_answer_is_one_message(stack: Stack) -> None:
    with pointed_at("http://127.0.0.1:9"):
        clients = connect()
        with pytest.raises(Failure, match="cannot be read"):
            locks(clients, [stack])
        with pytest.raises(Failure, match="the states cannot be listed"):
            deployed(clients, "us-east-1")
