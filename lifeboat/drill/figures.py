"""The figures of a drill in words, against the objectives: the same in HTML and Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from lifeboat.drill.direct import Act, Evidence
from lifeboat.drill.measure import Tally

NAMES = {"write": "orders written", "read": "orders read", "row": "rows in PostgreSQL"}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured value.

    Attributes:
        name: What was measured.
        value: In words.
        objective: What it is held against. Empty: nothing.
        share: Of the objective, 0 to 1 and more. None: there is no objective.
    """

    name: str
    value: str
    objective: str = ""
    share: float | None = None


def seconds(value: float | None) -> str:
    """Write a time."""
    if value is None:
        return "none"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.1f} min"


def headline(evidence: Evidence) -> list[Figure]:
    """Return what a person asks first: scenarios, the slowest recovery, the largest loss."""
    acts = evidence.acts
    recoveries = [each.measured.rto_on_aws for each in acts if each.measured.rto_on_aws is not None]
    measured = [each.measured.rto for each in acts if each.measured.rto is not None]
    slowest, loss = max(recoveries, default=None), max((each.measured.rpo for each in acts), default=0.0)
    return [
        Figure(name="scenarios", value=f"{sum(each.passed for each in acts)} of {len(acts)} passed"),
        Figure(name="slowest recovery, measured", value=seconds(max(measured, default=None))),
        Figure(
            name="the same with AWS's health check intervals",
            value=seconds(slowest),
            objective=f"RTO {seconds(evidence.rto_seconds)}",
            share=None if slowest is None else slowest / evidence.rto_seconds,
        ),
        Figure(
            name="oldest acknowledged write that was lost",
            value=seconds(loss),
            objective=f"RPO {seconds(evidence.rpo_seconds)}",
            share=loss / evidence.rpo_seconds,
        ),
    ]


def figures(act: Act, evidence: Evidence) -> list[Figure]:
    """Return the figures of one scenario."""
    found = act.measured
    return [
        Figure(name="detection", value=seconds(found.detection)),
        Figure(name="decision", value=seconds(found.decision)),
        Figure(name="order until writes opened", value=seconds(found.opening)),
        Figure(name="the machine, beyond its waits", value=seconds(found.overhead)),
        Figure(
            name="RTO",
            value=seconds(found.rto) + (f" ({seconds(found.rto_on_aws)} with AWS's intervals)" if found.rto else ""),
            objective=seconds(evidence.rto_seconds),
            share=None if found.rto_on_aws is None else found.rto_on_aws / evidence.rto_seconds,
        ),
        Figure(
            name="RPO",
            value=seconds(found.rpo),
            objective=seconds(evidence.rpo_seconds),
            share=found.rpo / evidence.rpo_seconds,
        ),
        Figure(
            name="orders missing when writes opened", value=f"{found.lost_orders}, {found.returned_orders} came back"
        ),
        Figure(name="orders taken by an old primary before it heard", value=str(found.unaware_writes)),
        Figure(name="rows missing in PostgreSQL then", value=str(found.lost_rows)),
        Figure(name="calls of the recovery to what was dark", value=str(len(found.recovery_calls))),
        *(Figure(name=NAMES[kind], value=_tally(each)) for kind, each in found.tallies.items() if each.tried),
    ]


def _tally(tally: Tally) -> str:
    refused = ", ".join(f"{count} times {why}" for why, count in tally.refused.items())
    return f"{tally.acknowledged} of {tally.tried}, longest outage {seconds(tally.outage_seconds)}" + (
        f"; {refused}" if refused else ""
    )
