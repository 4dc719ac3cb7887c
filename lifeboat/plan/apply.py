"""Applies exactly the reviewed plan files, one stack after the other, and stops at the first failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deployments.problems import Problem, ProblemsError
from lifeboat.failure import Exit, Failure
from lifeboat.local.tool import run_tool
from lifeboat.plan import saved
from lifeboat.plan.saved import Entry, Reviewed
from lifeboat.plan.terraform import SUFFIX, initialize, run, tail
from lifeboat.report.model import amount
from lifeboat.stacks import Stack

DONE = "apply_complete"
STARTED = "apply_start"
FAILED = "apply_errored"
PAST = {"create": "created", "update": "updated", "delete": "destroyed"}


@dataclass
class Progress:
    """Follows `terraform apply -json`.

    Attributes:
        done: Resources with what was done to them.
        failed: Addresses that failed.
        under_way: Addresses that were begun and not ended.
        errors: Terraform's errors.
    """

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    under_way: dict[str, None] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Take the next line; what is not JSON is skipped."""
        try:
            message = json.loads(line)
        except ValueError:
            return
        match message:
            case {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": str(summary), **more}}:
                self.errors.append(f"{summary}: {more.get('detail', '')}".rstrip(": "))
            case {"type": str(kind), "hook": {"resource": {"addr": str(address)}, "action": str(action)}}:
                self._hook(kind, address, action)

    def _hook(self, kind: str, address: str, action: str) -> None:
        if kind == STARTED:
            self.under_way[address] = None
        elif kind in {DONE, FAILED}:
            self.under_way.pop(address, None)
            if kind == FAILED:
                self.failed.append(address)
            elif action in PAST:
                self.done.append(f"{address} ({PAST[action]})")


@dataclass(frozen=True, kw_only=True)
class Apply:
    """How reviewed plans are applied.

    Attributes:
        folder: Where the plan files are.
        environment: Terraform's whole environment.
        lock_timeout: How long it waits for another run, such as `5m`.
        log: Folder of the logs.
        say: Prints one line to the person who waits.
    """

    folder: Path
    environment: Mapping[str, str]
    lock_timeout: str
    log: Path
    say: Callable[[str], None]

    def run(self, stacks: Sequence[Stack], expected: str) -> int:
        """Apply all reviewed plans; return how many changes were made.

        Args:
            stacks: The synthesized stacks.
            expected: The digest that the report showed. Empty: whatever lies in the folder.

        Raises:
            ProblemsError: Something is not what was reviewed, or out of date; nothing was applied.
            Failure: The report was guarded, or an apply failed; the message says what is applied and what is not.
        """
        reviewed = saved.load(self.folder)
        self._accept(reviewed, stacks, expected)
        known = {stack.name: stack for stack in stacks}
        done: list[tuple[str, int]] = []
        for number, entry in enumerate(reviewed.stacks):
            progress, code = self._apply(known[entry.stack], entry)
            if code:
                raise Failure("\n".join(_what_is_applied(reviewed, number, done, progress, self._log(entry))))
            self.say(f"  {entry.stack}: applied, {amount(len(progress.done), 'change')}")
            done.append((entry.stack, len(progress.done)))
        if reviewed.waiting:
            self.say(f"not planned yet, plan again for them: {', '.join(reviewed.waiting)}")
        return sum(number for _, number in done)

    def _accept(self, reviewed: Reviewed, stacks: Sequence[Stack], expected: str) -> None:
        """Refuse what is not what was reviewed, before anything is applied."""
        if expected and expected != reviewed.digest:
            raise ProblemsError.one(
                str(self.folder), "is not what was reviewed", found=reviewed.digest, allowed=expected
            )
        if reviewed.exit_code in {Exit.GUARDED, Exit.ERROR}:
            raise Failure(
                f"{self.folder}: these plans must not be applied, their report says: {reviewed.verdict}; allow in the"
                " guard file what may happen, then plan again",
                Exit.GUARDED,
            )
        problems = list(saved.different(self.folder, reviewed, stacks))
        if problems:
            raise ProblemsError(problems)
        known = {stack.name: stack for stack in stacks}
        stale = [problem for entry in reviewed.stacks for problem in self._stale(known[entry.stack], entry)]
        if stale:
            raise ProblemsError(stale)

    def _stale(self, stack: Stack, entry: Entry) -> Iterator[Problem]:
        """Yield whether a state is no longer the one that a plan was made on."""
        initialize(stack, self.environment, self.say)
        done = run(["state", "pull"], stack.folder, self.environment)
        if done.returncode:
            raise Failure("\n".join([f"the state of {stack.name} cannot be read:", *tail(done.stderr)]))
        state = json.loads(done.stdout) if done.stdout.strip() else {}
        found = (str(state.get("lineage", "")), int(state.get("serial", 0)))
        if entry.lineage == "" and not state.get("resources") and not state.get("outputs"):
            return  # it was planned before there was a state, and there still is nothing in it
        if found != (entry.lineage, entry.serial):
            yield Problem(
                where=stack.name,
                what="its plan is stale: the state has changed since",
                found=f"serial {found[1]}" + ("" if found[0] == entry.lineage else f" of another lineage {found[0]}"),
                allowed=f"serial {entry.serial}; plan and review again",
            )

    def _apply(self, stack: Stack, entry: Entry) -> tuple[Progress, int]:
        progress = Progress()
        plan = (self.folder / f"{entry.stack}{SUFFIX}").absolute()
        self.say(f"  {entry.stack}: applying plan {entry.plan[:12]}")
        result = run_tool(
            ["terraform", "apply", "-json", "-input=false", f"-lock-timeout={self.lock_timeout}", plan],
            folder=stack.folder,
            environment=dict(self.environment),
            log=self._log(entry),
            hear=progress.hear,
            began=lambda _: None,
            say=self.say,
        )
        return progress, result.code or result.interruptions

    def _log(self, entry: Entry) -> Path:
        return self.log / f"{entry.stack}-apply.log"


def _what_is_applied(
    reviewed: Reviewed, number: int, done: Sequence[tuple[str, int]], progress: Progress, log: Path
) -> Iterator[str]:
    failed = reviewed.stacks[number].stack
    yield f"{failed} failed; nothing after it was applied"
    yield from (f"  {error}" for error in progress.errors or ["Terraform gave no reason"])
    yield "applied:" if done or progress.done else "applied: nothing"
    yield from (f"  {stack}: all of it, {amount(changed, 'change')}" for stack, changed in done)
    yield from (f"  {failed}: {resource}" for resource in progress.done)
    yield "not applied:"
    yield from (f"  {failed}: {address} (failed)" for address in progress.failed)
    yield from (f"  {failed}: {address} (was under way, look at it)" for address in progress.under_way)
    yield f"  {failed}: what else its plan holds"
    yield from (f"  {entry.stack}: all of it" for entry in reviewed.stacks[number + 1 :])
    yield f"plan and review again, then apply; the full log is {log}"
