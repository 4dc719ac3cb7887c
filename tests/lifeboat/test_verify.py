from __future__ import annotations

import json

import pytest

from deployments.system import System
from lifeboat.failure import Exit, Failure
from lifeboat.local import actions
from lifeboat.local.server import EmbeddedAws
from lifeboat.local.verify import errors, parse_messages, planned_changes
from lifeboat.workspace import Workspace

UPDATE = {
    "type": "planned_change",
    "change": {"resource": {"addr": "aws_kms_key.key"}, "action": "update"},
}
ERROR = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "No state", "detail": "Look there"}}

TESTS = "def test_target(target):\n    assert target == 'local'\n"
CONFTEST = """
import os, pytest
def pytest_addoption(parser):
    parser.addoption("--target")
@pytest.fixture
def target(request):
    assert os.environ["LIFEBOAT_OUTPUTS"].endswith("tiny-dev")
    assert os.path.isdir(os.path.join(os.environ["LIFEBOAT_STACKS"], "tiny-dev-us-east-1"))
    return os.environ["LIFEBOAT_TARGET"] if request.config.getoption("--target") == "local" else ""
"""


@pytest.fixture
def deployed(tools: Workspace, embedded: EmbeddedAws, system: System) -> Workspace:
    """A copy that was deployed, with an integration test that holds."""
    assert embedded.url
    actions.up(tools, [system], 0, lambda _: None)
    actions.deploy_all(tools, [system], lambda _: None)
    folder = tools.project / "tests" / "integration"
    folder.mkdir(parents=True)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_one.py").write_text(TESTS)
    return tools


def test_an_empty_plan_and_passing_tests_verify_a_copy(deployed: Workspace, system: System, said: list[str]) -> None:
    actions.verify_all(deployed, [system], said.append)
    assert said[1].startswith("  tiny-dev-us-east-1: no changes, planned in ")
    assert said[-1].startswith("verified tiny-dev in ")
    assert list(json.loads(deployed.timings("tiny-dev").read_text())) == ["deployed", "verified"]
    actions.deploy_all(deployed, [system], said.append)
    assert list(json.loads(deployed.timings("tiny-dev").read_text())) == ["deployed"]


def test_a_plan_with_changes_lists_them_and_ends_with_2(
    deployed: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PLAN", json.dumps(UPDATE))
    monkeypatch.setenv("FAKE_PLAN_CODE", "2")
    with pytest.raises(Failure) as caught:
        actions.verify_all(deployed, [system], said.append)
    assert int(caught.value.exit_code) == 2
    assert str(caught.value) == "a second plan wants changes:\n  tiny-dev-us-east-1: update aws_kms_key.key"


def test_a_plan_that_changes_only_outputs_is_not_empty(
    deployed: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PLAN_CODE", "2")
    with pytest.raises(Failure, match="tiny-dev-us-east-1: the outputs"):
        actions.verify_all(deployed, [system], said.append)


def test_a_plan_that_fails_shows_why(
    deployed: Workspace, system: System, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_PLAN", json.dumps(ERROR))
    monkeypatch.setenv("FAKE_PLAN_CODE", "1")
    with pytest.raises(Failure, match="tiny-dev-us-east-1 cannot be planned:\n  No state: Look there") as caught:
        actions.verify_all(deployed, [system], said.append)
    assert caught.value.exit_code == Exit.ERROR


def test_a_failing_integration_test_fails_the_verification(
    deployed: Workspace, system: System, said: list[str]
) -> None:
    (deployed.project / "tests" / "integration" / "test_one.py").write_text("def test_it():\n    assert False\n")
    with pytest.raises(Failure, match=r"the integration tests on tiny-dev failed \(pytest ended with 1\)"):
        actions.verify_all(deployed, [system], said.append)


def test_without_outputs_there_is_nothing_to_test(deployed: Workspace, system: System, said: list[str]) -> None:
    for file in deployed.outputs("tiny-dev").iterdir():
        file.unlink()
    deployed.outputs("tiny-dev").rmdir()
    with pytest.raises(Failure, match="tiny-dev has no outputs: run `lifeboat local deploy` first"):
        actions.verify_all(deployed, [system], said.append)


def test_what_is_not_json_in_a_plan_is_skipped() -> None:
    messages = parse_messages(f"warning\n[1]\n{json.dumps(UPDATE)}\n")
    assert planned_changes(messages) == ["update aws_kms_key.key"]
    assert errors(messages) == ["  Terraform gave no reason"]


def test_an_error_without_details_is_shown() -> None:
    bare: dict[str, object] = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "Broken"}}
    assert errors([bare]) == ["  Broken"]
