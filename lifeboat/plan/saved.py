"""Plan files that are kept for `lifeboat apply`: what was reviewed is written down, and nothing else is applied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from deployments.problems import Problem, ProblemsError
from lifeboat.failure import Failure
from lifeboat.plan.terraform import SUFFIX, PlanFile, digest_of, planned_state
from lifeboat.report.model import Report
from lifeboat.stacks import Stack

FILE = "reviewed.json"
FORMAT = 1
PREFIX = "sha256:"
LEFT_OUT = {".terraform", ".terraform.lock.hcl", ".terraform.tfstate.lock.info", "errored.tfstate"}
"""What Terraform puts into a stack's folder, which is not what was reviewed."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One reviewed plan.

    Attributes:
        stack: Its stack.
        plan: SHA-256 of the plan file.
        folder: SHA-256 of what is in the stack's folder: its JSON and the archives that the plan refers to.
        lineage: Which state the plan was made on. Empty: there was none.
        serial: Which version of that state.
        depends_on: Stacks before it.
    """

    stack: str
    plan: str
    folder: str
    lineage: str
    serial: int
    depends_on: tuple[str, ...] = ()


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """Plans as they were reviewed, in the order in which they are applied.

    Attributes:
        format: Version of this file.
        verdict: What the report said.
        exit_code: How the report ended: 3 is not applied.
        stacks: The plans.
        waiting: Stacks that could not be planned yet.
        destroy: Whether they destroy everything, the last stack first.
    """

    format: int = FORMAT
    verdict: str
    exit_code: int
    stacks: tuple[Entry, ...]
    waiting: tuple[str, ...] = ()
    destroy: bool = False

    @property
    def digest(self) -> str:
        """What names exactly these plans."""
        return PREFIX + hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def remember(files: Sequence[PlanFile], report: Report, *, destroy: bool) -> Reviewed:
    """Return what is written down about plan files."""
    return Reviewed(
        verdict=report.verdict,
        exit_code=int(report.exit_code),
        stacks=tuple(_entry(file) for file in files),
        waiting=tuple(section.stack for section in report.sections if section.waits_for),
        destroy=destroy,
    )


def save(folder: Path, reviewed: Reviewed) -> None:
    """Write it beside the plan files."""
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(reviewed), indent=2).decode() + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")


def forget(folder: Path) -> None:
    """Remove what an earlier plan left, so that nobody applies half of this and half of that."""
    for path in (folder / FILE, *folder.glob(f"*{SUFFIX}")):
        path.unlink(missing_ok=True)


def load(folder: Path) -> Reviewed:
    """Read what was written down.

    Raises:
        ProblemsError: There is nothing, or it cannot be read.
    """
    path = folder / FILE
    advice = "a folder that `lifeboat plan --save` wrote"
    try:
        reviewed = msgspec.json.decode(path.read_bytes(), type=Reviewed)
    except OSError as error:
        raise ProblemsError.one(str(path), f"cannot be read: {error.strerror}", allowed=advice) from None
    except msgspec.DecodeError as error:
        raise ProblemsError.one(str(path), f"is not what `lifeboat plan` writes: {error}", allowed=advice) from None
    if reviewed.format != FORMAT:
        raise ProblemsError.one(str(path), "has an unknown format", found=str(reviewed.format), allowed=str(FORMAT))
    return reviewed


def different(folder: Path, reviewed: Reviewed, stacks: Sequence[Stack]) -> Iterator[Problem]:
    """Yield what is not as it was reviewed: plan files, synthesized stacks, their order."""
    known = {stack.name: stack for stack in stacks}
    done: set[str] = set()
    for entry in reviewed.stacks:
        path = folder / f"{entry.stack}{SUFFIX}"
        stack = known.get(entry.stack)
        if stack is None:
            yield Problem(where=entry.stack, what="is reviewed, but not among the synthesized stacks")
        elif folder_digest(stack.folder) != entry.folder:
            yield Problem(where=str(stack.folder), what="is not what was planned: synthesize the reviewed commit")
        if not path.exists():
            yield Problem(where=str(path), what="the reviewed plan file is not there")
        elif digest_of(path) != entry.plan:
            yield Problem(where=str(path), what="is another plan than the reviewed one", found=digest_of(path))
        first = {each.stack for each in reviewed.stacks} - done
        late = sorted(set(entry.depends_on) & (done if reviewed.destroy else first))
        if late:
            yield Problem(where=entry.stack, what=f"is in the wrong order with {', '.join(late)}, on which it depends")
        done.add(entry.stack)
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        if path.name.removesuffix(SUFFIX) not in done:
            yield Problem(where=str(path), what="is a plan file that nobody reviewed")


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 of a stack's folder, whatever Terraform keeps there left out."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] not in LEFT_OUT and path.suffix != SUFFIX:
            found.update(f"{'/'.join(parts)}\0{digest_of(path)}\0".encode())
    return found.hexdigest()


def _entry(file: PlanFile) -> Entry:
    lineage, serial = planned_state(file.path)
    if digest_of(file.path) != file.digest:
        raise Failure(f"{file.path}: was changed while it was being inspected")
    return Entry(
        stack=file.stack.name,
        plan=file.digest,
        folder=folder_digest(file.stack.folder),
        lineage=lineage,
        serial=serial,
        depends_on=file.stack.dependencies,
    )
