"""The report: what changes, stack by stack, what that means, and how the command ends.

Its parts are msgspec structures, so that the JSON output and its published schema come from these very lines.
No secret is in it: values are masked when a report is built, so that no renderer can forget to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from lifeboat.failure import Exit
from lifeboat.report.actions import SYMBOLS, WORDS, Action, Kind, amount, counted

__all__ = [
    "ABSENT",
    "SECRET",
    "SYMBOLS",
    "UNKNOWN",
    "WORDS",
    "Action",
    "Change",
    "Difference",
    "Finding",
    "Kind",
    "Known",
    "Report",
    "Section",
    "Severity",
    "Shown",
    "amount",
    "counted",
    "ranked",
]


class Severity(StrEnum):
    """How much a finding matters, the gravest first. `guarded` ends the command with 3 unless it is allowed."""

    GUARDED = "guarded"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NOTE = "note"


class Known(StrEnum):
    """Why a value is shown, or not."""

    KNOWN = "known"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    SECRET = "secret"  # noqa: S105 the word, not a secret


class Shown(Struct, frozen=True, gc=False, omit_defaults=True):
    """One side of a difference.

    Attributes:
        known: Whether there is a value, and whether it may be seen.
        text: The value as JSON, secrets inside it masked. Empty unless `known`.
    """

    known: Known = Known.KNOWN
    text: str = ""


ABSENT = Shown(known=Known.ABSENT)
UNKNOWN = Shown(known=Known.UNKNOWN)
SECRET = Shown(known=Known.SECRET)


class Difference(Struct, frozen=True, gc=False, omit_defaults=True):
    """One value that differs.

    Attributes:
        path: Where in the resource, such as `policy.Statement["Read"].Action` or `ingress[0].from_port`.
        before: What is there now.
        after: What will be there.
        forces_replacement: Whether it cannot be changed in place.
    """

    path: str
    before: Shown
    after: Shown
    forces_replacement: bool = False


class Change(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What happens to one resource or output.

    Attributes:
        action: What happens. `move` and `import`: nothing else does.
        address: Terraform's address; an output's name.
        type: Such as `aws_s3_bucket`. Empty for an output.
        construct_path: The construct that made it. Empty where the stack's JSON is not at hand.
        region: Where it is. Empty: not known, or everywhere.
        previous_address: Where the state has it until now. Empty: it does not move.
        import_id: What it is imported from. Empty: it is not imported.
        deposed: Key of the object that a failed replacement left behind. Empty: the current object.
        reasons: Why, in sentences; the arguments that force a replacement among them.
        differences: What differs, masked.
        after_apply: Attributes that have no value now and get one by the apply.
        holds_data: Whether the type keeps data that is lost with it.
    """

    action: Action
    address: str
    type: str = ""
    construct_path: str = ""
    region: str = ""
    previous_address: str = ""
    import_id: str = ""
    deposed: str = ""
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    after_apply: tuple[str, ...] = ()
    holds_data: bool = False


class Finding(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something that a reviewer has to know.

    Attributes:
        severity: How much it matters.
        rule: Its permanent name, such as `data-loss`.
        title: What would happen, in one sentence without a final full stop.
        address: The resource. Empty: the stack, or all of them.
        construct_path: The construct that made it. Empty: not known.
        stack: The stack. Empty: all of them.
        evidence: What shows it.
        advice: What to do about it.
        file: File that it concerns, as seen from the project. Empty: none.
        allowed: Why and until when it is allowed. Empty: it is not.
    """

    severity: Severity
    rule: str
    title: str
    address: str = ""
    construct_path: str = ""
    stack: str = ""
    evidence: str = ""
    advice: str = ""
    file: str = ""
    allowed: str = ""

    @property
    def guards(self) -> bool:
        """Whether it stands in the way."""
        return self.severity is Severity.GUARDED and not self.allowed


class Section(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stack.

    Attributes:
        stack: Its name.
        region: Where it is. Empty: not known, or in several regions.
        depends_on: Stacks that are applied before it.
        changes: Resources that change.
        outputs: Outputs that change.
        drift: What somebody changed outside of Terraform.
        noise: Drift that says nothing: empty for absent, time stamps, what another resource manages.
        deferred: What Terraform puts off to a later plan.
        reads: Data sources that are read during the apply.
        unchanged: How many resources stay as they are.
        notes: What else there is to know, in sentences.
        waits_for: Stacks without which it cannot be planned. Empty: it is planned.
        plan: SHA-256 of the plan file. Empty: there is none.
        errored: Whether Terraform stopped with an error, so that this is not all of it.
    """

    stack: str
    region: str = ""
    depends_on: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    outputs: tuple[Change, ...] = ()
    drift: tuple[Change, ...] = ()
    noise: tuple[Change, ...] = ()
    deferred: tuple[Change, ...] = ()
    reads: tuple[str, ...] = ()
    unchanged: int = 0
    notes: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    plan: str = ""
    errored: bool = False

    @property
    def has_changes(self) -> bool:
        """Whether an apply, or a plan after it, would do anything."""
        return bool(self.changes or self.outputs or self.drift or self.deferred or self.waits_for)

    @property
    def counts(self) -> Counter[Action]:
        """How many resources each action concerns. A resource that moves or is imported counts there as well."""
        found = Counter(change.action for change in self.changes)
        found[Action.MOVE] += sum(1 for each in self.changes if each.previous_address and each.action != Action.MOVE)
        found[Action.IMPORT] += sum(1 for each in self.changes if each.import_id and each.action != Action.IMPORT)
        return found


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that a reviewer sees.

    Attributes:
        kind: Which command made it.
        title: One line: what is compared or planned.
        sections: The stacks, in the order in which they are applied.
        findings: What it means.
        notes: What concerns no stack alone, in sentences.
        digest: What `lifeboat apply --reviewed` is given: it names exactly these plan files. Empty: none are kept.
    """

    kind: Kind
    title: str
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    digest: str = ""

    @property
    def guarded(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return tuple(finding for finding in self.findings if finding.guards)

    @property
    def exit_code(self) -> Exit:
        """How the command ends: 0 nothing, 1 a plan is incomplete, 2 changes, 3 guarded."""
        if any(section.errored for section in self.sections):
            return Exit.ERROR
        if self.guarded:
            return Exit.GUARDED
        return Exit.CHANGES if any(section.has_changes for section in self.sections) else Exit.OK

    @property
    def counts(self) -> Counter[Action]:
        """How many resources each action concerns, in all stacks."""
        found: Counter[Action] = Counter()
        for section in self.sections:
            found.update(section.counts)
        return found

    @property
    def verdict(self) -> str:
        """The whole report in one line."""
        head = {
            Exit.OK: "No changes",
            Exit.ERROR: "ERROR, a plan is incomplete",
            Exit.CHANGES: "Changes",
            Exit.GUARDED: f"GUARDED, {len(self.guarded)} in the way",
        }[self.exit_code]
        return f"{head}: {', '.join(self._facts())}"

    def _facts(self) -> Iterator[str]:
        yield amount(len(self.sections), "stack")
        yield from counted(self.kind, self.counts)
        for what, number in (
            ("output", sum(len(section.outputs) for section in self.sections)),
            ("drifted resource", sum(len(section.drift) for section in self.sections)),
            ("deferred resource", sum(len(section.deferred) for section in self.sections)),
            ("stack that must wait", sum(1 for section in self.sections if section.waits_for)),
        ):
            if number:
                yield amount(number, what) if what != "output" else amount(number, "changed output")
        high = sum(1 for finding in self.findings if finding.severity is Severity.HIGH and not finding.allowed)
        if high:
            yield amount(high, "grave finding")


def ranked(findings: tuple[Finding, ...]) -> list[Finding]:
    """Put the gravest findings first; those that are allowed behind those that are not."""
    order = {severity: number for number, severity in enumerate(Severity)}
    return sorted(findings, key=lambda each: (bool(each.allowed), order[each.severity], each.stack, each.address))
