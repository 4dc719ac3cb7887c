"""What a card-data rule is: a promise, the requirement it comes from, and how the configuration shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lifeboat.evidence.configuration import Configuration, Resource


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one resource says about one rule.

    Attributes:
        address: The resource, as `<stack>:<type>.<name>`.
        is_kept: Whether it keeps the rule.
        why: What was found; for a broken rule, what is missing.
    """

    address: str
    is_kept: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        name: Short and permanent.
        requirements: Numbers of PCI DSS v4.0.1.
        promise: What holds when it is kept, in one sentence.
        look: Looks at everything that the rule is about. Nothing found: the rule does not apply.
    """

    name: str
    requirements: tuple[str, ...]
    promise: str
    look: Callable[[Configuration], Iterable[Finding]]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one rule."""

    rule: Rule
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> str:
        """`kept`, `not kept`, or `does not apply` where there is nothing that it is about."""
        if not self.findings:
            return "does not apply"
        return "kept" if all(finding.is_kept for finding in self.findings) else "not kept"


def judge(rules: Iterable[Rule], configuration: Configuration) -> list[Verdict]:
    """Look at every rule."""
    return [Verdict(rule=rule, findings=tuple(rule.look(configuration))) for rule in rules]


def finding(resource: Resource, why: str, *, kept: bool) -> Finding:
    """Say what a resource shows."""
    return Finding(address=resource.address, is_kept=kept, why=why)


def shown(resource: Resource, *, kept: bool, good: str, bad: str) -> Finding:
    """Say what a resource shows, in the words for either outcome."""
    return finding(resource, good if kept else bad, kept=kept)
