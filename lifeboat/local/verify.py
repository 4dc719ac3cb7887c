"""Verify a copy: Terraform has nothing left to do, and what exists is what was asked for."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence

from deployments.system import System
from lifeboat.failure import Exit, Failure
from lifeboat.local.context import Local
from lifeboat.local.overrides import write_override
from lifeboat.stacks import Stack, read_stacks

NO_CHANGES, CHANGES = 0, 2
INTEGRATION = "tests/integration"


def verify(local: Local, system: System) -> None:
    """Plan every stack again, then run the integration tests.

    Raises:
        Failure: A plan is not empty (exit code 2), cannot be made, or a test fails (exit code 1).
    """
    stacks = read_stacks(local.out(system))
    changes = [change for stack in stacks for change in _changes(local, stack)]
    if changes:
        raise Failure("\n".join(["a second plan wants changes:", *changes]), Exit.CHANGES)
    run_integration_tests(local, system)


def run_integration_tests(local: Local, system: System) -> None:
    """Run the integration tests on a copy.

    Raises:
        Failure: The copy has no outputs, or a test fails.
    """
    outputs = local.workspace.outputs(system.names.prefix)
    if not outputs.is_dir():
        raise Failure(f"{system.names.prefix} has no outputs: run `lifeboat local deploy` first")
    chosen = {"DEPLOYMENT": system.spec.name, "ENVIRONMENT_SUFFIX": system.suffix}
    where = {
        "LIFEBOAT_OUTPUTS": str(outputs),
        "LIFEBOAT_STACKS": str(local.out(system) / "stacks"),
        "LIFEBOAT_TARGET": "local",
    }
    code = subprocess.run(  # noqa: S603 our own tests
        [sys.executable, "-m", "pytest", INTEGRATION, "--target", "local"],
        cwd=local.workspace.project,
        env=local.environment | chosen | where,
        check=False,
    ).returncode
    if code:
        raise Failure(f"the integration tests on {system.names.prefix} failed (pytest ended with {code})")


def _changes(local: Local, stack: Stack) -> list[str]:
    """Plan a stack; return what the plan would change."""
    write_override(stack)
    began = time.monotonic()
    done = subprocess.run(
        ["terraform", "plan", "-detailed-exitcode", "-input=false", "-json"],  # noqa: S607 found on PATH like everywhere
        cwd=stack.folder,
        env=local.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    messages = parse_messages(done.stdout)
    if done.returncode not in {NO_CHANGES, CHANGES}:
        raise Failure("\n".join([f"{stack.name} cannot be planned:", *errors(messages)]))
    changes = planned_changes(messages)
    if done.returncode == CHANGES and not changes:
        changes = ["the outputs"]
    local.say(f"  {stack.name}: {len(changes) or 'no'} changes, planned in {time.monotonic() - began:.0f} s")
    return [f"  {stack.name}: {change}" for change in changes]


def parse_messages(text: str) -> list[dict[str, object]]:
    """Read the lines of `terraform plan -json`; what is not JSON is skipped."""
    found = []
    for line in text.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            found.append(message)
    return found


def planned_changes(messages: Sequence[dict[str, object]]) -> list[str]:
    """List what a plan would change, as action and address."""
    changes = []
    for message in messages:
        match message:
            case {"type": "planned_change", "change": {"resource": {"addr": str(address)}, "action": str(action)}}:
                changes.append(f"{action} {address}")
    return changes


def errors(messages: Sequence[dict[str, object]]) -> list[str]:
    """List the error messages of a plan."""
    found = []
    for message in messages:
        match message:
            case {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": str(summary), **more}}:
                found.append(f"  {summary}: {more.get('detail', '')}".rstrip(": "))
    return found or ["  Terraform gave no reason"]
