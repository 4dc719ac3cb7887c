"""What the command line means by BASE and HEAD: a folder, a git revision, or the working tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from deployments.problems import Problem, ProblemsError
from lifeboat.review.files import Side, folder_files, read_side
from lifeboat.review.revisions import commit, repository, revision_files

SNAPSHOTS = "tests/unit/__snapshots__"
DESCRIPTIONS = "deployments"
OUT = "cdktf.out"
SHORT = 12

Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a side comes from.

    Attributes:
        text: What the person wrote. Empty: the working tree.
        folder: The folder. None: it is a revision.
        top: Top of the repository. None: no repository is involved.
        commit: The revision's commit. Empty: it is a folder.
    """

    text: str
    folder: Path | None = None
    top: Path | None = None
    commit: str = ""

    @property
    def shown(self) -> str:
        """How the report calls it."""
        if self.commit and not self.commit.startswith(self.text):
            return f"{self.text} ({self.commit[:SHORT]})"
        return (
            (self.text if len(self.text) < SHORT else self.text[:SHORT]) if self.commit else self.text or "working tree"
        )


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where files are looked for inside a revision.

    Attributes:
        repository: A folder of the repository.
        snapshots: Folder of the snapshots, from the top of the repository.
        descriptions: Folder of the deployments' files, from the top of the repository.
    """

    repository: Path
    snapshots: str = SNAPSHOTS
    descriptions: str = DESCRIPTIONS


def origins(base: str, head: str | None, places: Places) -> tuple[Origin, Origin]:
    """Find out what both sides are.

    Raises:
        ProblemsError: With what is wrong with either.
    """
    problems: list[Problem] = []
    found = [_caught(partial(_origin, text, places), problems) for text in (base, head or "")]
    first, second = found
    if first is None or second is None:
        raise ProblemsError(problems)
    return first, second


def read_sides(
    base: Origin, head: Origin, places: Places, outs: Sequence[Path | None] = (None, None)
) -> tuple[Side, Side]:
    """Read both sides.

    Args:
        base: The base.
        head: The head.
        places: Where a revision has what.
        outs: The `cdktf.out` of both, whose stacks stand in for snapshots of the same name. Absent: there are none.

    Raises:
        ProblemsError: With the problems of both at once; neither has any stack.
    """
    problems: list[Problem] = []
    found = [_caught(partial(_side, each, places, out), problems) for each, out in zip((base, head), outs, strict=True)]
    first, second = found
    if first is None or second is None:
        raise ProblemsError(problems)
    if not first.stacks and not second.stacks:
        where = places.snapshots if base.commit or head.commit else str(head.folder)
        raise ProblemsError.one(
            where, "holds no synthesized stacks, in base and head", allowed="snapshots or cdktf.out"
        )
    if not first.stacks:
        first = replace(first, notes=(*first.notes, f"{base.shown} has no stacks: everything is new"))
    return first, second


def _caught(read: Callable[[], Thing], problems: list[Problem]) -> Thing | None:
    try:
        return read()
    except ProblemsError as error:
        problems += error.problems
        return None


def _origin(text: str, places: Places) -> Origin:
    folder = Path(text)
    if not text:
        return Origin(
            text="", folder=repository(places.repository) / places.snapshots, top=repository(places.repository)
        )
    is_path = text.startswith((".", "/", "~")) or text.endswith("/")
    if is_path and not folder.expanduser().is_dir():
        raise ProblemsError.one(text, "no such folder", allowed="a folder of snapshots, a cdktf.out, or a git revision")
    if is_path:
        return Origin(text=text, folder=folder.expanduser())
    try:
        top: Path | None = repository(places.repository)
    except ProblemsError:
        top = None
    found = commit(top, text) if top else ""
    if found and folder.is_dir():
        raise ProblemsError.one(text, "is a folder and a git revision", allowed=f"./{text} or refs/heads/{text}")
    if folder.is_dir():
        return Origin(text=text, folder=folder)
    if not found:
        where = f"of {top}, which a shallow clone may have to fetch first," if top else "(there is no repository here)"
        raise ProblemsError.one(
            text, "no such folder and no such git revision", allowed=f"a revision {where} or a folder"
        )
    return Origin(text=text, top=top, commit=found)


def _side(origin: Origin, places: Places, out: Path | None) -> Side:
    if origin.commit and origin.top:
        where = places.snapshots
        files = revision_files(origin.top, origin.commit, where, ".json")
        texts = revision_files(origin.top, origin.commit, places.descriptions, ".toml")
        descriptions = {name: raw.decode("utf-8", "replace") for name, raw in texts.items()}
    else:
        folder = origin.folder or Path()
        where = places.snapshots if origin.top else str(folder)
        files = folder_files(folder) if folder.is_dir() else {}
        descriptions = _texts(origin.top / places.descriptions) if origin.top else {}
    side = replace(read_side(origin.shown, where, files), descriptions=descriptions)
    if out is None or out == origin.folder:
        return side
    deployed = read_side(origin.shown, OUT, folder_files(out))
    return replace(side, stacks={**side.stacks, **deployed.stacks}, dependencies=deployed.dependencies)


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.toml"))}
