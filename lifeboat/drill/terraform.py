"""Terraform in a drill: what it would undo after a failover, and an apply that a region's loss interrupts."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from lifeboat.drill.record import PlanResult
from lifeboat.failure import Failure
from lifeboat.local.overrides import write_override
from lifeboat.plan.allowances import Guards
from lifeboat.plan.inspect import Inspection
from lifeboat.plan.terraform import Options, plan_stacks
from lifeboat.report.model import Action, Severity
from lifeboat.stacks import Stack, read_stacks

LOCK_ID = re.compile(r"ID:\s+([0-9a-f-]{36})")
HARMFUL = {Action.REPLACE, Action.DESTROY, Action.FORGET}
GLOBAL = "global"
"""The place of the stack that joins the regions."""
CALLER = "terraform"
"""Access key of its own, so that its calls are told from those of the recovery."""
APPLY_SECONDS = 300.0


class Terraform:
    """The stacks of a deployed copy."""

    def __init__(self, out: Path, environment: Mapping[str, str]) -> None:
        """Read the stacks.

        Args:
            out: The synthesized copy.
            environment: What Terraform runs with.

        Raises:
            Failure: Nothing is synthesized there.
        """
        self._stacks = read_stacks(out)
        self._environment = {**environment, "AWS_ACCESS_KEY_ID": CALLER}
        self._applying: tuple[Stack, subprocess.Popen[bytes]] | None = None
        self._left_a_lock = False

    def plan(self) -> list[PlanResult]:
        """Plan every stack; tell what would change, and what of it would do harm."""
        for stack in self._stacks:
            write_override(stack)
        inspection = Inspection(Guards())
        with tempfile.TemporaryDirectory(prefix="drill-plans-") as folder:
            options = Options(
                environment=self._environment,
                refresh=True,
                lock_timeout="10s",
                destroy=False,
                plans=Path(folder),
                say=lambda _: None,
            )
            plan_stacks(self._stacks, options, inspection)
        report = inspection.report()
        guarded: dict[str, list[str]] = {}
        for finding in report.findings:
            if finding.severity is Severity.GUARDED:
                guarded.setdefault(finding.stack, []).append(f"{finding.rule}: {finding.title}")
        results = []
        for section in report.sections:
            harm = [f"{each.action} {each.address}" for each in section.changes if each.action in HARMFUL]
            results.append(
                PlanResult(
                    at=time.time(),
                    stack=section.stack,
                    changes=tuple(f"{each.action} {each.address}" for each in section.changes),
                    harm=tuple(dict.fromkeys([*harm, *guarded.get(section.stack, [])])),
                )
            )
        return results

    def begin_apply(self, place: str) -> None:
        """Begin to apply the stack of a region, or the global one.

        Raises:
            Failure: The system has no such stack.
        """
        stack = next((each for each in self._stacks if each.name.endswith(f"-{place}")), None)
        if stack is None:
            raise Failure(f"there is no stack of {place}")
        write_override(stack)
        if self._left_a_lock:
            self._unlock(stack)
        child = subprocess.Popen(
            ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"],  # noqa: S607 found on PATH like everywhere
            cwd=stack.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._applying = (stack, child)

    def finish_apply(self) -> bool:
        """Wait for the end of the apply; tell whether it worked.

        Raises:
            Failure: None was begun, or it does not end in time.
        """
        if self._applying is None:
            raise Failure("no apply was begun")
        stack, child = self._applying
        self._applying = None
        try:
            worked = child.wait(APPLY_SECONDS) == 0
        except subprocess.TimeoutExpired:
            child.terminate()
            child.wait()
            raise Failure(f"the apply of {stack.name} did not end within {APPLY_SECONDS:g} s") from None
        self._left_a_lock = not worked
        return worked

    def _unlock(self, stack: Stack) -> None:
        """Remove the lock that this drill's own interrupted apply left, as the runbook says."""
        done = subprocess.run(
            ["terraform", "plan", "-refresh=false", "-input=false", "-no-color", "-lock-timeout=0s"],  # noqa: S607 as above
            cwd=stack.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        held = LOCK_ID.search(done.stdout + done.stderr)
        if held:
            subprocess.run(  # noqa: S603 our own stack
                ["terraform", "force-unlock", "-force", held[1]],  # noqa: S607 as above
                cwd=stack.folder,
                env=self._environment,
                capture_output=True,
                check=True,
            )
