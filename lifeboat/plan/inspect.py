"""Plans become a report: what happens, stack by stack, and what that means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lifeboat.plan.allowances import Guards
from lifeboat.plan.changes import Builder
from lifeboat.plan.configuration import Configuration, base
from lifeboat.plan.drift import is_noise, relevant_attributes
from lifeboat.plan.facts import TOUCHED, Facts, Touched, keeps
from lifeboat.plan.format import NULL, Plan, ResourceChange, decode
from lifeboat.plan.grants import Grants
from lifeboat.plan.guards import check
from lifeboat.plan.reasons import DEFERRED, Cause
from lifeboat.plan.secrets import marked_values
from lifeboat.report.model import Action, Change, Finding, Kind, Report, Section, Severity, amount
from lifeboat.report.secrets import Scrubber
from lifeboat.report.systems import region_in
from lifeboat.report.values import Comparison

NO_OP = ("no-op",)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A stack and its plan.

    Attributes:
        stack: Its name.
        plan: The plan. None: it cannot be planned before others are applied.
        depends_on: Stacks before it.
        waits_for: Those of them without which it cannot be planned.
        constructs: Construct paths by address without keys.
        digest: SHA-256 of the plan file. Empty: there is none.
        notes: What else there is to know.
    """

    stack: str
    plan: Plan | None
    depends_on: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    constructs: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    notes: tuple[str, ...] = ()


class Inspection:
    """Reads plans one after the other, in the order in which they are applied, and forgets each when it is read."""

    def __init__(self, guards: Guards) -> None:
        self._guards = guards
        self._secrets: set[str] = set()
        self._sections: list[Section] = []
        self._facts: list[Facts] = []
        self._findings: list[Finding] = []

    def add(self, planned: Planned) -> Section:
        """Read the plan of the next stack."""
        if planned.plan is None:
            section = Section(
                stack=planned.stack,
                region=region_in(planned.stack),
                depends_on=planned.depends_on,
                waits_for=planned.waits_for,
                notes=planned.notes,
            )
        else:
            section = self._read(planned, planned.plan)
        self._sections.append(section)
        return section

    def report(self, *, title: str = "", digest: str = "", notes: tuple[str, ...] = ()) -> Report:
        """Return the report of all stacks that were added."""
        findings = (*check(self._facts, self._guards), *self._findings, *_late(self._sections))
        return Report(
            kind=Kind.PLAN,
            title=title or f"Terraform plan of {amount(len(self._sections), 'stack')}",
            sections=tuple(self._sections),
            findings=findings,
            notes=notes,
            digest=digest,
        )

    def _read(self, planned: Planned, plan: Plan) -> Section:
        configuration = Configuration(plan.configuration)
        self._secrets |= marked_values(plan, configuration)
        region = configuration.regions[0] if len(configuration.regions) == 1 else ""
        region = region or ("" if configuration.regions else region_in(planned.stack))
        builder = Builder(
            comparison=Comparison(Scrubber(self._secrets)),
            region_of=configuration.region_of,
            constructs=planned.constructs,
            cause=_causes(plan, configuration),
            data_types=self._guards.data_types,
        )
        changes, touched, reads, quiet = _changes(plan.resource_changes, builder)
        kept = [entry for entry in plan.resource_changes if keeps(entry)]
        where = ((entry.type, configuration.region_of(entry.address) or region) for entry in kept)
        self._facts.append(Facts(stack=planned.stack, region=region, touched=tuple(touched), kept=frozenset(where)))
        drift, noise = _drift(plan, builder)
        outputs = (builder.output(name, raw) for name, raw in plan.output_changes.items())
        section = Section(
            stack=planned.stack,
            region=region,
            depends_on=planned.depends_on,
            changes=tuple(changes),
            outputs=tuple(change for change in outputs if change),
            drift=tuple(drift),
            noise=tuple(noise),
            deferred=tuple(_deferred(plan, builder)),
            reads=tuple(reads),
            unchanged=quiet,
            notes=(*planned.notes, *_notes(plan)),
            plan=planned.digest,
            errored=plan.errored,
        )
        self._findings += _stack_findings(section, plan)
        return section


def inspect(planned: Iterable[Planned], guards: Guards, *, title: str = "") -> Report:
    """Return the report of plans, given in the order in which they are applied."""
    inspection = Inspection(guards)
    for each in planned:
        inspection.add(each)
    return inspection.report(title=title)


def _causes(plan: Plan, configuration: Configuration) -> Cause:
    """Return what tells why an argument is not known yet."""
    fates: dict[str, tuple[str, ...]] = {}
    for entry in plan.resource_changes:
        if entry.change.actions != NO_OP:
            # What refers to a resource seldom says which of its instances: the gravest fate is told.
            address = base(entry.address)
            fates[address] = max(fates.get(address, ()), entry.change.actions, key=len)

    def cause(address: str, argument: str) -> str:
        found = (_fate(each, fates) for each in configuration.references(address, argument))
        return " and ".join(dict.fromkeys(each for each in found if each))

    return cause


def _changes(entries: Iterable[ResourceChange], builder: Builder) -> tuple[list[Change], list[Touched], list[str], int]:
    """Return the changes, those of them that the guards look at, the data sources to be read, and how many stay."""
    changes: list[Change] = []
    touched: list[Touched] = []
    reads: list[str] = []
    quiet = 0
    for entry in entries:
        if entry.mode == "data":
            if entry.change.actions != NO_OP:
                reads.append(entry.address)
            continue
        change = builder.change(entry)
        if change is None:
            quiet += 1
            continue
        changes.append(change)
        if change.action in TOUCHED or change.action is Action.FORGET:
            touched.append(Touched(change, entry))
    return changes, touched, reads, quiet


def _drift(plan: Plan, builder: Builder) -> tuple[list[Change], list[Change]]:
    """Return the drift that matters, and the rest."""
    if not plan.resource_drift:
        return [], []
    changing = {entry.address for entry in plan.resource_changes if entry.change.actions not in {NO_OP, ("read",)}}
    relevant = relevant_attributes(plan)
    grants = Grants(plan.resource_changes)
    drift: list[Change] = []
    noise: list[Change] = []
    for entry in plan.resource_drift:
        if entry.mode == "data":
            continue
        change = builder.change(entry)
        if change is None or change.action in {Action.MOVE, Action.IMPORT}:
            continue
        said = ["it was destroyed outside of Terraform"] if change.action is Action.DESTROY else []
        said += ["this plan sets it right"] if entry.address in changing else []
        change = msgspec.structs.replace(change, reasons=(*said,))
        (noise if is_noise(entry, changing, relevant, grants) else drift).append(change)
    return drift, noise


def _deferred(plan: Plan, builder: Builder) -> Iterator[Change]:
    for each in plan.deferred_changes:
        change = builder.change(each.resource_change) if each.resource_change else None
        if change:
            reason = DEFERRED.get(each.reason, each.reason or "Terraform gives no reason")
            yield msgspec.structs.replace(change, reasons=(f"put off: {reason}", *change.reasons))


def _notes(plan: Plan) -> Iterator[str]:
    if not plan.is_known:
        yield f"format {plan.format_version} of the plan is not known here: what is known of it was read"
    if plan.complete is False:
        yield "after this apply another plan is needed: Terraform could not plan everything at once"


def _stack_findings(section: Section, plan: Plan) -> Iterator[Finding]:
    if plan.errored:
        yield Finding(
            severity=Severity.HIGH,
            rule="plan-errored",
            title=f"the plan of {section.stack} is incomplete: Terraform stopped with an error",
            stack=section.stack,
            evidence="the plan says errored",
            advice="put right what `terraform plan` complains about, then plan again; it cannot be applied",
        )
    for change in section.drift:
        if change.action is Action.DESTROY and change.holds_data:
            yield Finding(
                severity=Severity.HIGH,
                rule="data-gone",
                title=f"{change.address} no longer exists: it was destroyed outside of Terraform",
                address=change.address,
                construct_path=change.construct_path,
                stack=section.stack,
                advice="find out who did it and restore the data, before an apply makes an empty one",
            )
    for change in section.changes:
        if change.action is Action.UNKNOWN:
            yield Finding(
                severity=Severity.HIGH,
                rule="action-unknown",
                title=f"nobody here knows what Terraform would do to {change.address}",
                address=change.address,
                construct_path=change.construct_path,
                stack=section.stack,
                evidence="; ".join(change.reasons),
                advice="read `terraform show` of this plan, and update Lifeboat",
            )
    yield from _failed_checks(section.stack, plan)


def _failed_checks(stack: str, plan: Plan) -> Iterator[Finding]:
    found: Any = decode(plan.checks) if plan.checks != NULL else []
    for each in found if isinstance(found, list) else []:
        if not isinstance(each, dict) or each.get("status") not in {"fail", "error"}:
            continue
        problems = [
            str(problem.get("message", ""))
            for instance in each.get("instances") or []
            for problem in instance.get("problems") or []
        ]
        address = str((each.get("address") or {}).get("to_display", ""))
        yield Finding(
            severity=Severity.MEDIUM,
            rule="check-failed",
            title=f"the condition of {address} does not hold",
            address=address,
            stack=stack,
            evidence="; ".join(problems),
            advice="make it hold, or take the check out",
        )


def _late(sections: Iterable[Section]) -> Iterator[Finding]:
    """Plans that were made with outputs that will be different when they are applied."""
    changing = {section.stack for section in sections if section.outputs}
    for section in sections:
        late = [each for each in section.depends_on if each in changing]
        if late and section.has_changes and not section.waits_for:
            yield Finding(
                severity=Severity.LOW,
                rule="planned-on-old-outputs",
                title=f"{section.stack} is planned on outputs of {', '.join(late)} that change",
                stack=section.stack,
                evidence="a stack before it changes its outputs in the same go",
                advice="plan again after this apply",
            )


def _fate(address: str, fates: Mapping[str, tuple[str, ...]]) -> str:
    actions = fates.get(address, ())
    if set(actions) >= {"delete", "create"}:
        return f"{address} is replaced"
    return f"{address} is new" if actions == ("create",) else f"{address} changes" if actions == ("update",) else ""
