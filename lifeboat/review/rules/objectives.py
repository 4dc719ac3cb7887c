"""Objectives: promises that a change lowers, and promises that the design no longer keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.problems import ProblemsError
from lifeboat.report.model import Severity
from lifeboat.review.comparison import Comparison
from lifeboat.review.rules.rule import Found, Rule
from lifeboat.review.rules.settings import Setting, finder, more

if TYPE_CHECKING:
    from deployments.objectives import Budget

STRENGTH = ("backup-restore", "pilot-light", "warm-standby", "active-active")
"""Strategies, the slowest recovery first:
https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/disaster-recovery-options-in-the-cloud.html"""
FOLDER = "deployments"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What one stage of a system promises, and whether it can keep that.

    Attributes:
        strategy: Its strategy.
        regions: Its regions, the primary first.
        plan: The arithmetic.
        rpo_seconds: The system's RPO.
    """

    strategy: str
    regions: tuple[str, ...]
    plan: Budget
    rpo_seconds: int


def _promises(comparison: Comparison) -> Iterator[tuple[str, str, Promise | None, Promise]]:
    """Yield file, stage, and the promises of base and head, where the file changed."""
    base, head = comparison.descriptions
    for name, text in head.items():
        if base.get(name) == text:
            continue
        before, after = _read(name, base.get(name, "")), _read(name, text)
        for stage, promise in after.items():
            yield f"{FOLDER}/{name}", stage, before.get(stage), promise


def _read(name: str, text: str) -> Mapping[str, Promise]:
    """Read a description for each of its stages. Empty: it is none that this version understands."""
    if not text:
        return {}
    from deployments.load import read  # noqa: PLC0415 pydantic is not everybody's need
    from deployments.objectives import budget  # noqa: PLC0415 with the above
    from deployments.stages import STAGES  # noqa: PLC0415 with the above
    from lifeboat.objectives import described  # noqa: PLC0415 with the above

    found = {}
    with tempfile.TemporaryDirectory(prefix="lifeboat-review-") as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        try:
            stages = read(path).get(STAGES)
            for stage in stages if isinstance(stages, dict) and stages else {"dev": {}}:
                spec, _ = described(path, stage.replace("*", "1"))
                found[stage] = Promise(
                    strategy=spec.strategy,
                    regions=tuple(region.name for region in spec.regions),
                    plan=budget(spec),
                    rpo_seconds=spec.objectives.rpo_seconds,
                )
        except ProblemsError:
            return {}
    return found


def _broken(comparison: Comparison) -> Iterator[Found]:
    for file, stage, before, after in _promises(comparison):
        if after.plan.is_kept or (before and not before.plan.is_kept):
            continue
        for evidence in _why(after):
            yield Found(title=f"{stage}: an objective can no longer be kept", evidence=evidence, file=file)


def _why(promise: Promise) -> Iterator[str]:
    plan = promise.plan
    if plan.seconds > plan.rto_seconds:
        yield f"RTO {plan.rto_seconds} s, but recovery takes {plan.seconds} s, {plan.longest.tier} the longest"
    for loss in plan.losses:
        if not loss.is_kept:
            yield f"{loss.tier}: RPO {loss.objective} s, reachable {loss.reachable} s: {loss.why}"


def _lowered(comparison: Comparison) -> Iterator[Found]:
    for file, stage, before, after in _promises(comparison):
        if before is None:
            continue
        for what, old, new in (
            ("RTO", before.plan.rto_seconds, after.plan.rto_seconds),
            ("RPO", before.rpo_seconds, after.rpo_seconds),
        ):
            if new > old:
                yield Found(title=f"{stage}: a looser {what} is promised", evidence=f"{old} s → {new} s", file=file)
        if STRENGTH.index(after.strategy) < STRENGTH.index(before.strategy):
            evidence = (
                f"{before.strategy} → {after.strategy}; recovery {before.plan.seconds} s → {after.plan.seconds} s"
            )
            yield Found(title=f"{stage}: the strategy is weaker", evidence=evidence, file=file)
        lost = [region for region in before.regions if region not in after.regions]
        if lost:
            evidence = f"{', '.join(before.regions)} → {', '.join(after.regions)}"
            yield Found(title=f"{stage}: {', '.join(lost)} no longer takes part", evidence=evidence, file=file)
        own = {loss.tier: loss.objective for loss in before.plan.losses}
        for loss in after.plan.losses:
            if loss.is_own and loss.objective > own.get(loss.tier, loss.objective):
                evidence = f"{own[loss.tier]} s → {loss.objective} s"
                yield Found(title=f"{stage}: {loss.tier} may lose more", evidence=evidence, file=file)


ENFORCED = (
    Setting(
        types=r"aws_rds_cluster_parameter_group",
        argument=r"parameter\.value",
        check=lambda each: '["rds.global_db_rpo"]' in each.path and more(each),
        title="Aurora lets the standby fall further behind",
    ),
)

RULES = (
    Rule(
        id="objective-broken",
        severity=Severity.HIGH,
        advice="lifeboat objectives shows the arithmetic: change the design, or promise less where all can see it",
        find=_broken,
    ),
    Rule(
        id="objective-lowered",
        severity=Severity.MEDIUM,
        advice="Have the owner of the system agree: this is what the business is promised",
        find=_lowered,
    ),
    Rule(
        id="objective-not-enforced",
        severity=Severity.MEDIUM,
        advice="Keep the enforced RPO at the objective",
        find=finder(*ENFORCED),
    ),
)
