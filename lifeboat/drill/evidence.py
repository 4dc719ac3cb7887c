"""Evidence: one JSON per drill in a folder of one's choice, beside the report; and what earlier drills measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from lifeboat.drill.direct import Evidence
from lifeboat.drill.record import FORMAT
from lifeboat.failure import Failure
from lifeboat.workspace import write_json

NAME = "drill"
LAST = "last.json"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One drill in the trend.

    Attributes:
        at: When.
        verdict: `passed` or `failed`.
        rto: Longest recovery of all scenarios, with AWS's intervals. None: none was measured.
        rpo: Largest loss that no scenario asked for.
        scenarios: How many were played.
    """

    at: str
    verdict: str
    rto: float | None
    rpo: float
    scenarios: int


def keep(evidence: Evidence, folder: Path) -> Path:
    """Write the evidence; return its file.

    Raises:
        Failure: The folder cannot be written to.
    """
    path = folder / f"{NAME}-{evidence.system}-{evidence.at.replace(':', '').replace('+0000', 'Z')}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(evidence), indent=1) + b"\n")
    except OSError as error:
        raise Failure(f"{folder}: cannot be written to: {error.strerror}") from None
    return path


def remember(evidence: Evidence, folder: Path) -> None:
    """Tell `lifeboat status` of this drill."""
    write_json(folder / evidence.system / LAST, msgspec.to_builtins(point(evidence)))


def trend(folder: Path, system: str) -> list[Point]:
    """Return what the drills of a system measured, oldest first. Files that are none of ours are passed over."""
    return sorted((point(each) for each in _read(folder, system)), key=lambda each: each.at)


def point(evidence: Evidence) -> Point:
    """Reduce a drill to what a trend shows."""
    recoveries = [act.measured.rto_on_aws for act in evidence.acts if act.measured.rto_on_aws is not None]
    unasked = [act.measured.rpo for act in evidence.acts if not _loss_was_asked_for(act.simulated)]
    return Point(
        at=evidence.at,
        verdict=evidence.verdict,
        rto=max(recoveries, default=None),
        rpo=max(unasked, default=0.0),
        scenarios=len(evidence.acts),
    )


def _loss_was_asked_for(simulated: tuple[str, ...]) -> bool:
    return any("RPO" in each for each in simulated)


def _read(folder: Path, system: str) -> Iterator[Evidence]:
    for path in sorted(folder.glob(f"{NAME}-{system}-*.json")):
        try:
            found = msgspec.json.decode(path.read_bytes(), type=Evidence)
        except (OSError, msgspec.DecodeError):
            continue
        if found.format == FORMAT and found.system == system:
            yield found
